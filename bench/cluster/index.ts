/** The benchmarks that need a cluster, which they share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executors, kubernetes, webhook } from '../../test/e2e/cluster/binaries';
import { debianImage, gitImage } from '../../test/e2e/cluster/images';
import { problems } from '../../test/e2e/requirements';
import { runInSandbox } from '../../test/e2e/sandbox';
import { Options, Outcome } from '../benchmark';
import { buildkit, skaffold } from './binaries';
import { build, cache } from './build';
import { ClusterBenchmark } from './cluster-benchmark';
import { gitContext } from './git-context';
import { many } from './many';
import { peers } from './peers';

/** In the order in which they run. */
export const CLUSTER_BENCHMARKS: readonly ClusterBenchmark[] = [build, cache, gitContext, peers, many].map(benchmark => ({ ...benchmark, problems: () => problems('cluster') }));

/** The file of the sandbox with the outcomes, by name. */
export const OUTCOMES = 'outcomes.json';

/** Makes what a cluster needs, starts one in a sandbox and runs benchmarks there. @throws where one fails */
export async function runOnCluster(names: readonly string[], options: Options): Promise<Record<string, Outcome>> {
  // All that needs the network, which a sandbox does not have.
  [webhook, executors, kubernetes, debianImage, gitImage, skaffold, buildkit].forEach(make => make());
  let outcomes: Record<string, Outcome> = {};
  const code = await runInSandbox(join(__dirname, 'inside.ts'), [JSON.stringify(options), ...names], ({ folder }) => {
    try {
      outcomes = JSON.parse(readFileSync(join(folder, OUTCOMES), 'utf8')) as Record<string, Outcome>;
    } catch { /* none came so far */ }
  });
  if (code !== 0) { console.error(`bench: the cluster's part ended with ${code} before all was measured`); }
  return outcomes;
}
