import { Duration } from 'cdk8s';
import { ConfigMap, ContainerResources, Cpu, IConfigMap, ISecret, PersistentVolumeClaim, Secret } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { KanikoBuildProps } from './kaniko-build';
import { NetworkAccess } from './network-access';
import {
  AptSources, BinaryFiles, BuildContext, BuildSecrets, CaCertificates, GitCredentials, MountedFile, RegistryCredentials, WorkloadIdentity,
} from './pod';
import { shortHash } from './pod/short-hash';
import { parseSize } from './resources';
import { isAzureRepos } from '../checks';
import { Compression, ImageFormat, KanikoImage, LayerCache, SnapshotMode, Verbosity } from '../kaniko';
import { parseArguments } from '../parameters/arguments';
import { BuildParameters } from '../parameters/build-parameters';
import { fromValue } from '../parameters/input';
import { kanikoImage, takesValue } from '../parameters/read-parameters';

/** Checked parameters to the properties of a `KanikoBuild`. References to Secrets and the like are made in `scope`, once each. */
export function buildProps(scope: Construct, parameters: BuildParameters, name: string): KanikoBuildProps {
  const p = parameters;
  const args = parseArguments(fromValue(p.args ?? []), takesValue);
  const secret = (secretName: string) => secretReference(scope, secretName);
  return {
    name,
    namespace: p.namespace,
    context: context(scope, p),
    dockerfile: p.dockerFile,
    destinations: [
      ...[p.imageTag, ...p.additionalTags ?? []].map(tag => `${p.registry}/${p.imageName}:${tag}`),
      ...p.additionalDestinations ?? [],
    ],
    binaryFiles: p.storageAccountName === undefined ? undefined : BinaryFiles.fromStorageAccount(p.storageAccountName, {
      files: p.appFiles ?? [], container: p.storageContainerName, endpointSuffix: p.storageEndpointSuffix,
    }),
    caCertificates: p.caCertificates?.map(source => source.secretName === undefined
      ? CaCertificates.fromConfigMap(configMapReference(scope, source.configMapName!), source.key)
      : CaCertificates.fromSecret(secret(source.secretName), source.key)),
    identity: identity(p),
    registryCredentials: registryCredentials(scope, p),
    registryMirrors: p.registryMirrors,
    registryMaps: p.registryMaps,
    registryMirrorsOnly: p.registryMirrorsOnly,
    registryRetries: p.registryRetries,
    buildSecrets: [
      ...p.buildSecretName === undefined ? [] : [BuildSecrets.fromSecret(secret(p.buildSecretName), { keys: p.buildSecretKeys })],
      ...(p.secrets ?? []).map(({ id, secretName, key }) => BuildSecrets.forMount(id, secret(secretName), key)),
    ],
    aptSources: aptSources(scope, p),
    mountedFiles: p.mountedFiles?.map(({ path, secretName, configMapName, key }) => secretName === undefined
      ? MountedFile.fromConfigMap(configMapReference(scope, configMapName!), key, path)
      : MountedFile.fromSecret(secret(secretName), key, path)),
    image: kanikoImage(p) as KanikoImage,
    prepareImage: p.prepareImage,
    prepareRetry: p.prepareRetrySeconds === undefined ? undefined : Duration.seconds(p.prepareRetrySeconds),
    imagePullSecretNames: p.imagePullSecretNames,
    layerCache: p.cache !== true ? undefined : LayerCache.inRegistry({
      repository: p.cacheRepository, timeToLive: p.cacheTtlHours === undefined ? undefined : Duration.hours(p.cacheTtlHours),
    }),
    networkAccess: p.egress === undefined ? undefined : NetworkAccess.restrictedTo(p.egress),
    buildArgs: args.buildArgs,
    flags: args.flags,
    target: p.target,
    imageLabels: p.labels,
    imageAnnotations: p.annotations,
    platform: p.platform,
    snapshotMode: p.snapshotMode as SnapshotMode | undefined,
    reproducible: p.reproducible,
    compression: p.compression as Compression | undefined,
    compressionLevel: p.compressionLevel,
    imageFormat: p.imageFormat as ImageFormat | undefined,
    verbosity: p.verbosity as Verbosity | undefined,
    telemetryEndpoint: p.telemetryEndpoint,
    featureFlags: p.featureFlags,
    resources: resources(p),
    nodeSelector: p.nodeSelector,
    tolerations: p.tolerations,
    affinity: p.affinity,
    priorityClassName: p.priorityClassName,
    runtimeClassName: p.runtimeClassName,
    deadline: minutes(p.timeoutMinutes),
    timeToLive: minutes(p.timeToLiveMinutes),
    disruptionRetries: p.disruptionRetries,
    queueName: p.queueName,
    labels: p.podLabels,
    annotations: p.podAnnotations,
  };
}

