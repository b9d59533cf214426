import { PlannedBuild } from '../engine';
import { KubectlError } from './kubectl';
import { Failure } from '../result';
import { ClusterEvent, Job, Pod, Seen } from './objects';

export interface SeenPod extends Seen<Pod> {
  readonly logs: Readonly<Record<string, readonly string[]>>;
}
export interface Evidence {
  readonly job?: Seen<Job>;
  readonly pods: readonly SeenPod[];
  readonly events: readonly ClusterEvent[];
  readonly begin: number;
}
export interface Limits { readonly nodeMilliseconds: number }
export function failureOf(evidence: Evidence): Failure {
  return { cause: 'kaniko-failed', message: JSON.stringify(evidence.job?.object.status.conditions) };
}
export function troubleOf(_evidence: Evidence, _limits: Limits, _now: number): { notices: string[]; failure?: Failure } {
  return { notices: [] };
}
export function creationFailure(build: PlannedBuild, error: KubectlError): Failure {
  return { cause: 'not-started', message: `${build.name}: ${error.message}` };
}
