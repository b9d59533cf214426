/**
 * No value of a parameter is ever program text, and none changes what the manifest is made of: a value is refused,
 * or it stands in the manifest where a harmless one stood, and nothing else differs.
 */
import { App, Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { BuildChart } from '../../src/kubernetes/build-chart';
import { BuildParameters } from '../../src/parameters/build-parameters';
import { Parameter, ParameterType } from '../../src/parameters/parameter';
import { PARAMETERS } from '../../src/parameters/parameter-table';
import { readParameters } from '../../src/parameters/read-parameters';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Every text that a parameter can hold, each of its own kind in the manifest. */
const COMMON: Record<string, Json> = {
  namespace: 'qzspace',
  name: 'qzjob',
  workloadIdentity: 'qzaccount',
  managedIdentityClientId: '11111111-2222-3333-4444-555555555555',
  createServiceAccount: true,
  imagePath: 'qzdirectory',
  dockerFile: 'qz.Dockerfile',
  storageAccountName: 'qzstorage',
  storageContainerName: 'qzcontainer',
  storageEndpointSuffix: 'blob.qz.example',
  appFiles: [{ path: 'qzblob', name: 'qzlanding', sha256: 'abcdef0123456789'.repeat(4) }],
  registry: 'registry.qz.example/local',
  imageName: 'qzimage',
  imageTag: 'qztag',
  additionalTags: ['qzothertag'],
  additionalDestinations: ['other.qz.example/other:qzthird'],
  args: { QZ_ARGUMENT: 'qzvalue' },
  target: 'qzstage',
  labels: { qzlabelkey: 'qzlabelvalue' },
  annotations: { qzannotationkey: 'qzannotationvalue' },
  platform: 'qzos/qzarch',
  registrySecretName: 'qzregistrysecret',
  registryMirrors: ['mirror.qz.example/hub'],
  registryMaps: { 'maps.qz.example': 'mapped.qz.example/hub' },
  buildSecretName: 'qzbuildsecret',
  buildSecretKeys: ['qzbuildkey'],
  secrets: [{ id: 'qzid', secretName: 'qzmountedsecret', key: 'qzmountedkey' }],
  mountedFiles: [{ path: '/etc/qzmount', secretName: 'qzfilesecret', key: 'qzfilekey' }, { path: '/etc/qzconfig', configMapName: 'qzfilemap', key: 'qzmapkey' }],
  aptSources: ['deb https://apt.qz.example/debian bookworm main'],
  aptSecretName: 'qzaptsecret',
  aptUserKey: 'qzuserkey',
  aptPasswordKey: 'qzpasswordkey',
  caCertificates: [{ configMapName: 'qzauthorities', key: 'qzauthoritykey' }, { secretName: 'qzauthoritysecret' }],
  kanikoImage: 'kaniko.qz.example/kaniko:pinned',
  kanikoVersion: '1.28.3',
  prepareImage: 'prepare.qz.example/prepare:pinned',
  imagePullSecretNames: ['qzpullsecret'],
  cache: true,
  cacheRepository: 'cache.qz.example/cache',
  telemetryEndpoint: 'http://telemetry.qz.example:4318',
  nodeSelector: { qznodekey: 'qznodevalue' },
  tolerations: [{ key: 'qztaintkey', value: 'qztaintvalue' }],
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'In', values: ['qzaffinity'] }] }] } } },
  priorityClassName: 'qzpriority',
  runtimeClassName: 'qzruntime',
  queueName: 'qzqueue',
  podLabels: { qzpodlabelkey: 'qzpodlabelvalue' },
  podAnnotations: { qzpodannotationkey: 'qzpodannotationvalue' },
  egress: [{ addressBlock: '10.20.0.0/16' }],
  poolName: 'qzpool', serviceConnection: 'qzconnection', subscriptionName: 'qzsubscription', resourceGroup: 'qzgroup', kubernetesCluster: 'qzcluster',
};
const GIT = { repositoryUrl: 'https://git.qz.example/images', gitSecretName: 'qzgitsecret' };

/** A repository or a volume, a branch, tag or commit: each excludes the others. */
const BUILDS: Record<string, Json>[] = [
  { ...COMMON, ...GIT, branchName: 'qzbranch' },
  { ...COMMON, ...GIT, tagName: 'qzversion' },
  { ...COMMON, ...GIT, commitId: '0123456789abcdef'.repeat(3).slice(0, 40) },
  { ...COMMON, volumeClaimName: 'qzclaim' },
];

