import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { dnsSubdomain, integer, verify } from '../checks';

/** How long the Job may take, how often it is tried, and when the server removes it. */
export interface LifecycleOptions {
  /**
   * How long the build may take, queueing, pulling and cloning included; then the Job fails.
   *
   * @default 60 minutes
   */
  readonly deadline?: Duration;

  /**
   * How long the finished Job, its pod and its logs stay. A lost client leaves nothing behind after that.
   *
   * @default 60 minutes
   */
  readonly timeToLive?: Duration;

  /**
   * How often a build is begun again whose pod was disrupted: its node drained, preempted or lost. A build that
   * failed by itself, by a failing RUN for example, is never begun again.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
   * @default 3
   */
  readonly disruptionRetries?: number;

  /**
   * The Kueue queue that admits the Job.
   *
   * @see https://kueue.sigs.k8s.io/docs/tasks/run/jobs/
   * @default - none; the Job starts at once
   */
  readonly queueName?: string;
}

/** The life's part of the Job's specification. */
export function lifecycleSpec(place: string, options: LifecycleOptions): Omit<k8s.JobSpec, 'template'> {
  const retries = options.disruptionRetries ?? 3;
  const problem = integer(retries, 0, 100);
  if (problem !== undefined) { throw new Error(`[${place}] disruptionRetries ${problem}`); }
  return {
    activeDeadlineSeconds: seconds(place, 'deadline', options.deadline ?? Duration.minutes(60), 1),
    ttlSecondsAfterFinished: seconds(place, 'timeToLive', options.timeToLive ?? Duration.minutes(60), 0),
    backoffLimit: retries,
    podFailurePolicy: {
      rules: [
        // First match wins: a container that a disruption killed has an exit code too.
        { action: 'Count', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        // The type wants both kinds of condition; an empty list is left out of the manifest.
        { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] }, onPodConditions: [] },
      ],
    },
  };
}

/** The Job's labels for its queue. */
export function queueLabels(place: string, options: LifecycleOptions): Record<string, string> {
  return options.queueName === undefined ? {}
    : { 'kueue.x-k8s.io/queue-name': verify(place, 'queueName', options.queueName, dnsSubdomain) };
}

/** A duration in whole seconds, or an error that names it. */
export function seconds(place: string, name: string, duration: Duration, minimum: number): number {
  const amount = duration.toSeconds({ integral: false });
  const problem = integer(amount, minimum, 31_536_000);
  if (problem !== undefined) { throw new Error(`[${place}] ${name} in seconds ${problem}`); }
  return amount;
}
