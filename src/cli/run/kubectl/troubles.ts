import { Failure } from '../result';
import { Evidence } from './evidence';
import { ClusterEvent, conditionOf, Pod, statusesOf, Waiting } from './objects';
import { refusal } from './refusals';

/** Something that keeps a build from going on, for now or for good. */
export interface Trouble {
  /** Which one it is: its words change from try to try. */
  readonly name: string;
  /** What is told when it is first seen; empty for nothing. */
  readonly notice: string;
  /** How the build has failed, should it stay so. */
  readonly failure: Failure;
  /** For how long it may pass by itself, in milliseconds. */
  readonly patience: number;
}

/** How long things may be amiss that become right by themselves: a Secret that an operator makes, a registry that is busy. */
export const PATIENCE = { missing: 30_000, pull: 40_000, refused: 60_000, start: 30_000 } as const;

/** The patience with a pod that fits no node, where nobody has set one: clusters that grow take minutes for a node. */
export const NODE_PATIENCE = 5 * 60_000;

/**
 * What keeps a build from going on right now, the oldest first. Pure.
 *
 * @param nodePatience milliseconds for which a node may be found that the pod fits on
 */
export function troublesOf({ job, pods, events }: Evidence, nodePatience = NODE_PATIENCE): Trouble[] {
  const pod = pods.at(-1);
  if (pod === undefined) { return [...suspended(job?.object.spec.suspend), ...refusedPods(events)]; }
  const { object, gone } = pod;
  const disruption = conditionOf(object, 'DisruptionTarget');
  if (disruption !== undefined) {
    return [passing('disrupted', `the pod ${object.metadata.name} is taken from its node (${disruption.message ?? disruption.reason}); the Job begins another`)];
  }
  if (gone || object.metadata.deletionTimestamp !== undefined && job?.gone === true) { return []; }
  const own = events.filter(({ involvedObject: { uid } }) => uid === object.metadata.uid);
  return [...unscheduled(object, own, nodePatience), ...unmounted(object, own), ...waiting(object), ...lostNode(own)];
}

function suspended(suspend = false): Trouble[] {
  return suspend ? [passing('suspended', 'the Job is suspended; a queue may have to admit it first')] : [];
}

/** The Job controller tries again, so the refusal may be of the past: a quota frees up when other pods end. */
function refusedPods(events: readonly ClusterEvent[]): Trouble[] {
  const said = events.filter(({ reason, involvedObject: { kind } }) => reason === 'FailedCreate' && kind === 'Job').at(-1)?.message;
  if (said === undefined) { return []; }
  const message = said.replace(/^Error creating: /, '');
  const { final, failure } = refusal(message);
  return [{ name: 'refused', notice: `the cluster refuses the pod: ${message}`, failure, patience: final ? 0 : /exceeded quota/.test(message) ? Infinity : PATIENCE.refused }];
}

/**
 * No node for the pod. Where one is only too full for now, other pods' ends make room, and the deadline is the limit;
 * where none would do even if it were empty, a new one has to come.
 */
function unscheduled(pod: Pod, events: readonly ClusterEvent[], nodePatience: number): Trouble[] {
  const condition = pod.status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition === undefined || pod.spec.nodeName !== undefined) { return []; }
  const message = condition.message ?? condition.reason ?? '';
  const claim = /persistentvolumeclaim "[^"]*" not found/.exec(message)?.[0];
  const full = /Insufficient|Too many pods/.test(message) && /No preemption victims found/.test(message);
  const grows = events.some(({ reason }) => reason === 'TriggeredScaleUp');
  return [{
    name: 'unscheduled',
    notice: `no node takes the pod yet: ${message}`,
    patience: claim !== undefined ? PATIENCE.missing : full || grows ? Infinity : nodePatience,
    failure: claim !== undefined ? missing(message) : {
      cause: 'unschedulable', message: `no node takes the pod: ${message}`,
      remedy: 'compare nodeSelector, tolerations, affinity and the requests (cpuRequest, memoryRequest, ephemeralStorageRequest) with what the nodes have',
    },
  }];
}

const NOT_THERE = /(?:secret|configmap) "[^"]*" not found|references non-existent (?:secret|config) key|couldn't find key/i;

/** Volumes that cannot be mounted. What was said of them stays, so it counts until something comes after them. */
function unmounted(pod: Pod, events: readonly ClusterEvent[]): Trouble[] {
  const mounted = conditionOf(pod, 'PodReadyToStartContainers') !== undefined
    || statusesOf(pod).some(({ state }) => state.running !== undefined || state.terminated !== undefined)
    || events.some(({ reason }) => ['Pulling', 'Pulled', 'BackOff'].includes(reason));
  if (mounted) { return []; }
  const said = events.filter(({ reason }) => ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox'].includes(reason)).at(-1)?.message;
  if (said === undefined) { return []; }
  // The program of the init container comes after the Job, and a pod may be quicker.
  if (/"script"|-prepare-[0-9a-f]+" not found/.test(said)) { return [{ name: 'program', notice: '', failure: missing(said), patience: PATIENCE.missing }]; }
  return [NOT_THERE.test(said) ? { name: 'unmounted', notice: said, failure: missing(said), patience: PATIENCE.missing }
    : passing('unmounted', said)];
}

function waiting(pod: Pod): Trouble[] {
  return statusesOf(pod).flatMap(({ name, image, state }) => state.waiting === undefined ? [] : waitingTrouble(name, image, state.waiting));
}

/** What a kubelet calls the states of a container that does not start. */
function waitingTrouble(name: string, image: string, { reason = '', message = '' }: Waiting): Trouble[] {
  const container = name as Failure['container'];
  switch (reason) {
    case 'ErrImagePull': case 'ImagePullBackOff': case 'InvalidImageName': case 'ErrImageNeverPull': case 'RegistryUnavailable': {
      const why = message.replace(/^Back-off pulling image "[^"]*"(?:: \w+: )?/, '');
      const said = `the image ${image} cannot be pulled${why === '' ? '' : `: ${why}`}`;
      return [{
        name: `pull ${name}`, notice: said, patience: reason.startsWith('Invalid') || reason === 'ErrImageNeverPull' ? 0 : PATIENCE.pull,
        failure: {
          cause: 'image-pull', container, message: said,
          remedy: 'check the name (kanikoImage, prepareImage), that the nodes reach its registry, and the Secret for it (imagePullSecretNames)',
        },
      }];
    }
    case 'CreateContainerConfigError':
      return [{ name: `${reason} ${name}`, notice: `${name}: ${message}`, failure: { ...missing(message), container }, patience: PATIENCE.missing }];
    case 'CreateContainerError': case 'RunContainerError':
      return [{ name: `${reason} ${name}`, notice: `${name}: ${message}`, failure: { cause: 'not-started', container, message: `${name} could not be started: ${message}` }, patience: PATIENCE.start }];
    default: return [];
  }
}

function lostNode(events: readonly ClusterEvent[]): Trouble[] {
  return events.some(({ reason }) => reason === 'NodeNotReady') ? [passing('node', 'the pod\'s node does not answer; where it stays so, the Job begins another pod')] : [];
}

function missing(message: string): Failure {
  return { cause: 'missing-object', message, remedy: 'make it in the build\'s namespace, or correct the name' };
}

/** What is only told: the Job, or the deadline, decides. */
function passing(name: string, notice: string): Trouble {
  return { name, notice, failure: { cause: 'not-started', message: notice }, patience: Infinity };
}
