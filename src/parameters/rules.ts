import { BuildParameters } from './build-parameters';
import { Mistake } from './input';
import { clashingName, isAzureRepos, repository } from '../checks';

/** What is wrong between parameters that are each valid by themselves. */
export function ruleMistakes(parameters: BuildParameters): Mistake[] {
  const p = parameters;
  const mistakes: Mistake[] = [];
  const refuseIf = (wrong: boolean, path: string, message: string) => { if (wrong) { mistakes.push({ path, message }); } };
  const fromGit = p.repositoryUrl !== undefined;

  refuseIf(!fromGit && p.volumeClaimName === undefined, 'repositoryUrl',
    'is required; write for example "repositoryUrl: https://dev.azure.com/contoso/wind/_git/images", or name a volumeClaimName');
  refuseIf(fromGit && p.volumeClaimName !== undefined, 'volumeClaimName', 'stands beside repositoryUrl, and the files come from one place; remove one');
  refuseIf(fromGit && (p.branchName ?? p.tagName ?? p.commitId) === undefined, 'branchName', 'is required; write for example "branchName: main"');
  refuseIf(p.tagName !== undefined && p.commitId !== undefined, 'commitId', 'stands beside tagName, and only one thing is cloned; remove one');
  const git = p.gitCredentials;
  refuseIf(git === 'secret' && p.gitSecretName === undefined, 'gitSecretName', 'is required where gitCredentials is secret; name the Secret');
  refuseIf(git !== undefined && git !== 'secret' && p.gitSecretName !== undefined, 'gitSecretName', `stands beside gitCredentials: ${git}; remove one`);
  refuseIf(git === 'workloadIdentity' && fromGit && !isAzureRepos(p.repositoryUrl!), 'gitCredentials',
    'is workloadIdentity, whose token is for Azure Repos alone; name a gitSecretName for this server');

  const anonymous = p.workloadIdentity === undefined;
  const named = ' needs workloadIdentity; name the service account, for example "workloadIdentity: wdap-cicd-identity"';
  refuseIf(anonymous && git === 'workloadIdentity', 'gitCredentials', `as workloadIdentity${named.replace(' needs', ' needs the parameter')}`);
  refuseIf(anonymous && (p.appFiles ?? []).length > 0, 'appFiles', named.trim());
  refuseIf(anonymous && p.managedIdentityClientId !== undefined, 'managedIdentityClientId', named.trim());
  refuseIf(anonymous && p.registryWorkloadIdentity === true, 'registryWorkloadIdentity', named.trim());
  refuseIf(p.createServiceAccount === true && (anonymous || p.managedIdentityClientId === undefined), 'createServiceAccount',
    'needs workloadIdentity and managedIdentityClientId, the name and the identity of the service account; add them');

  refuseIf((p.appFiles ?? []).length > 0 && p.storageAccountName === undefined, 'storageAccountName',
    'is required for appFiles; write for example "storageAccountName: contosobinaries"');
  const clash = clashingName((p.appFiles ?? []).map(file => file.name));
  refuseIf(clash !== undefined, 'appFiles', clash ?? '');

  refuseIf(p.registrySecretName !== undefined && p.registryWorkloadIdentity === true, 'registryWorkloadIdentity',
    'stands beside registrySecretName, and one of them proves who kaniko is; remove one');
  refuseIf(p.registryMirrorsOnly === true && (p.registryMirrors ?? []).length + Object.keys(p.registryMaps ?? {}).length === 0, 'registryMirrorsOnly',
    'needs a mirror; name one in registryMirrors or registryMaps');
  for (const host of Object.keys(p.registryMaps ?? {})) {
    refuseIf(repository(host) !== undefined || host.includes('/'), 'registryMaps', `has a key that is no registry, "${host}"; write for example "docker.io"`);
  }

  refuseIf(p.buildSecretKeys !== undefined && p.buildSecretName === undefined, 'buildSecretName', 'is required for buildSecretKeys; name the Secret');
  refuseIf(p.buildSecretKeys?.length === 0, 'buildSecretKeys', 'is empty; name at least one key of the Secret');
  refuseIf(p.aptSecretName !== undefined && (p.aptSources ?? []).length === 0, 'aptSecretName', 'is given without aptSources; name the mirror\'s lines or remove it');
  mistakes.push(...oneSourceEach('caCertificates', p.caCertificates), ...oneSourceEach('mountedFiles', p.mountedFiles));
  duplicates((p.secrets ?? []).map(secret => secret.id)).forEach(id => refuseIf(true, 'secrets', `names the id "${id}" twice; leave one out`));
  duplicates((p.mountedFiles ?? []).map(file => file.path)).forEach(path => refuseIf(true, 'mountedFiles', `mounts two files at "${path}"; leave one out`));

  for (const name of ['cacheRepository', 'cacheTtlHours'] as const) {
    refuseIf(p.cache !== true && p[name] !== undefined, name, 'is given, but the cache is off; write "cache: true" or remove it');
  }
  refuseIf(p.kanikoVersion !== undefined && p.kanikoImage === undefined, 'kanikoVersion', 'is the version of kanikoImage, which is not given; add it or remove this');
  refuseIf(p.compression !== 'zstd' && (p.compressionLevel ?? 1) > 9, 'compressionLevel', `needs a whole number from 1 to 9 for gzip, got ${p.compressionLevel}`);
  const tags = [p.imageTag, ...p.additionalTags ?? []];
  duplicates(tags).forEach(tag => refuseIf(true, 'additionalTags', `names the tag "${tag}" twice; leave one out`));
  return mistakes;
}

interface FileSource { readonly configMapName?: string; readonly secretName?: string }

function oneSourceEach(path: string, sources: readonly FileSource[] | undefined): Mistake[] {
  return (sources ?? []).flatMap((source, index) => (source.configMapName === undefined) === (source.secretName === undefined)
    ? [{ path: `${path}[${index}]`, message: 'needs exactly one of configMapName and secretName; add or remove one' }] : []);
}

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
