/** The parts of Kubernetes' objects that the engine looks at: https://kubernetes.io/docs/reference/kubernetes-api/ */

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface Job extends KubernetesObject {
  readonly spec: { readonly activeDeadlineSeconds?: number; readonly suspend?: boolean };
  readonly status: { readonly conditions?: readonly Condition[] };
}

export interface Waiting {
  readonly reason?: string;
  readonly message?: string;
}

export interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt: string | null;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly state: {
    readonly waiting?: Waiting;
    readonly running?: { readonly startedAt: string };
    readonly terminated?: Terminated & { readonly startedAt: string | null };
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
}

export interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string; readonly initContainers?: readonly Container[]; readonly containers: readonly Container[] };
  readonly status: {
    readonly phase: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What a component of the cluster says about an object. */
export interface ClusterEvent extends KubernetesObject {
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** An object as it was last seen. */
export interface Seen<T> {
  readonly object: T;
  /** Whether it is gone by now. */
  readonly gone: boolean;
}

/** The statuses of a pod's containers, in the order in which they run. */
export function statusesOf(pod: Pod): ContainerStatus[] {
  return [...pod.status.initContainerStatuses ?? [], ...pod.status.containerStatuses ?? []];
}

/** Whether none of a pod's containers runs, or will. */
export function hasEnded(pod: Pod): boolean {
  const statuses = statusesOf(pod);
  return ['Succeeded', 'Failed'].includes(pod.status.phase) || statuses.length > 0 && statuses.every(({ state }) => state.terminated !== undefined);
}

/** A condition that holds. */
export function conditionOf(object: Job | Pod, ...types: string[]): Condition | undefined {
  return object.status.conditions?.find(({ type, status }) => types.includes(type) && status === 'True');
}
