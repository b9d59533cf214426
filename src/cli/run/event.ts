/**
 * What an engine tells while a build runs. Engines see pods and logs; what the lines of a log mean, which phase a
 * build is in and how it looks is for others to say (timeline.ts, progress.ts).
 */

/** The containers of the pod, in the order in which they run. */
export type ContainerName = 'prepare-context' | 'kaniko'
  | typeof TRACE_CONTAINER;

/** The container beside the others that receives kaniko's trace, where it is wanted (trace/collector.ts). */
export const TRACE_CONTAINER = 'trace';

/** Whether a container is one of those that do the build, in turn. A cluster may put others into its pod: a mesh's, a vault's. */
export function buildsInTurn(name: string): name is ContainerName {
  return ['prepare-context', 'kaniko'].includes(name);
}

interface At {
  /** When it happened: the cluster's time where the cluster tells, this machine's otherwise. */
  readonly at: Date;
}

/** The build was handed over; no pod has a node yet. */
export interface Queued extends At { readonly kind: 'queued' }

/** A pod of the build has a node. Told again where a pod was lost and another one begins. */
export interface Scheduled extends At { readonly kind: 'scheduled'; readonly pod: string; readonly node: string }

/** Images are being pulled, or volumes mounted, for a container. */
export interface Pulling extends At { readonly kind: 'pulling'; readonly image: string }

/** A container runs. */
export interface Started extends At { readonly kind: 'started'; readonly container: ContainerName }

/** A container has ended. */
export interface Ended extends At {
  readonly kind: 'ended';
  readonly container: ContainerName;
  readonly exitCode: number;
  /** Kubernetes' word for it: `Completed`, `Error`, `OOMKilled` … */
  readonly reason: string;
}

/** A longer line is told in pieces of so many characters: a RUN may print for ever without ending its line. */
export const LONGEST_LINE = 64 * 1024;

/** A line of a container's log, without its end. Each line is told once, and none is left out. */
export interface LogLine extends At { readonly kind: 'log'; readonly container: ContainerName; readonly line: string }

/** Something a person should know that does not end the build: unschedulable for now, a connection lost or regained, a pod begun again. */
export interface Notice extends At { readonly kind: 'notice'; readonly message: string }

export type BuildEvent = Queued | Scheduled | Pulling | Started | Ended | LogLine | Notice;
