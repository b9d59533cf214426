import { Failure } from '../result';
import { Evidence, SeenPod } from './evidence';
import { conditionOf, statusesOf } from './objects';
import { troublesOf } from './troubles';
import { containerFailure } from '../container-failure';
import { buildsInTurn, ContainerName } from '../event';
import { LogTail } from '../log-tail';

/** Why a build has failed whose Job has failed, or is gone. Pure. */
export function failureOf(evidence: Evidence): Failure {
  const { job, pods } = evidence;
  const condition = job === undefined ? undefined : conditionOf(job.object, 'Failed', 'FailureTarget');
  const pod = pods.at(-1);
  if (condition?.reason === 'DeadlineExceeded') { return deadlineFailure(evidence); }
  if (condition === undefined) { return lostFailure('the Job was deleted while it ran'); }
  if (pod !== undefined) {
    const disruption = conditionOf(pod.object, 'DisruptionTarget');
    if (pod.object.status.reason === 'Evicted' && disruption === undefined) { return evictedFailure(pod.object.status.message ?? ''); }
    if (disruption !== undefined) { return disruptedFailure(pods.length, disruption.message ?? disruption.reason ?? ''); }
    if (pod.object.metadata.deletionTimestamp !== undefined) {
      return lostFailure(`the pod ${pod.object.metadata.name} was deleted while it ran`);
    }
    const failure = containersFailure(pod);
    if (failure !== undefined) { return failure; }
  }
  return lostFailure(condition.message ?? 'the Job failed and does not say why');
}

/** The first container that failed, which no other ran after. One that is not ours is the cause where none of ours failed. */
function containersFailure(pod: SeenPod): Failure | undefined {
  const failed = statusesOf(pod.object).filter(({ state }) => state.terminated !== undefined && state.terminated.exitCode !== 0);
  if (failed.length === 0) { return undefined; }
  const { name, image, state: { terminated } } = failed.find(status => buildsInTurn(status.name)) ?? failed[0];
  return containerFailure({ ...terminated!, container: name as ContainerName, image, log: pod.logs.get(name) ?? new LogTail() });
}

/** A deadline that passed before anything ran was not too short: what kept the build from running is the cause. */
function deadlineFailure(evidence: Evidence): Failure {
  const { job, pods } = evidence;
  const seconds = job?.object.spec.activeDeadlineSeconds;
  const deadline = `its deadline${seconds === undefined ? '' : ` of ${seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`}`}`;
  const statuses = pods.flatMap(({ object }) => statusesOf(object)).filter(({ name }) => buildsInTurn(name));
  const begun = statuses.some(({ state }) => state.running !== undefined || state.terminated !== undefined);
  const trouble = begun ? undefined : troublesOf(evidence).at(-1);
  if (trouble !== undefined) { return { ...trouble.failure, message: `${trouble.failure.message}; so it was until ${deadline}` }; }
  const pod = pods.at(-1);
  const current = statuses.find(({ state }) => state.running !== undefined)?.name;
  const instruction = current === 'kaniko' || current === undefined ? pod?.logs.get('kaniko')?.instruction : undefined;
  const at = instruction === undefined ? current === undefined ? '' : `, in ${current}` : `, in ${instruction.split('\n')[0]}`;
  return {
    cause: 'deadline', message: `the build was ended at ${deadline}${at}`, instruction,
    remedy: 'raise timeoutMinutes, which counts queueing, pulling and cloning too',
  };
}

/** https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage */
function evictedFailure(message: string): Failure {
  return { cause: 'evicted', message: message.trim(), remedy: 'raise ephemeralStorageLimit, or let the Dockerfile write less' };
}

function disruptedFailure(times: number, message: string): Failure {
  return {
    cause: 'lost',
    message: `the build's pod was taken from its node${times > 1 ? ` ${times} times` : ''}: ${message}`,
    remedy: 'run it again when the nodes are calm, give it a priority (priorityClassName), or allow more attempts (disruptionRetries)',
  };
}

function lostFailure(message: string): Failure {
  return { cause: 'lost', message, remedy: 'run it again; if nobody deleted it by hand, look for what cleans up in that namespace' };
}
