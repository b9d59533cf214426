import { readBuilds } from './builds';
import { Command, EXIT, MistakesError, Signal, Terminal } from './command';
import { Engine, PlannedBuild } from './run/engine';
import { ENGINES, EngineMaker } from './run/engines';
import { JsonProgress } from './run/json-progress';
import { LiveProgress } from './run/live-progress';
import { PlainProgress } from './run/plain-progress';
import { plannedBuilds } from './run/planned-builds';
import { jsonLine, printableFor } from './run/printable';
import { Progress } from './run/progress';
import { QuietProgress } from './run/quiet-progress';
import { imageDetails } from './run/registry/image-details';
import { Report, reportText } from './run/report/report';
import { buildLabels, runBuilds } from './run/run-builds';
import { RunCommandOptions, runCommandOptions } from './run/run-options';
import { exitCode, refusedResult, RunResult, runResult } from './run/run-result';
import { Screen } from './run/screen';
import { failureLines, referenceLines, timeTable } from './run/text-result';
import { TRACES_SINCE, withTraceCollector } from './run/trace/collector';
import { writeWhole } from './write-file';
import { KanikoImage } from '../kaniko';
import { BuildParameters } from '../parameters/build-parameters';
import { kanikoImage } from '../parameters/read-parameters';

const HELP = `Builds images and follows them until they are pushed.

Usage: cdk-kaniko run -f build.yaml [-f more.yaml ...] [options]

Options:
  -f, --file FILE    Parameters in YAML or JSON, one document a build; "-" for
                     standard input. Repeat it for further files.
  --run-id ID        A build number or the like that becomes part of every
                     name (default: six random characters)
  --infra FILE       Outputs of the Azure half, as for "synth"
  --infra-stack NAME Which stack of that file, where it holds several
  --engine ENGINE    Where to build: kubectl, the cluster that kubectl points
                     at, or podman, this machine (default: kubectl)
  --kubeconfig FILE  As kubectl's
  --context NAME     As kubectl's
  --wait-for-node MINUTES
                     How long a cluster may look for a node that a build fits
                     on; 0 where clusters do not grow (default: 5)
  --secret-file FILE For podman: a file with Secrets and ConfigMaps. Repeat it
                     for further files.
  --concurrency N    How many builds at once (default: 4)
  --keep             Keep what was made, also on Ctrl-C
  --quiet            Only warnings, failures and the image's reference
  --output FORMAT    text, or json: one event a line on stdout, the last one
                     of the kind "result" (default: text)
  --report FILE      Write a report: .html (a page of its own), .md (a
                     summary) or .json (the result). Repeat it for several.
  --no-trace         Make reports from times in the log alone, without the
                     container that receives kaniko's trace (v1.28.3 and later)
  -h, --help         Show this help

Prints the reference (image@sha256:...) of each image that was pushed, and
where the time went; progress goes to stderr. Deletes what it made, whether
it went well or not.

Exit codes: 0 every image is pushed; 1 mistakes in parameters; 2 wrong usage;
3 the build failed; 4 the context could not be prepared; 5 the cluster did
not let it run; 6 out of memory or disk; 7 deadline; 8 the registry refused;
9 no cluster or engine; 130, 143, 129 ended by SIGINT, SIGTERM, SIGHUP. Of
several failed builds the first one's, in the order of the files.

Causes and remedies: docs/run.md.
`;

/** `cdk-kaniko run`: parameters to pushed images. */
export const run: Command = runWith(ENGINES);

/** The command with these engines. */
export function runWith(engines: Readonly<Record<string, EngineMaker>>): Command {
  return {
    summary: 'Build images and follow them until they are pushed',
    help: HELP,
    async run(argv, terminal) {
      const options = runCommandOptions(argv, Object.keys(engines));
      // First, so that it gets ready while the builds are read.
      const engine = await engines[options.engine](options.engineSettings);
      try {
        return await runOn(engine, options, terminal);
      } finally {
        await engine.close?.();
      }
    },
  };
}

