import { Parameter, ParameterType } from './parameter';
import {
  addressBlock, aptSource, blobPath, Check, contextDirectory, contextFile, cpuQuantity, dataKey, destination, dnsLabel, dnsSubdomain,
  endpointSuffix, featureFlag, fileName, freeText, gitCommit, gitRef, gitUrl, guid, httpUrl, imageLabelKey, imageName, imageReference, imageTag,
  labelKey, labelValue, mountPath, oneOf, ownLabelKey, platform, registryMirror, repository, secretId, secretName, sha256, shortText,
  sizeQuantity, stageName, storageAccountName, storageContainerName,
} from '../checks';

const string = (check: Check): ParameterType => ({ kind: 'string', check });
const choice = (...values: string[]): ParameterType => ({ kind: 'string', check: oneOf(values), values });
const integer = (minimum: number, maximum: number): ParameterType => ({ kind: 'integer', minimum, maximum });
const list = (items: ParameterType): ParameterType => ({ kind: 'list', items });
const map = (key: Check, values: Check): ParameterType => ({ kind: 'map', key, values: string(values) });
const boolean: ParameterType = { kind: 'boolean' };

const SOURCE_OF_FILE: readonly Parameter[] = [
  { name: 'configMapName', type: string(dnsSubdomain), help: 'The ConfigMap that holds it' },
  { name: 'secretName', type: string(secretName), help: 'The Secret that holds it, in place of a ConfigMap' },
];

const APP_FILE: ParameterType = {
  kind: 'object',
  name: 'AppFile',
  help: 'A file of the storage account, and where it lands in the build context.',
  fields: [
    { name: 'path', type: string(blobPath), required: true, help: 'The blob\'s path in the container', example: 'k8s/kubectl' },
    { name: 'name', type: string(fileName), required: true, help: 'Where it lands, relative to the build context', example: 'kubectl' },
    { name: 'sha256', type: string(sha256), help: 'The SHA-256 that it must have' },
    { name: 'executable', type: boolean, default: 'true', help: 'Whether it may be executed' },
    { name: 'overwrite', type: boolean, default: 'false', help: 'Whether it may replace a file of the repository' },
  ],
};

const CERTIFICATE: ParameterType = {
  kind: 'object',
  name: 'CertificateSource',
  help: 'Authorities to trust, as PEM, from a ConfigMap or a Secret.',
  fields: [
    ...SOURCE_OF_FILE,
    { name: 'key', type: string(dataKey), help: 'The key that holds them', default: 'every key' },
  ],
};

const MOUNTED_SECRET: ParameterType = {
  kind: 'object',
  name: 'MountedSecret',
  help: 'A Secret\'s key for `RUN --mount=type=secret,id=…`.',
  fields: [
    { name: 'id', type: string(secretId), required: true, help: 'The id that the Dockerfile names', example: 'npmrc' },
    { name: 'secretName', type: string(secretName), required: true, help: 'The Secret' },
    { name: 'key', type: string(dataKey), required: true, help: 'Its key' },
  ],
};

const MOUNTED_FILE: ParameterType = {
  kind: 'object',
  name: 'FileInRun',
  help: 'A file that RUN sees at a path of the image, and that the image never holds.',
  fields: [
    { name: 'path', type: string(mountPath), required: true, help: 'The absolute path at which RUN sees it', example: '/etc/pip.conf' },
    ...SOURCE_OF_FILE,
    { name: 'key', type: string(dataKey), required: true, help: 'The key that holds it', example: 'pip.conf' },
  ],
};

const TOLERATION: ParameterType = {
  kind: 'object',
  name: 'TolerationRule',
  help: 'A taint of nodes that the pod may run on all the same.',
  fields: [
    { name: 'key', type: string(labelKey), help: 'The taint\'s key', default: 'every key' },
    { name: 'operator', type: choice('Equal', 'Exists'), help: 'How the value is compared', default: 'Equal' },
    { name: 'value', type: string(labelValue), help: 'The taint\'s value' },
    { name: 'effect', type: choice('NoSchedule', 'PreferNoSchedule', 'NoExecute'), help: 'The taint\'s effect', default: 'every effect' },
  ],
};

const DESTINATION: ParameterType = {
  kind: 'object',
  name: 'EgressDestination',
  help: 'A block of addresses that the pod may reach.',
  fields: [
    { name: 'addressBlock', type: string(addressBlock), required: true, help: 'The block', example: '10.20.0.0/16' },
    { name: 'ports', type: list(integer(1, 65535)), help: 'The TCP ports', default: '443' },
  ],
};

