import { Failure } from '../result';
import { ApiServer } from './api-server';
import { ClusterError } from './cluster-error';
import { Kubectl } from './kubectl';
import { KeyReference, RunObjects } from './objects-of-a-run';

type Kind = 'secret' | 'configmap' | 'persistentvolumeclaim';

const PARAMETERS: Readonly<Record<Kind, string>> = {
  secret: 'the Secret', configmap: 'the ConfigMap', persistentvolumeclaim: 'the volume claim',
};

/** An object that a pod needs, with the keys that it needs of it. */
interface Reference {
  readonly kind: Kind;
  readonly name: string;
  readonly keys: readonly string[];
}

/** The cluster, and how it is asked. */
export interface Cluster {
  readonly api: ApiServer;
  readonly kubectl: Kubectl;
  /** Ends what is still being asked when nobody waits for it. */
  readonly signal: AbortSignal;
}

/** What is known of objects: the keys of those that may be read, and the names of those that are not there. */
interface Known {
  readonly found: ReadonlyMap<string, readonly string[]>;
  readonly missing: ReadonlySet<string>;
}

type Keys = (names: readonly string[]) => Promise<Known>;

/**
 * The Secrets, ConfigMaps and volume claims that Jobs need and the namespace does not have, or without a key. What the
 * user may not read is left to the kubelet.
 */
export async function missingReferences({ api, kubectl, signal }: Cluster, namespace: string, builds: readonly RunObjects[]): Promise<Failure[]> {
  const references = builds.flatMap(referencesOf);
  const keys: Readonly<Record<Kind, Keys>> = {
    secret: async names => keysOfSecrets(kubectl, namespace, names, signal),
    configmap: async names => keysOfObjects(api, `/api/v1/namespaces/${namespace}/configmaps`, names),
    persistentvolumeclaim: async names => keysOfObjects(api, `/api/v1/namespaces/${namespace}/persistentvolumeclaims`, names),
  };
  const kinds = [...new Set(references.map(({ kind }) => kind))];
  const of = (kind: Kind) => references.filter(reference => reference.kind === kind);
  const failures = await Promise.all(kinds.map(async kind => missingOf(namespace, kind, keys[kind], of(kind))));
  return failures.flat();
}

async function missingOf(namespace: string, kind: Kind, keys: Keys, references: readonly Reference[]): Promise<Failure[]> {
  const names = [...new Set(references.map(({ name }) => name))];
  const { found, missing } = await keys(names);
  return names.flatMap(name => {
    const article = `${PARAMETERS[kind]} ${namespace}/${name}`;
    if (missing.has(name)) { return [failure(`${article} does not exist`, 'make it, or correct the name')]; }
    const has = found.get(name);
    const needed = new Set(references.filter(reference => reference.name === name).flatMap(reference => reference.keys));
    const lacks = has === undefined ? [] : [...needed].filter(key => !has.includes(key));
    return lacks.length === 0 ? [] : [failure(`${article} has no key ${lacks.join(', ')}`, `it has ${has!.join(', ') || 'none'}; name one of these, or add it`)];
  });
}

/** By kubectl, which prints names and keys alone: what the Secrets hold stays with it. */
async function keysOfSecrets(kubectl: Kubectl, namespace: string, names: readonly string[], signal: AbortSignal): Promise<Known> {
  const one = '{{.metadata.name}}{{range $k, $v := .data}} {{$k}}{{end}}{{"\\n"}}';
  const template = `{{define "one"}}${one}{{end}}{{if .items}}{{range .items}}{{template "one" .}}{{end}}{{else}}{{template "one" .}}{{end}}`;
  const { output, errors } = await kubectl.run(['get', 'secret', ...names, `--namespace=${namespace}`, `--output=go-template=${template}`], signal);
  const found = new Map(output.split('\n').filter(line => line !== '').map(line => line.split(' ')).map(([name, ...keys]) => [name, keys]));
  const missing = new Set([...errors.matchAll(/^Error from server \(NotFound\): \S+ "([^"]+)" not found$/gm)].map(([, name]) => name));
  return { found, missing };
}

async function keysOfObjects(api: ApiServer, path: string, names: readonly string[]): Promise<Known> {
  const found = new Map<string, readonly string[]>();
  const missing = new Set<string>();
  await Promise.all(names.map(async name => {
    try {
      const { data = {}, binaryData = {} } = await api.request('GET', `${path}/${name}`) as { readonly data?: object; readonly binaryData?: object };
      found.set(name, [...Object.keys(data), ...Object.keys(binaryData)]);
    } catch (error) {
      if ((error as ClusterError).reason === 'NotFound') { missing.add(name); }
    }
  }));
  return { found, missing };
}

/** What a Job's pod needs; what is optional it can do without. */
function referencesOf({ job: { spec: { template: { spec } } }, owned }: RunObjects): Reference[] {
  const made = (name: string) => owned.some(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  const volumes = (spec.volumes ?? []).flatMap(({ secret, configMap, persistentVolumeClaim, projected }) => [
    ...secret === undefined ? [] : [{ kind: 'secret' as const, name: secret.secretName, of: secret }],
    ...configMap === undefined || made(configMap.name) ? [] : [{ kind: 'configmap' as const, name: configMap.name, of: configMap }],
    ...persistentVolumeClaim === undefined ? [] : [{ kind: 'persistentvolumeclaim' as const, name: persistentVolumeClaim.claimName, of: {} }],
    ...(projected?.sources ?? []).flatMap(source => [
      ...source.secret === undefined ? [] : [{ kind: 'secret' as const, name: source.secret.name, of: source.secret }],
      ...source.configMap === undefined ? [] : [{ kind: 'configmap' as const, name: source.configMap.name, of: source.configMap }],
    ]),
  ]);
  const variables = [...spec.initContainers ?? [], ...spec.containers].flatMap(({ env = [] }) => env).flatMap(({ valueFrom }) => [
    ...keyReference('secret', valueFrom?.secretKeyRef), ...keyReference('configmap', valueFrom?.configMapKeyRef),
  ]);
  return [
    ...volumes.filter(({ of }) => !('optional' in of && of.optional === true))
      .map(({ kind, name, of }) => ({ kind, name, keys: 'items' in of ? (of.items ?? []).map(({ key }) => key) : [] })),
    ...variables,
    ...(spec.imagePullSecrets ?? []).map(({ name }) => ({ kind: 'secret' as const, name, keys: [] })),
  ];
}

function keyReference(kind: Kind, reference: KeyReference | undefined): Reference[] {
  return reference === undefined || reference.optional === true ? [] : [{ kind, name: reference.name, keys: [reference.key] }];
}

function failure(message: string, remedy: string): Failure {
  return { cause: 'missing-object', message, remedy };
}
