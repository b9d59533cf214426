import { PlannedBuild } from '../engine';
import { Failure } from '../result';
import { Kubectl, KubectlError } from './kubectl';
import { RunObjects } from './objects-of-a-run';
import { missingReferences } from './references';
import { kubectlFailure, refusal } from './refusals';

/** A build and what is made for it. */
export interface CheckedBuild {
  readonly build: PlannedBuild;
  readonly objects: RunObjects;
}

/**
 * What keeps builds from running on the cluster, all of it, as far as it can be known before anything is made. A user
 * who may not read something is told of it later, by the build's own end.
 */
export async function checkCluster(kubectl: Kubectl, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  try {
    await kubectl.run(['get', '--raw', '/version']);
  } catch (error) {
    return [kubectlFailure(error as KubectlError)];
  }
  const namespaces = [...new Set(builds.map(({ build: { namespace } }) => namespace))];
  const failures = namespaces.map(namespace => checkNamespace(kubectl, namespace, builds.filter(({ build }) => build.namespace === namespace)));
  return (await Promise.all(failures)).flat();
}

async function checkNamespace(kubectl: Kubectl, namespace: string, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const found = await Promise.all([
    forbidden(kubectl, namespace, builds),
    refused(kubectl, builds),
    missingReferences(kubectl, namespace, builds.map(({ objects }) => objects)),
  ]);
  const failures = new Map(found.flat().map(failure => [failure.message, failure]));
  // Nothing can be found in a namespace that is not there.
  const gone = [...failures.values()].find(({ message }) => message.includes(`namespaces "${namespace}" not found`));
  return gone === undefined ? [...failures.values()] : [gone];
}

/** What a run does in a namespace: verb, group and resource. docs/run.md has the same as a role. */
function needs(builds: readonly CheckedBuild[]): [verb: string, group: string, resource: string][] {
  const policies = builds.some(({ objects }) => objects.owned.some(({ kind }) => kind === 'NetworkPolicy'));
  const accounts = builds.some(({ objects }) => objects.configuration.some(({ kind }) => kind === 'ServiceAccount'));
  return [
    ...['create', 'get', 'list', 'watch', 'delete'].map((verb): [string, string, string] => [verb, 'batch', 'jobs']),
    ['list', '', 'pods'], ['watch', '', 'pods'], ['get', '', 'pods/log'], ['create', '', 'configmaps'],
    ...policies ? [['create', 'networking.k8s.io', 'networkpolicies'] as [string, string, string]] : [],
    ...accounts ? ['get', 'create', 'patch'].map((verb): [string, string, string] => [verb, '', 'serviceaccounts']) : [],
  ];
}

const ALLOWED = '{.spec.resourceAttributes.verb} {.spec.resourceAttributes.resource} {.spec.resourceAttributes.subresource} {.status.allowed}{"\\n"}';

/** What the user may not do; the server says so for itself. */
async function forbidden(kubectl: Kubectl, namespace: string, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const reviews = needs(builds).map(([verb, group, name]) => {
    const [resource, subresource] = name.split('/');
    return { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace, verb, group, resource, subresource } } };
  });
  const answer = await kubectl.run(['create', '--validate=false', `--output=jsonpath=${ALLOWED}`, '--filename=-'], list(reviews)).catch(() => '');
  const refusals = answer.split('\n').map(line => line.split(' ')).filter(words => words.at(-1) === 'false' || words.length === 4 && words[3] === '');
  if (refusals.length === 0) { return []; }
  const what = refusals.map(([verb, resource, subresource]) => `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`);
  return [{
    cause: 'admission', message: `kubectl's user may not ${what.join(', ')} in the namespace ${namespace}`,
    remedy: 'ask for a role that may; docs/run.md has one',
  }];
}

/**
 * What admission says to the Jobs and to their pods, which nobody would see before the Job controller makes them: Pod
 * Security, quotas, policies, service account, priority and runtime class. Nothing is stored.
 */
async function refused(kubectl: Kubectl, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const objects = builds.flatMap(({ objects: { job, configuration } }) => [job, podOf(job, configuration)]);
  try {
    await kubectl.run(['create', '--dry-run=server', '--validate=false', '--output=name', '--filename=-'], list(objects));
    return [];
  } catch (error) {
    return (error as KubectlError).all
      // Who may make Jobs need not be allowed to make pods; the Job controller is. An old webhook may know no trying.
      .filter(({ message }) => !/cannot create resource "pods"|does not support dry run/.test(message))
      .flatMap(said => said.reason === 'AlreadyExists' || !/^pods "/.test(said.message) ? [kubectlFailure(said)] : finalRefusal(said.message));
  }
}

/** A quota that is used up for now is waited for. */
function finalRefusal(message: string): Failure[] {
  const { final, failure } = refusal(message);
  return final ? [failure] : [];
}

function podOf({ metadata, spec: { template } }: RunObjects['job'], configuration: RunObjects['configuration']): object {
  const { serviceAccountName, ...spec } = template.spec;
  const comes = configuration.some(({ kind, metadata: { name } }) => kind === 'ServiceAccount' && name === serviceAccountName);
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { ...template.metadata, name: metadata.name, namespace: metadata.namespace },
    spec: comes ? spec : template.spec,
  };
}

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