const PIPELINE: readonly Parameter[] = [
  { name: 'poolName', type: string(freeText), pipeline: 'only', help: 'Name of the DevOps agent pool', example: 'Contoso-Build-Dev' },
  { name: 'serviceConnection', type: string(freeText), pipeline: 'only', help: 'Name of the Azure service connection', example: 'contoso-dev-deployment' },
  { name: 'subscriptionName', type: string(freeText), pipeline: 'only', help: 'Name of the subscription of the AKS cluster', example: 'Contoso Dev' },
  { name: 'resourceGroup', type: string(freeText), pipeline: 'only', help: 'Resource group of the AKS cluster', example: 'contoso-dev-aks-rg' },
  { name: 'kubernetesCluster', type: string(freeText), pipeline: 'only', help: 'Name of the AKS cluster', example: 'contoso-dev-aks' },
];

const CLUSTER: readonly Parameter[] = [
  { name: 'namespace', type: string(dnsLabel), required: true, help: 'Namespace in which the build runs', example: 'winddata-dev' },
  {
    name: 'workloadIdentity', type: string(dnsSubdomain), pipeline: 'required',
    help: 'Service account with which the init container proves its workload identity', default: 'no identity', example: 'wdap-cicd-identity',
  },
  {
    name: 'managedIdentityClientId', type: string(guid), help: 'Client id of the managed identity to act as',
    default: 'the one that the service account names', example: '11111111-2222-3333-4444-555555555555',
  },
  {
    name: 'createServiceAccount', type: boolean, default: 'false',
    help: 'Whether the service account is part of the manifest (needs managedIdentityClientId)',
  },
  { name: 'name', type: string(dnsLabel), help: 'Name of the Job', default: 'imageName and imageTag' },
];

const CONTEXT: readonly Parameter[] = [
  {
    name: 'repositoryUrl', type: string(gitUrl), help: 'The git repository; required unless volumeClaimName is given',
    example: 'https://dev.azure.com/contoso/wind/_git/images',
  },
  { name: 'branchName', type: string(gitRef), pipeline: 'required', help: 'Branch to clone; a tagName or commitId beside it is more exact, and wins', example: 'main' },
  { name: 'tagName', type: string(gitRef), help: 'Tag to clone, in place of a branch' },
  { name: 'commitId', type: string(gitCommit), help: 'Full commit id to clone, in place of a branch' },
  { name: 'imagePath', type: string(contextDirectory), required: true, help: 'Directory of the repository that is the build context', example: 'k8s/images/build-agent/' },
  { name: 'dockerFile', type: string(contextFile), help: 'The Dockerfile, relative to imagePath', default: 'Dockerfile', example: 'python-311.Dockerfile' },
  {
    name: 'gitCredentials', type: choice('workloadIdentity', 'secret', 'anonymous'), help: 'How the init container proves to the git server who it is',
    default: 'secret where gitSecretName is given, workloadIdentity for Azure Repos where there is one, anonymous otherwise',
  },
  { name: 'gitSecretName', type: string(secretName), help: 'Secret with the keys username and password (or a token as password)' },
  { name: 'submodules', type: boolean, default: 'false', help: 'Whether submodules are cloned too' },
  { name: 'lfs', type: boolean, default: 'false', help: 'Whether files kept by git LFS are fetched (the prepareImage needs git-lfs)' },
  { name: 'sparse', type: boolean, default: 'true', help: 'Whether only imagePath is fetched, not the whole tree' },
  { name: 'keepGitDirectory', type: boolean, default: 'false', help: 'Whether .git stays in the build context' },
  { name: 'volumeClaimName', type: string(dnsSubdomain), help: 'Persistent volume claim that holds the files, in place of a repository' },
];

const FILES: readonly Parameter[] = [
  { name: 'storageAccountName', type: string(storageAccountName), help: 'Storage account with the binary files', example: 'contosobinaries' },
  { name: 'storageContainerName', type: string(storageContainerName), default: 'bin', help: 'Blob container with the binary files' },
  { name: 'storageEndpointSuffix', type: string(endpointSuffix), default: 'blob.core.windows.net', help: 'Suffix of the cloud\'s blob endpoints' },
  { name: 'appFiles', type: list(APP_FILE), help: 'Binary files to put into the build context, each {path, name}', default: 'none' },
];

