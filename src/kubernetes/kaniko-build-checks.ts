import {
  argumentName, destination, featureFlag, httpUrl, imageLabelKey, integer, labelValue, ownLabelKey, parseImageReference, platform,
  registryMirror, shortText, stageName, verify,
} from '../checks';
import { Compression, KanikoImage, KanikoOptions } from '../kaniko';
import { MergedContribution } from './pod/merge';
import { RegistryCredentials } from './pod/registry-credentials';

/** Throws for an option that is not valid or that the executor does not know. */
export function verifyKanikoOptions(place: string, options: KanikoOptions, image: KanikoImage): void {
  const needs = (used: boolean, flag: string) => {
    const problem = used ? image._flagProblem(flag) : undefined;
    if (problem !== undefined) { throw new Error(`[${place}] ${problem}`); }
  };
  verifyMap(place, 'buildArgs', options.buildArgs, argumentName);
  verifyMap(place, 'imageLabels', options.imageLabels, imageLabelKey);
  verifyMap(place, 'imageAnnotations', options.imageAnnotations, imageLabelKey);
  needs(Object.keys(options.imageAnnotations ?? {}).length > 0, 'annotation');
  needs(options.imageFormat !== undefined, 'image-format');
  if (options.target !== undefined) { verify(place, 'target', options.target, stageName); }
  if (options.platform !== undefined) { verify(place, 'platform', options.platform, platform); }
  verifyNumber(place, 'registryRetries', options.registryRetries, 0, 20);
  verifyNumber(place, 'compressionLevel', options.compressionLevel, 1, options.compression === Compression.ZSTD ? 22 : 9);
  for (const name of Object.keys(options.featureFlags ?? {})) {
    verify(place, 'featureFlags', name, featureFlag);
    const problem = image._featureFlagProblem(name);
    if (problem !== undefined) { throw new Error(`[${place}] featureFlags: ${problem}`); }
  }
  if (options.telemetryEndpoint !== undefined) {
    verify(place, 'telemetryEndpoint', options.telemetryEndpoint, httpUrl);
    // v1.28.2 has traces too, but always sends the Dockerfile's text with them.
    const needed = options.telemetryIncludesDockerfile === true ? '1.28.2' : '1.28.3';
    if (!image.isAtLeast(needed)) {
      throw new Error(`[${place}] telemetryEndpoint needs kaniko v${needed} or later, the image is v${image.version}; use ${KanikoImage.DEFAULT.reference}`);
    }
  }
}

/** Throws for a destination that is not valid or named twice. */
export function verifyDestinations(place: string, destinations: readonly string[]): string[] {
  if (destinations.length === 0) {
    throw new Error(`[${place}] destinations is empty; name where the image is pushed, for example "registry.contoso.example/docker-local/app:1.0"`);
  }
  destinations.forEach((value, index) => verify(place, `destinations[${index}]`, value, destination));
  const twice = destinations.find((value, index) => destinations.indexOf(value) !== index);
  if (twice !== undefined) { throw new Error(`[${place}] destinations names "${twice}" twice; remove one`); }
  return [...destinations];
}

/** Throws for labels and annotations that Kubernetes would refuse. */
export function verifyMetadata(
  place: string, metadata: { readonly labels?: { readonly [key: string]: string }; readonly annotations?: { readonly [key: string]: string } },
): void {
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    verify(place, 'labels', key, ownLabelKey);
    verify(place, `labels["${key}"]`, value, labelValue);
  }
  verifyMap(place, 'annotations', metadata.annotations, ownLabelKey);
}

/** Throws where a part needs the pod's workload identity and there is none. */
export function verifyIdentity(place: string, parts: MergedContribution, hasIdentity: boolean): void {
  if (!hasIdentity && parts.identityNeededTo.length > 0) {
    throw new Error(`[${place}] identity is missing, and the pod needs one ${parts.identityNeededTo.join(' and ')}; `
      + 'name the service account: WorkloadIdentity.fromServiceAccountName(…) (workloadIdentity)');
  }
}

/** The registries that an image is pulled from, and who asks for credentials. */
export interface RegistryOptions {
  readonly registryCredentials?: RegistryCredentials;
  readonly registryMirrors?: string[];
  readonly registryMaps?: { readonly [registry: string]: string };
  readonly registryMirrorsOnly?: boolean;
}

/** kaniko's flags for mirrors and credential helpers. */
export function registryArguments(place: string, options: RegistryOptions, image: KanikoImage): string[] {
  const mirrors = options.registryMirrors ?? [];
  const maps = Object.entries(options.registryMaps ?? {});
  mirrors.forEach((mirror, index) => verify(place, `registryMirrors[${index}]`, mirror, registryMirror));
  for (const [registry, mirror] of maps) {
    verify(place, 'registryMaps', registry, registryHost);
    verify(place, `registryMaps["${registry}"]`, mirror, registryMirror);
  }
  if (options.registryMirrorsOnly === true && mirrors.length + maps.length === 0) {
    throw new Error(`[${place}] registryMirrorsOnly needs a mirror; name one in registryMirrors or registryMaps`);
  }
  const helper = (options.registryCredentials ?? RegistryCredentials.anonymous())._credentialHelper;
  return [
    ...mirrors.map(mirror => `--registry-mirror=${mirror}`),
    ...maps.map(([registry, mirror]) => `--registry-map=${registry}=${mirror}`),
    ...options.registryMirrorsOnly === true ? ['--skip-default-registry-fallback=true'] : [],
    ...image.knowsFlag('credential-helpers') ? [`--credential-helpers=${helper}`] : [],
  ];
}

function registryHost(value: string): string | undefined {
  return parseImageReference(`${value}/x`)?.registry === value ? undefined
    : `needs the host of a registry, got ${JSON.stringify(value)}; write for example "docker.io"`;
}

function verifyMap(
  place: string, name: string, map: { readonly [key: string]: string } | undefined, key: (value: string) => string | undefined,
): void {
  for (const [entry, value] of Object.entries(map ?? {})) {
    verify(place, name, entry, key);
    verify(place, `${name}["${entry}"]`, value, shortText);
  }
}

function verifyNumber(place: string, name: string, value: number | undefined, minimum: number, maximum: number): void {
  const problem = value === undefined ? undefined : integer(value, minimum, maximum);
  if (problem !== undefined) { throw new Error(`[${place}] ${name} ${problem}`); }
}
