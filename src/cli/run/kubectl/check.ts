import { ManifestObject } from '../../builds';
import { PlannedBuild } from '../engine';
import { inPool } from '../in-pool';
import { Failure } from '../result';
import { address, ApiServer } from './api-server';
import { ClusterError } from './cluster-error';
import { pathOf, RunObjects } from './objects-of-a-run';
import { Cluster, missingReferences } from './references';
import { clusterFailure, refusal } from './refusals';

/** A build and what is made for it. */
export interface CheckedBuild {
  readonly build: PlannedBuild;
  readonly objects: RunObjects;
}

/** Questions that are asked at once; more would only wait within the API server. */
const AT_ONCE = 20;

/**
 * What keeps builds from running on the cluster, all of it, as far as it can be known before anything is made. A user
 * who may not read something is told of it later, by the build's own end.
 *
 * @param version of the API server, or why it does not tell; then that is all that keeps them
 */
export async function checkCluster(cluster: Cluster, version: Promise<unknown>, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const namespaces = [...new Set(builds.map(({ build: { namespace } }) => namespace))];
  const of = (namespace: string) => builds.filter(({ build }) => build.namespace === namespace);
  const failures = Promise.all(namespaces.map(namespace => checkNamespace(cluster, namespace, of(namespace))));
  try {
    await version;
  } catch (error) {
    return [clusterFailure(error as ClusterError)];
  }
  return (await failures).flat();
}

async function checkNamespace(cluster: Cluster, namespace: string, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const found = await Promise.all([
    forbidden(cluster.api, namespace, builds),
    refused(cluster.api, builds),
    missingReferences(cluster, namespace, builds.map(({ objects }) => objects)),
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
    ...accounts ? ['create', 'patch'].map((verb): [string, string, string] => [verb, '', 'serviceaccounts']) : [],
  ];
}

/** What the user may not do; the server says so for itself. */
async function forbidden(api: ApiServer, namespace: string, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const answers = await Promise.all(needs(builds).map(async ([verb, group, name]) => {
    const [resource, subresource] = name.split('/');
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { namespace, verb, group, resource, subresource } } };
    // A cluster that does not say refuses what it refuses when the time comes.
    const answer = await api.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review).catch(() => undefined) as Review | undefined;
    return answer === undefined || answer.status.allowed ? [] : [`${verb} ${name}`];
  }));
  const what = answers.flat();
  if (what.length === 0) { return []; }
  return [{
    cause: 'admission', message: `kubectl's user may not ${what.join(', ')} in the namespace ${namespace}`,
    remedy: 'ask for a role that may; docs/run.md has one',
  }];
}

interface Review {
  readonly status: { readonly allowed: boolean };
}

/**
 * What admission says to the Jobs and to their pods, which nobody would see before the Job controller makes them: Pod
 * Security, quotas, policies, service account, priority and runtime class. Nothing is stored.
 */
async function refused(api: ApiServer, builds: readonly CheckedBuild[]): Promise<Failure[]> {
  const objects = builds.flatMap(({ objects: { job, configuration } }) => [job, podOf(job, configuration)]);
  const failures = await inPool(objects, AT_ONCE, async object => {
    try {
      await api.request('POST', address(pathOf(object), { dryRun: 'All' }), object);
      return [];
    } catch (error) {
      const said = error as ClusterError;
      // Who may make Jobs need not be allowed to make pods; the Job controller is. An old webhook may know no trying.
      if (/cannot create resource "pods"|does not support dry run/.test(said.message)) { return []; }
      return said.reason === 'AlreadyExists' || !/^pods "/.test(said.message) ? [clusterFailure(said)] : finalRefusal(said.message);
    }
  });
  return failures.flat();
}

/** A quota that is used up for now is waited for. */
function finalRefusal(message: string): Failure[] {
  const { final, failure } = refusal(message);
  return final ? [failure] : [];
}

function podOf({ metadata, spec: { template } }: RunObjects['job'], configuration: RunObjects['configuration']): ManifestObject {
  const { serviceAccountName, ...spec } = template.spec;
  const comes = configuration.some(({ kind, metadata: { name } }) => kind === 'ServiceAccount' && name === serviceAccountName);
  const pod = { apiVersion: 'v1', kind: 'Pod', spec: comes ? spec : template.spec };
  return { ...pod, metadata: { ...template.metadata, name: metadata.name, namespace: metadata.namespace } };
}