function context(scope: Construct, p: BuildParameters): BuildContext {
  if (p.volumeClaimName !== undefined) {
    const claim = reference(scope, 'Claim', p.volumeClaimName, id => PersistentVolumeClaim.fromClaimName(scope, id, p.volumeClaimName!));
    return BuildContext.fromVolume(claim, { directory: p.imagePath });
  }
  // The more exact one wins: a pipeline always names a branch, and a commit beside it is of that branch.
  const branch = p.commitId === undefined && p.tagName === undefined ? p.branchName : undefined;
  return BuildContext.fromGit(p.repositoryUrl!, {
    branch,
    tag: p.tagName,
    commit: p.commitId,
    directory: p.imagePath,
    credentials: gitCredentials(scope, p),
    submodules: p.submodules,
    lfs: p.lfs,
    sparse: p.sparse,
    keepGitDirectory: p.keepGitDirectory,
  });
}

function gitCredentials(scope: Construct, p: BuildParameters): GitCredentials {
  const byDefault = p.gitSecretName !== undefined ? 'secret'
    : p.workloadIdentity !== undefined && isAzureRepos(p.repositoryUrl!) ? 'workloadIdentity' : 'anonymous';
  switch (p.gitCredentials ?? byDefault) {
    case 'secret': return GitCredentials.fromSecret(secretReference(scope, p.gitSecretName!));
    case 'workloadIdentity': return GitCredentials.fromWorkloadIdentity();
    default: return GitCredentials.anonymous();
  }
}

function identity(p: BuildParameters): WorkloadIdentity | undefined {
  if (p.workloadIdentity === undefined) { return undefined; }
  return p.createServiceAccount === true
    ? WorkloadIdentity.withServiceAccount(p.workloadIdentity, { clientId: p.managedIdentityClientId!, namespace: p.namespace })
    : WorkloadIdentity.fromServiceAccountName(p.workloadIdentity, { clientId: p.managedIdentityClientId });
}

function registryCredentials(scope: Construct, p: BuildParameters): RegistryCredentials {
  if (p.registryWorkloadIdentity === true) { return RegistryCredentials.fromWorkloadIdentity(); }
  return p.registrySecretName === undefined ? RegistryCredentials.anonymous()
    : RegistryCredentials.fromSecret(secretReference(scope, p.registrySecretName));
}

function aptSources(scope: Construct, p: BuildParameters): AptSources | undefined {
  if (p.aptSources === undefined || p.aptSources.length === 0) { return undefined; }
  const secretName = p.aptSecretName ?? p.buildSecretName;
  return AptSources.fromLines(p.aptSources, {
    credentials: secretName === undefined ? undefined : secretReference(scope, secretName),
    usernameKey: p.aptUserKey,
    passwordKey: p.aptPasswordKey,
  });
}

function resources(p: BuildParameters): ContainerResources {
  const cpu = (text: string | undefined) => text === undefined ? undefined
    : Cpu.millis(text.endsWith('m') ? Number(text.slice(0, -1)) : Math.round(Number(text) * 1000));
  const size = (text: string | undefined) => text === undefined ? undefined : parseSize(text);
  return {
    cpu: { request: cpu(p.cpuRequest), limit: cpu(p.cpuLimit) },
    memory: { request: size(p.memoryRequest), limit: size(p.memoryLimit) },
    ephemeralStorage: { request: size(p.ephemeralStorageRequest), limit: size(p.ephemeralStorageLimit) },
  };
}

function minutes(amount: number | undefined): Duration | undefined {
  return amount === undefined ? undefined : Duration.minutes(amount);
}

function secretReference(scope: Construct, name: string): ISecret {
  return reference(scope, 'Secret', name, id => Secret.fromSecretName(scope, id, name));
}

function configMapReference(scope: Construct, name: string): IConfigMap {
  return reference(scope, 'ConfigMap', name, id => ConfigMap.fromConfigMapName(scope, id, name));
}

/** A reference to an object that exists in the cluster: one construct for all builds that name it. */
function reference<T>(scope: Construct, kind: string, name: string, make: (id: string) => T): T {
  const id = `${kind}-${shortHash(name)}`;
  return (scope.node.tryFindChild(id) as T | undefined) ?? make(id);
}
