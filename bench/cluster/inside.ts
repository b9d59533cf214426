/** The program in the sandbox: starts the cluster, runs benchmarks there, and leaves their outcomes in a file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentSandbox } from '../../test/e2e/sandbox';
import { Options, Outcome } from '../benchmark';
import { CLUSTER_BENCHMARKS, OUTCOMES } from './index';
import { World } from './world';

/** Every benchmark runs, whatever failed before it. @returns the exit code */
async function main(names: readonly string[], options: Options): Promise<number> {
  const world = await World.start();
  const outcomes: Record<string, Outcome> = {};
  for (const benchmark of CLUSTER_BENCHMARKS.filter(({ name }) => names.includes(name))) {
    console.error(`bench: ${benchmark.name}, on the cluster ...`);
    try {
      outcomes[benchmark.name] = await benchmark.run(world, options);
    } catch (error) {
      console.error(`bench: ${benchmark.name} failed: ${(error as Error).stack}`);
    }
    writeFileSync(join(currentSandbox().folder, OUTCOMES), JSON.stringify(outcomes));
  }
  return Object.keys(outcomes).length === names.length ? 0 : 1;
}

main(process.argv.slice(3), JSON.parse(process.argv[2]) as Options).then(code => process.exit(code), (error: Error) => {
  console.error(error);
  process.exit(1);
});