/** Not passed on as it is: a version chooses what kaniko is given, and amounts are written in Kubernetes' own form. */
const NOT_PASSED_ON = ['kanikoVersion', 'cpuRequest', 'cpuLimit', 'memoryRequest', 'memoryLimit', 'ephemeralStorageRequest', 'ephemeralStorageLimit'];
const PIPELINE_ONLY = PARAMETERS.filter(({ pipeline }) => pipeline === 'only').map(({ name }) => name);

/** What of a value arrives, where it is not the value itself. */
const ARRIVES: Record<string, (value: string) => string> = {
  'branchName': value => value.replace(/^refs\/(heads|tags)\//, ''),
  'tagName': value => value.replace(/^refs\/(heads|tags)\//, ''),
  'imagePath': value => value.replace(/\/+$/, ''),
  'appFiles.0.path': percentEncoded,
  'appFiles.0.sha256': value => value.toLowerCase(),
};

/** RFC 3986: every byte but the unreserved ones, and slashes as they are. */
function percentEncoded(value: string): string {
  return [...Buffer.from(value)].map(byte => /[-A-Za-z0-9._~/]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte)
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** A text of a build: its value, or the key of an entry. */
interface Place { readonly path: string; readonly text: string; readonly replace: (by: string) => Record<string, Json> }

/** Names that the manifest's definition or the table fixes, so no keys of the user's. */
const MAPS = ['args', 'labels', 'annotations', 'registryMaps', 'nodeSelector', 'podLabels', 'podAnnotations'];

function places(build: Record<string, Json>): Place[] {
  const found: Place[] = [];
  const visit = (value: Json, path: string[], rebuild: (by: Json) => Record<string, Json>) => {
    if (typeof value === 'string') { found.push({ path: path.join('.'), text: value, replace: rebuild }); }
    if (Array.isArray(value)) { value.forEach((item, index) => visit(item, [...path, `${index}`], by => rebuild(value.map((old, i) => i === index ? by : old)))); }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, item] of Object.entries(value)) {
        visit(item, [...path, key], by => rebuild({ ...value, [key]: by }));
        if (MAPS.includes(path.join('.'))) { found.push({ path: `${path.join('.')}.(key)`, text: key, replace: by => rebuild({ [by]: item }) }); }
      }
    }
  };
  for (const [name, value] of Object.entries(build)) { visit(value, [name], by => ({ ...build, [name]: by })); }
  return found.filter(({ path }) => !NOT_PASSED_ON.includes(path) && !/^affinity\..*\.(key|operator)$/.test(path));
}

const PLACES: [string, Place, Record<string, Json>][] = [...new Map(BUILDS.flatMap(build =>
  places(build).map(place => [place.path, [place.path, place, build] as [string, Place, Record<string, Json>]] as const))).values()];

type Manifest = { [key: string]: Json }[];

/** The manifest, or undefined where the parameters are refused; they come as a file, as a user's do. */
function manifest(build: Record<string, Json>): Manifest | undefined {
  const { builds, mistakes } = readParameters(JSON.stringify(build));
  if (mistakes.length > 0) { return undefined; }
  const chart = new BuildChart(new App(), 'builds');
  try {
    builds.forEach((parameters: BuildParameters) => chart.addBuild(parameters));
  } catch (error) {
    // Such as two files at one path. Anything but a message for the user is a bug.
    expect((error as Error).message).toMatch(/^\[/);
    return undefined;
  }
  return chart.toJson() as Manifest;
}

/**
 * Kubernetes' expansion: `$(NAME)` of a known variable becomes its value, of an unknown one stays; `$$` becomes `$`.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container (args, env.value)
 */
function expanded(text: string, variables: Record<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : Object.hasOwn(variables, name) ? variables[name] : whole);
}

/** Containers as they start, with variables and arguments expanded. */
function started(objects: Manifest): Manifest {
  const expandContainer = (container: any) => {
    const variables: Record<string, string> = {};
    for (const { name, value } of container.env ?? []) { variables[name] = expanded(value, variables); }
    return {
      ...container,
      env: Object.entries(variables).map(([name, value]) => ({ name, value })),
      args: container.args?.map((argument: string) => expanded(argument, variables)),
    };
  };
  return objects.map((object: any) => object.kind !== 'Job' ? object : {
    ...object,
    spec: {
      ...object.spec,
      template: {
        ...object.spec.template,
        spec: {
          ...object.spec.template.spec,
          initContainers: object.spec.template.spec.initContainers.map(expandContainer),
          containers: object.spec.template.spec.containers.map(expandContainer),
        },
      },
    },
  });
}

/** Puts a value in the place of another, in texts and keys. Volumes' names hold a hash of what they hold. */
function withValue(value: Json, from: string, to: string): Json {
  if (typeof value === 'string') { return value.replaceAll(from, () => to).replace(/^(file|certificates)-[0-9a-z]+$/, '$1').replace(/\/[0-9a-f]{8}$/, '/(hash)'); }
  if (Array.isArray(value)) { return value.map(item => withValue(item, from, to)); }
  if (typeof value !== 'object' || value === null) { return value; }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key === from ? to : key, withValue(item, from, to)]));
}

