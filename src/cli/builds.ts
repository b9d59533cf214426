import { readFileSync } from 'node:fs';
import { App } from 'cdk8s';
import { MistakesError, Terminal, UsageError } from './command';
import { readOrReport } from './read-or-report';
import { runId as runIdCheck, withoutPlace } from '../checks';
import { BuildChart } from '../kubernetes/build-chart';
import { BuildParameters } from '../parameters/build-parameters';
import { mistakeText } from '../parameters/build-parameters-file';
import { InfrastructureOutputs } from '../parameters/infrastructure-outputs';
import { readParameters } from '../parameters/read-parameters';

/** An object of a manifest, as far as commands look at it. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
}

/** The name of the chart, and so of its file. */
export const CHART = 'kaniko-builds';

/** Builds as parameters and as constructs; one is to the other as its index says. */
export interface Builds {
  readonly chart: BuildChart;
  readonly parameters: readonly BuildParameters[];
}

/**
 * All builds that the options name.
 *
 * @throws UsageError for options that do not go together
 * @throws MistakesError with all mistakes of all files
 */
export function readBuilds(values: Readonly<Record<string, unknown>>, terminal: Terminal): Builds {
  const files = values.file as string[] | undefined ?? [];
  const runId = values['run-id'] as string | undefined;
  if (files.length === 0) { throw new UsageError('no parameters are named; write "-f build.yaml"'); }
  if (files.filter(file => file === '-').length > 1) { throw new UsageError('standard input can be read once, but "-f -" is given twice'); }
  const problem = runId === undefined ? undefined : runIdCheck(runId);
  if (problem !== undefined) { throw new UsageError(`--run-id ${problem}`); }
  const infrastructure = readInfrastructure(values.infra as string | undefined, values['infra-stack'] as string | undefined);
  const builds = readFiles(files, terminal, infrastructure);
  return { chart: chartOf(builds, runId), parameters: builds.map(({ build }) => build) };
}

/** A build and where it comes from, for messages. */
interface FileBuild {
  readonly file: string;
  readonly line?: number;
  readonly build: BuildParameters;
}

/** The builds of all files, or all mistakes of all files. */
function readFiles(files: readonly string[], terminal: Terminal, infrastructure: InfrastructureOutputs | undefined): FileBuild[] {
  const builds: FileBuild[] = [];
  const mistakes: string[] = [];
  for (const file of files) {
    const name = file === '-' ? 'standard input' : file;
    const text = readOrReport(name, () => file === '-' ? terminal.stdin() : readFileSync(file, 'utf8'), mistakes);
    if (text === undefined) { continue; }
    const read = readParameters(text, infrastructure);
    builds.push(...read.builds.map((build, index) => ({ file: name, line: read.lines[index], build })));
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

function chartOf(builds: readonly FileBuild[], runId: string | undefined): BuildChart {
  const chart = new BuildChart(new App(), CHART, { runId });
  const mistakes: string[] = [];
  for (const { file, line, build } of builds) {
    try {
      chart.addBuild(build);
    } catch (error) {
      mistakes.push(mistakeText(file, { path: '', line, message: withoutPlace(error) }));
    }
  }
  if (mistakes.length > 0) { throw new MistakesError(mistakes); }
  return chart;
}