async function runOn(engine: Engine, options: RunCommandOptions, terminal: Terminal): Promise<number> {
  const { chart, parameters } = readBuilds(options.builds, terminal);
  const begun = new Date();
  const planned = plannedBuilds(chart);
  const builds = options.trace && options.reports.length > 0 ? await withTraces(engine, planned, parameters) : planned;
  const { result, signal } = await follow(engine, builds, options, terminal);
  print(result, options, terminal);
  const code = exitCode(result, signal);
  const written = await writeReports(options.reports, { result, begun, parameters }, terminal);
  return code === EXIT.ok && !written ? EXIT.mistakes : code;
}

/** The builds, with a container that receives the trace where executor and cluster can do that and nobody else gets it. */
async function withTraces(engine: Engine, builds: readonly PlannedBuild[], parameters: readonly BuildParameters[]): Promise<readonly PlannedBuild[]> {
  const tracing = parameters.map(build => build.telemetryEndpoint === undefined && (kanikoImage(build) as KanikoImage).isAtLeast(TRACES_SINCE));
  if (!tracing.includes(true) || await engine.takesSidecars?.() !== true) { return builds; }
  return builds.map((build, index) => tracing[index] ? withTraceCollector(build) : build);
}

/** Runs the builds, until they end or a signal ends them. */
async function follow(
  engine: Engine, builds: readonly PlannedBuild[], options: RunCommandOptions, terminal: Terminal,
): Promise<{ result: RunResult; signal?: Signal }> {
  const begun = Date.now();
  const seconds = () => (Date.now() - begun) / 1000;
  const progress = progressFor(builds, options, terminal);
  const abort = new AbortController();
  let signal: Signal | undefined;
  const ignoreSignals = terminal.onSignal(name => {
    signal = name;
    progress.note(options.keep ? `${name}: what was made is kept` : `${name}: deleting what was made; once more ends at once and leaves it`);
    abort.abort();
  });
  try {
    const failures = await engine.check(builds);
    if (failures.length > 0) { return { result: refusedResult(builds, failures, seconds()), signal }; }
    const finished = await runBuilds(engine, builds, progress, { concurrency: options.concurrency, keep: options.keep, signal: abort.signal });
    return { result: runResult(finished, seconds()), signal };
  } finally {
    ignoreSignals();
    progress.close();
  }
}

function progressFor(builds: readonly PlannedBuild[], { output, quiet }: RunCommandOptions, terminal: Terminal): Progress {
  const printable = printableFor(terminal.environment);
  if (output === 'json') { return new JsonProgress(terminal.out); }
  if (quiet) { return new QuietProgress(terminal.err, printable); }
  const labels = buildLabels(builds);
  const { CI, NO_COLOR, TERM } = terminal.environment;
  // A pipeline may have a terminal too, but nobody who watches it move.
  if (terminal.columns() === undefined || TERM === 'dumb' || CI !== undefined || terminal.environment.TF_BUILD !== undefined) {
    return new PlainProgress(terminal.err, printable, labels);
  }
  // https://no-color.org
  const coloured = NO_COLOR === undefined || NO_COLOR === '';
  return new LiveProgress(new Screen(terminal.err, () => terminal.columns() ?? 80, coloured), printable, labels);
}

function print(result: RunResult, { output, quiet }: RunCommandOptions, terminal: Terminal): void {
  if (output === 'json') {
    terminal.out(`${jsonLine(result)}\n`);
    return;
  }
  terminal.out(`${referenceLines(result)}${quiet ? '' : timeTable(result)}`);
  terminal.err(failureLines(result, printableFor(terminal.environment)));
}

/** Writes all reports that can be written; the answer is whether all were. A build is not undone by a report that cannot. */
async function writeReports(files: readonly string[], told: Omit<Report, 'images'>, terminal: Terminal): Promise<boolean> {
  if (files.length === 0) { return true; }
  const images = await Promise.all(told.result.builds.map(async ({ reference }) =>
    reference === undefined ? undefined : imageDetails(reference, terminal.environment)));
  let written = true;
  for (const file of files) {
    try {
      writeWhole(file, reportText(file, { ...told, images }, printableFor(terminal.environment)), 'name another file by --report');
    } catch (error) {
      if (!(error instanceof MistakesError)) { throw error; }
      terminal.err(error.lines.map(line => `${line}\n`).join(''));
      written = false;
    }
  }
  return written;
}
