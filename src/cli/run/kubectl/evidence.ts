import { LogTail } from '../log-tail';
import { ClusterEvent, Job, Pod, Seen } from './objects';

/** A pod as it was last seen, and what it logged. */
export interface SeenPod extends Seen<Pod> {
  readonly logs: ReadonlyMap<string, LogTail>;
}

/** All that is known of a build. */
export interface Evidence {
  readonly job?: Seen<Job>;
  /** The oldest first; each but the last was disrupted. */
  readonly pods: readonly SeenPod[];
  readonly events: readonly ClusterEvent[];
}