const IMAGE: readonly Parameter[] = [
  {
    name: 'registry', type: string(repository), required: true, help: 'Registry, with the path that images have there',
    example: 'registry.contoso.example/docker-local',
  },
  { name: 'imageName', type: string(imageName), required: true, help: 'Name of the image', example: 'build-agent' },
  { name: 'imageTag', type: string(imageTag), required: true, help: 'Tag of the image', example: 'python-311-42' },
  { name: 'additionalTags', type: list(string(imageTag)), help: 'Further tags of the same image', default: 'none' },
  { name: 'additionalDestinations', type: list(string(destination)), help: 'Further places to push to, each with registry and tag', default: 'none' },
  {
    name: 'args', type: { kind: 'arguments' }, default: 'none',
    help: 'Build arguments: a map, a list of NAME=value, or a string of them; items that begin with -- are flags of kaniko',
  },
  { name: 'target', type: string(stageName), help: 'Stage to build', default: 'the last one' },
  { name: 'labels', type: map(imageLabelKey, shortText), help: 'Labels of the image', default: 'none' },
  { name: 'annotations', type: map(imageLabelKey, shortText), help: 'Annotations of the image\'s manifest', default: 'none' },
  { name: 'platform', type: string(platform), help: 'Platform to build for', default: 'the node\'s', example: 'linux/amd64' },
  { name: 'snapshotMode', type: choice('full', 'redo', 'time'), default: 'redo', help: 'How kaniko finds what a command changed; full is the cautious choice' },
  { name: 'reproducible', type: boolean, default: 'false', help: 'Whether timestamps are removed, so that equal inputs give an equal digest' },
  { name: 'compression', type: choice('gzip', 'zstd'), default: 'gzip', help: 'How layers are compressed' },
  { name: 'compressionLevel', type: integer(1, 22), help: 'Level of compression (gzip: 1 to 9)', default: 'the algorithm\'s own' },
  { name: 'imageFormat', type: choice('docker', 'oci'), help: 'Media type of the image', default: 'that of the base image' },
];

const REGISTRIES: readonly Parameter[] = [
  { name: 'registrySecretName', type: string(secretName), help: 'Secret of type kubernetes.io/dockerconfigjson for pulling and pushing', default: 'no credentials', example: 'jfrog-docker' },
  {
    name: 'registryWorkloadIdentity', type: boolean, default: 'false',
    help: 'Whether kaniko uses the workload identity for Azure Container Registry; RUN steps can then read its token',
  },
  { name: 'registryMirrors', type: list(string(registryMirror)), help: 'Mirrors of Docker Hub', default: 'none' },
  { name: 'registryMaps', type: map(freeText, registryMirror), help: 'Mirrors by registry, {docker.io: registry.contoso.example/docker-remote}', default: 'none' },
  { name: 'registryMirrorsOnly', type: boolean, default: 'false', help: 'Whether what no mirror has is an error' },
  { name: 'registryRetries', type: integer(0, 20), default: '3', help: 'How often a failed pull or push is tried again' },
];

const SECRETS: readonly Parameter[] = [
  { name: 'buildSecretName', type: string(secretName), help: 'Secret whose keys RUN sees as files in /kaniko/secrets', default: 'none', example: 'jfrog-credentials' },
  { name: 'buildSecretKeys', type: list(string(dataKey)), default: 'jfrog-deb-user, jfrog-deb-secret', help: 'Keys of that Secret' },
  { name: 'secrets', type: list(MOUNTED_SECRET), help: 'Secrets for RUN --mount=type=secret, each {id, secretName, key}', default: 'none' },
  { name: 'mountedFiles', type: list(MOUNTED_FILE), help: 'Files that RUN sees, each {path, secretName or configMapName, key}', default: 'none' },
  {
    name: 'aptSources', type: list(string(aptSource)), default: 'those of the base image',
    help: 'Lines of apt\'s sources for RUN, without credentials', example: 'deb https://registry.contoso.example/artifactory/remote-debian/debian bookworm main',
  },
  { name: 'aptSecretName', type: string(secretName), help: 'Secret with the mirror\'s user and password', default: 'buildSecretName' },
  { name: 'aptUserKey', type: string(dataKey), default: 'jfrog-deb-user', help: 'Key of the mirror\'s user' },
  { name: 'aptPasswordKey', type: string(dataKey), default: 'jfrog-deb-secret', help: 'Key of the mirror\'s password' },
  { name: 'caCertificates', type: list(CERTIFICATE), help: 'Authorities to trust, each {configMapName or secretName, key}', default: 'none' },
];

