import { Engine, PlannedBuild } from './engine';
import { JsonProgress } from './json-progress';
import { LiveProgress } from './live-progress';
import { PlainProgress } from './plain-progress';
import { plannedBuilds } from './planned-builds';
import { jsonLine, printableFor } from './printable';
import { Progress } from './progress';
import { QuietProgress } from './quiet-progress';
import { imageDetails } from './registry/image-details';
import { Report, reportText } from './report/report';
import { RunCommandOptions } from './run-options';
import { exitCode, refusedResult, RunResult, runResult } from './run-result';
import { Screen } from './screen';
import { failureLines, referenceLines, timeTable } from './text-result';
import { TRACES_SINCE, withTraceCollector } from './trace/collector';
import { KanikoImage } from '../../kaniko';
import { BuildParameters } from '../../parameters/build-parameters';
import { kanikoImage } from '../../parameters/read-parameters';
import { readBuilds } from '../builds';
import { EXIT, MistakesError, Signal, Terminal } from '../command';
import { writeWhole } from '../write-file';
import { buildLabels, runBuilds } from './run-builds';

/** Reads the builds, runs them, and tells what came of them. @returns the exit code */
export async function runOn(engine: Engine, options: RunCommandOptions, terminal: Terminal): Promise<number> {
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
    // Nothing is made so far, so who gives up waits for no answer.
    const failures = await Promise.race([engine.check(builds), aborted(abort.signal)]);
    if (failures.length > 0) { return { result: refusedResult(builds, failures, seconds()), signal }; }
    const finished = await runBuilds(engine, builds, progress, { concurrency: options.concurrency, keep: options.keep, signal: abort.signal });
    return { result: runResult(finished, seconds()), signal };
  } finally {
    ignoreSignals();
    progress.close();
  }
}

async function aborted(signal: AbortSignal): Promise<never[]> {
  return new Promise(resolve => { signal.addEventListener('abort', () => resolve([])); });
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
