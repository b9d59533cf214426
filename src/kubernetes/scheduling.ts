import { ContainerResources, k8s } from 'cdk8s-plus-28';
import { dnsSubdomain, labelKey, labelValue, plainText, verify } from '../checks';

/** Where the pod may run, and how much of the node it gets. */
export interface SchedulingOptions {
  /**
   * Processors, memory and ephemeral storage. kaniko unpacks base images and builds on ephemeral storage; the
   * limit is what keeps one build from evicting its neighbours.
   *
   * @default - requests 500m, 1 GiB and 2 GiB; limits of 4 GiB of memory and 16 GiB of ephemeral storage
   */
  readonly resources?: ContainerResources;

  /**
   * Labels that the node must have.
   *
   * @default - any node
   */
  readonly nodeSelector?: { readonly [key: string]: string };

  /**
   * Taints of nodes that the pod may run on all the same.
   *
   * @default - none
   */
  readonly tolerations?: k8s.Toleration[];

  /**
   * Rules for choosing the node beyond labels.
   *
   * @default - none
   */
  readonly affinity?: k8s.Affinity;

  /**
   * The pod's priority class.
   *
   * @default - the cluster's default
   */
  readonly priorityClassName?: string;

  /**
   * The container runtime, such as one of virtual machines for untrusted Dockerfiles.
   *
   * @see https://kubernetes.io/docs/concepts/containers/runtime-class/
   * @default - the node's default
   */
  readonly runtimeClassName?: string;
}

/** The scheduling part of the pod's specification. */
export function schedulingSpec(place: string, options: SchedulingOptions): Partial<k8s.PodSpec> {
  for (const [key, value] of Object.entries(options.nodeSelector ?? {})) {
    verify(place, 'nodeSelector', key, labelKey);
    verify(place, `nodeSelector["${key}"]`, value, labelValue);
  }
  for (const [index, toleration] of (options.tolerations ?? []).entries()) {
    for (const [field, value] of Object.entries(toleration)) {
      if (typeof value === 'string') { verify(place, `tolerations[${index}].${field}`, value, plainText); }
    }
  }
  for (const [index, { key, operator, value }] of (options.tolerations ?? []).entries()) {
    const problem = operator === 'Exists' && value !== undefined ? 'has a value, which operator Exists does not compare; remove it'
      : operator !== 'Exists' && key === undefined ? 'needs a key, or operator Exists for every taint; add one' : undefined;
    if (problem !== undefined) { throw new Error(`[${place}] tolerations[${index}] ${problem}`); }
  }
  const dropped = droppedField('affinity', options.affinity, typedAffinity(place, options.affinity));
  if (dropped !== undefined) { throw new Error(`[${place}] ${dropped} is no field of Kubernetes' affinity; correct its name`); }
  return {
    nodeSelector: options.nodeSelector,
    tolerations: options.tolerations,
    affinity: options.affinity,
    priorityClassName: options.priorityClassName === undefined ? undefined
      : verify(place, 'priorityClassName', options.priorityClassName, dnsSubdomain),
    runtimeClassName: options.runtimeClassName === undefined ? undefined
      : verify(place, 'runtimeClassName', options.runtimeClassName, dnsSubdomain),
  };
}

/** The affinity as the typed form renders it, which expects lists where Kubernetes has some. */
function typedAffinity(place: string, affinity: k8s.Affinity | undefined): unknown {
  try {
    return k8s.toJson_Affinity(affinity);
  } catch {
    throw new Error(`[${place}] affinity has a text or mapping where a list belongs; `
      + 'see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/');
  }
}

/** The path of a field that the typed form would leave out in silence, or turn into something else. */
function droppedField(path: string, given: unknown, kept: unknown): string | undefined {
  if (typeof given !== 'object' || given === null) { return given === undefined || kept === given ? undefined : path; }
  for (const [key, value] of Object.entries(given)) {
    const at = Array.isArray(given) ? `${path}[${key}]` : `${path}.${key}`;
    const dropped = value === undefined ? undefined : droppedField(at, value, (kept as Record<string, unknown> | undefined)?.[key]);
    if (dropped !== undefined) { return dropped; }
  }
  return kept === undefined ? path : undefined;
}
