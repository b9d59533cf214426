/** What of a build needs a cluster: that which keeps it from running without one, and that which only has no effect. Pure. */
import { GivenObjects } from './given-objects';
import { Job } from './job';
import { quoted } from '../../../checks';
import { PlannedBuild } from '../engine';
import { neededObjects } from './needed-objects';
import { Failure } from '../result';

/** Everything that keeps a build from running without a cluster. */
export function obstacles(build: PlannedBuild, given: GivenObjects): Failure[] {
  return [...missingObjects(build, given), ...neededIdentity(build)];
}

function missingObjects(build: PlannedBuild, given: GivenObjects): Failure[] {
  const all = given.with(build.others);
  return neededObjects(build.job as unknown as Job).flatMap(({ kind, name, keys, parameter }): Failure[] => {
    const named = `the ${kind} ${quoted(name)}, which ${parameter} names,`;
    const files = all.find(kind, name, build.namespace);
    if (files === undefined) {
      return [missing(`${named} is in no file`, `give a manifest of it by --secret-file, without a namespace or with ${quoted(build.namespace)}`)];
    }
    const lacking = keys.filter(key => !files.has(key));
    return lacking.length === 0 ? []
      : [missing(`${named} has no key ${lacking.map(quoted).join(' and ')}`, 'add it in the file that --secret-file names, or name the keys that it has in the parameters')];
  });
}

function missing(message: string, remedy: string): Failure {
  return { cause: 'missing-object', message, remedy };
}

/** Tokens of an identity are a cluster's to give: there is no webhook here that would. */
function neededIdentity({ job }: PlannedBuild): Failure[] {
  const { initContainers, containers } = (job as unknown as Job).spec.template.spec;
  const variables = new Map(initContainers.flatMap(({ env = [] }) => env).map(({ name, value }) => [name, value]));
  const needs = (what: string, remedy: string): Failure => ({ cause: 'not-started', message: `${what}, and without a cluster there is no workload identity`, remedy });
  return [
    ...variables.get('PREPARE_GIT_AUTH') !== 'workload-identity' ? []
      : [needs('the repository is cloned as the workload identity', 'name a Secret with an access token (gitSecretName), or set gitCredentials: anonymous')],
    ...!variables.has('PREPARE_STORAGE_URL') ? []
      : [needs('appFiles are read as the workload identity', 'leave appFiles out here, and put the files into the repository where the Dockerfile needs them')],
    ...!containers[0].args?.includes('--credential-helpers=acr') ? []
      : [needs('the registry is reached as the workload identity', 'name a Secret with a docker config in place of registryWorkloadIdentity (registrySecretName)')],
  ];
}

/** What of the parameters has no effect without a cluster, for one notice; undefined where there is nothing. */
export function withoutEffect({ job, others }: PlannedBuild): string | undefined {
  const spec = (job as unknown as Job).spec.template.spec;
  const settings = [
    ...(['nodeSelector', 'tolerations', 'affinity', 'priorityClassName', 'runtimeClassName'] as const).filter(name => spec[name] !== undefined),
    ...'kueue.x-k8s.io/queue-name' in ((job.metadata as { labels?: object }).labels ?? {}) ? ['queueName'] : [],
    ...others.some(({ kind }) => kind === 'NetworkPolicy') ? ['egress'] : [],
  ];
  return settings.length === 0 ? undefined : `${settings.join(', ')} ${settings.length === 1 ? 'has' : 'have'} no effect without a cluster`;
}