/** The programs of the pod: what its containers run, and the script that they are given. */
function programs(objects: Manifest): Json {
  const pod = (objects.find(({ kind }) => kind === 'Job') as any).spec.template.spec;
  return [
    ...[...pod.initContainers, ...pod.containers].map(({ name, command }) => [name, command]),
    ...objects.filter(({ kind }) => kind === 'ConfigMap').map(({ data }) => data),
  ];
}

const FRAGMENTS = [
  '$(HOME)', '$$(HOME)', '$(PREPARE_DIRECTORY)', '$', '$$', '`id`', '$(id)', '${HOME}', ';', '&&', '|', '"', '\'', '\\', '\n', '\r', '\t', '\0', ' ', '/', '..', '../',
  '-', '--', '--no-push', '=', ':', '#', '@', ',', '{', '}', '[', ']', '*', '!', '%', '%0a', '~', '<<', '---', 'null', 'true', '1e3', '0x1', 'é', '日本', '\u2028', '\u0085', '\ud83d', '\u202e', 'name: x', '{{x}}',
];

/** Any text at all, hostile pieces, and the harmless value with a piece before, within or behind it. */
const hostile = (harmless: string) => fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 4 }).map(pieces => pieces.join('')),
  fc.tuple(fc.constantFrom(...FRAGMENTS), fc.nat(harmless.length)).map(([piece, at]) => harmless.slice(0, at) + piece + harmless.slice(at)),
  fc.tuple(fc.constantFrom('a', 'b.c', 'a-b', '0', 'A_'), fc.nat(harmless.length)).map(([piece, at]) => harmless.slice(0, at) + piece + harmless.slice(at)),
);

test('the builds hold every text that the table knows', () => {
  const named = new Set(PLACES.map(([path]) => path.replaceAll(/\.\d+(?=\.|$)/g, '')));
  const texts = (parameter: Parameter, path: string): string[] => textsOf(parameter.type, path);
  const textsOf = (type: ParameterType, path: string): string[] => {
    switch (type.kind) {
      case 'string': return type.values === undefined ? [path] : [];
      case 'list': return textsOf(type.items, path);
      case 'object': return type.fields.flatMap(field => texts(field, `${path}.${field.name}`));
      case 'map': return type.values.kind === 'string' ? [`${path}.(key)`] : [];
      default: return [];
    }
  };
  const missing = PARAMETERS.flatMap(parameter => texts(parameter, parameter.name)).filter(path => !named.has(path) && !NOT_PASSED_ON.includes(path));
  expect(missing).toEqual([]);
});

test('a harmless value stands in the manifest, but for those of the pipeline', () => {
  for (const [path, place, build] of PLACES) {
    const text = ARRIVES[path]?.(place.text) ?? place.text;
    expect([path, JSON.stringify(manifest(build)).includes(text)]).toEqual([path, !PIPELINE_ONLY.includes(path)]);
  }
});

test.each(PLACES)('any text as %s is refused, or arrives and changes nothing else', (path, place, build) => {
  const harmless = manifest(build)!;
  const arrives = ARRIVES[path] ?? (value => value);
  fc.assert(fc.property(hostile(place.text), text => {
    const objects = manifest(place.replace(text));
    // An empty text is a parameter that is not given; "." is the whole work tree and has no part in a path.
    fc.pre(text !== '' && !/^\.\/*$/.test(text));
    if (objects === undefined) { return; }
    expect(programs(objects)).toEqual(programs(harmless));
    expect(withValue(started(objects), '(none)', '')).toEqual(withValue(started(harmless), arrives(place.text), arrives(text)));
    const yaml = parseAllDocuments(Yaml.stringify(...objects), { version: '1.1' });
    expect((yaml as { toJS: () => unknown }[]).map(document => document.toJS())).toEqual(objects);
  }), { numRuns: 20 });
});

test('a build argument is handed on as it is, whatever Kubernetes would expand', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('$', '$$', '$(SSL_CERT_DIR)', '$$(SSL_CERT_DIR)', '$(HOME)', ')', '"', '\'', '`', ';', ' ', 'x'), { minLength: 1 }), pieces => {
    const value = pieces.join('');
    const job = started(manifest({ ...BUILDS[0], args: { A: value } })!).find(({ kind }) => kind === 'Job') as any;
    expect(job.spec.template.spec.containers[0].args).toContain(`--build-arg=A=${value}`);
  }));
});