const EXECUTOR: readonly Parameter[] = [
  { name: 'kanikoImage', type: string(imageReference), help: 'Image of the kaniko executor, in its -debug form', default: 'ghcr.io/osscontainertools/kaniko:v1.28.3-debug' },
  { name: 'kanikoVersion', type: string(freeText), help: 'Version of that image', default: 'read from its tag' },
  { name: 'prepareImage', type: string(imageReference), help: 'Image of the init container: sh, git, curl', default: 'docker.io/library/buildpack-deps:bookworm-scm' },
  { name: 'prepareRetrySeconds', type: integer(0, 3600), default: '120', help: 'How long the init container tries again what may pass, in seconds: a role that is not yet known everywhere, a busy server' },
  { name: 'imagePullSecretNames', type: list(string(secretName)), help: 'Secrets with which the node pulls these images', default: 'none' },
  { name: 'cache', type: boolean, default: 'false', help: 'Whether layers are kept for the next build' },
  { name: 'cacheRepository', type: string(repository), help: 'Repository of the cached layers', default: '<registry>/<imageName>/cache' },
  { name: 'cacheTtlHours', type: integer(1, 8760), default: '336', help: 'How old a cached layer may be, in hours' },
  { name: 'featureFlags', type: { kind: 'map', key: featureFlag, values: boolean }, help: 'Feature flags of kaniko', default: 'those that the cache needs' },
  { name: 'verbosity', type: choice('trace', 'debug', 'info', 'warn', 'error'), default: 'info', help: 'How much kaniko logs' },
  { name: 'telemetryEndpoint', type: string(httpUrl), help: 'Where kaniko sends an OpenTelemetry trace', default: 'nowhere', example: 'http://otel-collector:4318' },
];

const RUNNING: readonly Parameter[] = [
  { name: 'timeoutMinutes', type: integer(1, 1440), default: '60', help: 'How long the build may take, in minutes' },
  { name: 'timeToLiveMinutes', type: integer(0, 10080), default: '60', help: 'How long the finished Job stays, in minutes' },
  { name: 'disruptionRetries', type: integer(0, 100), default: '3', help: 'How often a build is begun again whose node was lost' },
  { name: 'cpuRequest', type: string(cpuQuantity), default: '500m', help: 'Processors that are reserved' },
  { name: 'cpuLimit', type: string(cpuQuantity), help: 'Processors at most', default: 'none' },
  { name: 'memoryRequest', type: string(sizeQuantity), default: '1Gi', help: 'Memory that is reserved' },
  { name: 'memoryLimit', type: string(sizeQuantity), default: '4Gi', help: 'Memory at most' },
  { name: 'ephemeralStorageRequest', type: string(sizeQuantity), default: '2Gi', help: 'Disk that is reserved' },
  { name: 'ephemeralStorageLimit', type: string(sizeQuantity), default: '16Gi', help: 'Disk at most' },
  { name: 'nodeSelector', type: map(labelKey, labelValue), help: 'Labels that the node must have', default: 'any node' },
  { name: 'tolerations', type: list(TOLERATION), help: 'Taints of nodes that the pod may run on', default: 'none' },
  { name: 'affinity', type: { kind: 'raw', help: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/' }, help: 'Kubernetes\' affinity rules, as in a pod', default: 'none' },
  { name: 'priorityClassName', type: string(dnsSubdomain), help: 'Priority class of the pod', default: 'the cluster\'s' },
  { name: 'runtimeClassName', type: string(dnsSubdomain), help: 'Runtime class of the pod', default: 'the node\'s' },
  { name: 'queueName', type: string(dnsSubdomain), help: 'Kueue queue that admits the Job', default: 'none' },
  { name: 'podLabels', type: map(ownLabelKey, labelValue), help: 'Further labels of the Job and its pod', default: 'none' },
  { name: 'podAnnotations', type: map(ownLabelKey, shortText), help: 'Further annotations of the Job and its pod', default: 'none' },
  { name: 'egress', type: list(DESTINATION), help: 'The only addresses that the pod may reach beside DNS, each {addressBlock, ports}', default: 'unrestricted' },
];

const grouped = (group: string, parameters: readonly Parameter[]): Parameter[] => parameters.map(parameter => ({ ...parameter, group }));

/** Every parameter, once: what it is called, may be and does. All else that speaks of parameters is made from this. */
export const PARAMETERS: readonly Parameter[] = [
  ...grouped('Cluster and identity', CLUSTER),
  ...grouped('Build context', CONTEXT),
  ...grouped('Binary files', FILES),
  ...grouped('Image', IMAGE),
  ...grouped('Registries', REGISTRIES),
  ...grouped('Secrets, certificates and apt', SECRETS),
  ...grouped('Executor and cache', EXECUTOR),
  ...grouped('Running', RUNNING),
  ...grouped('Pipeline only (accepted and ignored elsewhere)', PIPELINE),
];
