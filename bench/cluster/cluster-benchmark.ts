import { World } from './world';
import { Described, Options, Outcome } from '../benchmark';

/** A benchmark of builds on the cluster of `npm run e2e`. */
export interface ClusterBenchmark extends Described {
  run(world: World, options: Options): Promise<Outcome>;
}
