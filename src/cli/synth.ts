import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Yaml } from 'cdk8s';
import { Command, EXIT, MistakesError, Terminal, UsageError } from './command';
import { parseOptions } from './options';
import { runId as runIdCheck } from '../checks';
import { BuildChart } from '../kubernetes/build-chart';
import { BuildParameters } from '../parameters/build-parameters';
import { mistakeText } from '../parameters/build-parameters-file';
import { InfrastructureOutputs } from '../parameters/infrastructure-outputs';
import { readParameters } from '../parameters/read-parameters';

const HELP = `Turns the parameters of image builds into Kubernetes manifests.

Usage: cdk-kaniko synth -f build.yaml [-f more.yaml ...] [options]

Options:
  -f, --file FILE   Parameters in YAML or JSON, one document a build; "-" for
                    standard input. Repeat it for further files.
  -o, --out DIR     Where the manifest is written (default: dist)
  --run-id ID       A build number or the like that becomes part of every
                    name: a Job cannot be changed, so each run needs its own
  --infra FILE      Outputs of the Azure half (cdktf deploy --outputs-file):
                    they fill what the parameters leave open, and a
                    contradiction between the two is a mistake
  --infra-stack NAME
                    Which stack of that file, where it holds several
  -h, --help        Show this help

Writes DIR/kaniko-builds.k8s.yaml and lists its objects; apply it by
"kubectl apply -f DIR/kaniko-builds.k8s.yaml". A file with mistakes is
reported with all of them, and nothing is written.

The parameters: docs/parameters.md, or "cdk-kaniko schema".
`;

const CHART = 'kaniko-builds';

/** An object of a manifest, as far as this command looks at it. */
interface ManifestObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** `cdk-kaniko synth`: parameters to manifests. */
export const synth: Command = {
  summary: 'Parameters of image builds to Kubernetes manifests',
  help: HELP,
  run(argv, terminal) {
    const options = parseOptions(argv, {
      'file': { type: 'string', short: 'f', multiple: true },
      'out': { type: 'string', short: 'o', default: 'dist' },
      'run-id': { type: 'string' },
      'infra': { type: 'string' },
      'infra-stack': { type: 'string' },
    });
    const files = options.file as string[] | undefined ?? [];
    const runId = options['run-id'] as string | undefined;
    if (files.length === 0) { throw new UsageError('no parameters are named; write "-f build.yaml"'); }
    if (files.filter(file => file === '-').length > 1) { throw new UsageError('standard input can be read once, but "-f -" is given twice'); }
    const problem = runId === undefined ? undefined : runIdCheck(runId);
    if (problem !== undefined) { throw new UsageError(`--run-id ${problem}`); }

    const infrastructure = readInfrastructure(options.infra as string | undefined, options['infra-stack'] as string | undefined);
    const objects = synthesize(readFiles(files, terminal, infrastructure), runId);
    const file = write(options.out as string, `${CHART}.k8s.yaml`, Yaml.stringify(...objects));
    terminal.out(`${file}\n${objects.map(describe).join('')}`);
    return EXIT.ok;
  },
};

/** A build and the file that it comes from, for messages. */
interface FileBuild {
  readonly file: string;
  readonly build: BuildParameters;
}

/** The builds of all files, or all mistakes of all files. */
function readFiles(files: readonly string[], terminal: Terminal, infrastructure: InfrastructureOutputs | undefined): FileBuild[] {
  const builds: FileBuild[] = [];
  const mistakes: string[] = [];
  for (const file of files) {
    const name = file === '-' ? 'standard input' : file;
    const text = readFile(file, name, terminal, mistakes);
    if (text === undefined) { continue; }
    const read = readParameters(text, infrastructure);
    builds.push(...read.builds.map(build => ({ file: name, build })));
    mistakes.push(...read.mistakes.map(mistake => mistakeText(name, mistake)));
  }
  if (mistakes.length > 0) { throw new MistakesError(mistakes); }
  return builds;
}

function readInfrastructure(file: string | undefined, stack: string | undefined): InfrastructureOutputs | undefined {
  if (file === undefined) {
    if (stack !== undefined) { throw new UsageError('--infra-stack needs --infra, the file that holds the stack'); }
    return undefined;
  }
  try {
    return InfrastructureOutputs.fromFile(file, stack);
  } catch (error) {
    throw new MistakesError([`${file}: ${withoutPlace(error)}`]);
  }
}

/** The constructs name a place in the tree; a user of files knows files. */
function withoutPlace(error: unknown): string {
  return (error as Error).message.replace(/^\[[^\]]*\] /, '');
}

function readFile(file: string, name: string, terminal: Terminal, mistakes: string[]): string | undefined {
  try {
    return file === '-' ? terminal.stdin() : readFileSync(file, 'utf8');
  } catch (error) {
    mistakes.push(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); check the path and its permissions`);
    return undefined;
  }
}

function synthesize(builds: readonly FileBuild[], runId: string | undefined): ManifestObject[] {
  const app = new App();
  const chart = new BuildChart(app, CHART, { runId });
  const mistakes: string[] = [];
  for (const { file, build } of builds) {
    try {
      chart.addBuild(build);
    } catch (error) {
      mistakes.push(`${file}: ${withoutPlace(error)}`);
    }
  }
  if (mistakes.length > 0) { throw new MistakesError(mistakes); }
  return chart.toJson() as ManifestObject[];
}

/** Writes the file whole or not at all. */
function write(directory: string, name: string, content: string): string {
  const file = join(directory, name);
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    if (isDirectory(directory)) { rmSync(temporary, { force: true }); }
    throw new MistakesError([`${file}: cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); choose another directory by -o`]);
  }
  return file;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function describe({ kind, metadata }: ManifestObject): string {
  return `  ${kind.padEnd(15)}${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}\n`;
}
