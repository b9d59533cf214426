import { BuildEvent } from './event';
import { BuildEnd, Failure } from './result';
import { ManifestObject } from '../builds';

/** One build that is to run. */
export interface PlannedBuild {
  /** The Job's name. */
  readonly name: string;
  /** The Job's namespace. */
  readonly namespace: string;
  /** Where the image is pushed, each with its tag; never empty. */
  readonly destinations: readonly string[];
  readonly job: ManifestObject;
  /** What the build needs beside its Job, in the order in which it is to be made. */
  readonly others: readonly ManifestObject[];
}

/**
 * Where builds run. `check` once, then `build` for each, several at a time; `remove` for each that was begun, in the
 * end or when the user gives up; `close` at last, whatever came before.
 */
export interface Engine {
  /** What keeps builds from running there, all of it, before anything is made; empty where all is well. */
  check(builds: readonly PlannedBuild[]): Promise<Failure[]>;

  /**
   * Begins a build and follows it to its end. Never rejects for what a cluster can do to a build: that is a failure
   * among the results.
   *
   * @param signal ends the following; the build itself is ended by `remove`
   */
  build(build: PlannedBuild, tell: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildEnd>;

  /** Whether a pod can have sidecars there, which end when kaniko does: Kubernetes 1.29 and later. Undefined is no. */
  takesSidecars?(): Promise<boolean>;

  /**
   * Deletes what `build` made, whatever state it is in; a second call does nothing.
   *
   * @throws Error that says what stays, and what becomes of it or what to do
   */
  remove(build: PlannedBuild): Promise<void>;

  /** Ends what the engine has started for itself. */
  close?(): Promise<void>;
}
