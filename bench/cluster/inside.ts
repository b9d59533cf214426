/** The program in the sandbox: starts the cluster, runs benchmarks there, and leaves their outcomes in a file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentSandbox } from '../../test/e2e/sandbox';
import { Options, Outcome } from '../benchmark';
import { CLUSTER_BENCHMARKS, OUTCOMES } from './index';
import { World } from './world';

async function main(names: readonly string[], options: Options): Promise<void> {
  const world = await World.start();
  const outcomes: Record<string, Outcome> = {};
  for (const benchmark of CLUSTER_BENCHMARKS.filter(({ name }) => names.includes(name))) {
    console.error(`bench: ${benchmark.name}, on the cluster ...`);
    outcomes[benchmark.name] = await benchmark.run(world, options);
    writeFileSync(join(currentSandbox().folder, OUTCOMES), JSON.stringify(outcomes));
  }
}

main(process.argv.slice(3), JSON.parse(process.argv[2]) as Options).then(() => process.exit(0), (error: Error) => {
  console.error(error);
  process.exit(1);
});
