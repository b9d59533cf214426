/** The program in the sandbox: starts the cluster, runs the scenarios, prints what came of them. */
import { executors } from './cluster/binaries';
import { Environment } from './environment';
import { currentSandbox } from './sandbox';
import { Trial } from './scenario';
import { scenarios } from './scenarios';
import { inPool } from '../../src/cli/run/in-pool';
import { KanikoBuild } from '../../src/kubernetes';

/** Trials that run beside each other. Each is a team of its own, and a build waits as long as it computes. */
const AT_ONCE = 2;

interface Result {
  readonly title: string;
  readonly executor: string;
  readonly seconds: number;
  readonly failure?: Error;
}

async function main(args: readonly string[]): Promise<number> {
  const keep = args.includes('--keep');
  const names = args.filter(argument => argument !== '--keep');
  const start = Date.now();
  const environment = await Environment.start(executors(), KanikoBuild.DEFAULT_PREPARE_IMAGE);
  console.log(`cluster and servers started in ${secondsSince(start)} s; executors: ${environment.executors.map(({ version }) => version).join(', ')}`);

  const chosen = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));
  const trials = chosen.flatMap(({ name, trials: of }) => of(environment).map(trial => ({ name, trial })));
  const attemptAll = (alone: boolean, atOnce: number) =>
    inPool(trials.filter(({ trial }) => (trial.alone ?? false) === alone), atOnce, ({ name, trial }) => attempt(name, trial));
  const results = [...await attemptAll(false, AT_ONCE), ...await attemptAll(true, 1)];
  report(results);
  console.log(`${results.filter(({ failure }) => !failure).length} of ${results.length} trials passed in ${secondsSince(start)} s`);
  if (keep) await keepRunning(environment);
  return results.some(({ failure }) => failure) ? 1 : 0;
}

async function attempt(scenario: string, trial: Trial): Promise<Result> {
  const start = Date.now();
  let failure: Error | undefined;
  try {
    await trial.run();
  } catch (error) {
    failure = error as Error;
  }
  const result = { title: `${scenario}: ${trial.title}`, executor: trial.executor.version, seconds: secondsSince(start), failure };
  console.log(`${failure ? 'FAILED' : 'passed'}  ${result.title} [${result.executor}] ${result.seconds} s`);
  if (failure) console.log(failure.stack ?? failure.message);
  return result;
}

/** A table of trials by executor: seconds, or that it failed. */
function report(results: readonly Result[]): void {
  const columns = [...new Set(results.map(({ executor }) => executor))];
  const titles = [...new Set(results.map(({ title }) => title))];
  const width = Math.max(...titles.map(title => title.length));
  console.log(`\n${'seconds'.padEnd(width)}${columns.map(column => column.padStart(10)).join('')}`);
  for (const title of titles) {
    const cells = columns.map(column => {
      const result = results.find(candidate => candidate.title === title && candidate.executor === column);
      return (result ? result.failure ? 'FAILED' : String(result.seconds) : '').padStart(10);
    });
    console.log(`${title.padEnd(width)}${cells.join('')}`);
  }
}

async function keepRunning(environment: Environment): Promise<void> {
  console.log(`\nexport KUBECONFIG=${environment.cluster.configForMachine}\nThe cluster stays in ${currentSandbox().folder} until Ctrl-C.`);
  await new Promise(() => setInterval(() => undefined, 1 << 30));
}

function secondsSince(start: number): number {
  return Math.round((Date.now() - start) / 1000);
}

main(process.argv.slice(2)).then(code => process.exit(code), (error: Error) => {
  console.error(error);
  process.exit(1);
});
