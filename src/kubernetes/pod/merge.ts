import { k8s } from 'cdk8s-plus-28';
import { IConstruct } from 'constructs';
import { PodContribution } from './pod-contribution';

/** All that the parts of one build add to its pod. */
export interface MergedContribution {
  readonly volumes: k8s.Volume[];
  readonly prepareEnvironment: Record<string, string>;
  readonly prepareMounts: k8s.VolumeMount[];
  readonly kanikoEnvironment: Record<string, string>;
  readonly kanikoMounts: k8s.VolumeMount[];
  readonly kanikoArguments: string[];
  readonly podLabels: Record<string, string>;
  readonly podAnnotations: Record<string, string>;
  readonly serviceAccountName?: string;
  readonly identityNeededTo: string[];
  readonly kanikoKeepsIdentity: boolean;
  readonly dependencies: IConstruct[];
}

/**
 * Puts the contributions together.
 *
 * @param place the construct's path, for messages
 * @throws where two parts claim the same volume, path, variable, label or service account with different values
 */
export function mergeContributions(place: string, contributions: PodContribution[]): MergedContribution {
  const volumes = new Map<string, k8s.Volume>();
  for (const volume of contributions.flatMap(part => part.volumes ?? [])) {
    volumes.set(volume.name, joinVolumes(place, volumes.get(volume.name), volume));
  }
  const accounts = new Set(contributions.flatMap(part => part.serviceAccountName ?? []));
  if (accounts.size > 1) {
    throw new Error(`[${place}] two parts name different service accounts, ${[...accounts].join(' and ')}; a pod has one`);
  }
  return {
    volumes: [...volumes.values()],
    prepareEnvironment: joinMaps(place, 'variable of the init container', contributions.map(part => part.prepareEnvironment)),
    prepareMounts: joinMounts(place, contributions.flatMap(part => part.prepareMounts ?? [])),
    kanikoEnvironment: joinMaps(place, 'variable of the kaniko container', contributions.map(part => part.kanikoEnvironment)),
    kanikoMounts: joinMounts(place, contributions.flatMap(part => part.kanikoMounts ?? [])),
    kanikoArguments: contributions.flatMap(part => part.kanikoArguments ?? []),
    podLabels: joinMaps(place, 'label', contributions.map(part => part.podLabels)),
    podAnnotations: joinMaps(place, 'annotation', contributions.map(part => part.podAnnotations)),
    serviceAccountName: [...accounts][0],
    identityNeededTo: contributions.flatMap(part => part.identityNeededTo ?? []),
    kanikoKeepsIdentity: contributions.some(part => part.kanikoKeepsIdentity === true),
    dependencies: contributions.flatMap(part => part.dependencies ?? []),
  };
}

function joinVolumes(place: string, present: k8s.Volume | undefined, added: k8s.Volume): k8s.Volume {
  if (present === undefined || JSON.stringify(present) === JSON.stringify(added)) { return added; }
  if (present.projected === undefined || added.projected === undefined) {
    throw new Error(`[${place}] two parts define the volume "${added.name}" differently; rename one`);
  }
  const sources = [...present.projected.sources ?? [], ...added.projected.sources ?? []];
  const paths = sources.flatMap(source => [...source.secret?.items ?? [], ...source.configMap?.items ?? []]).map(item => item.path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new Error(`[${place}] two Secrets give the file "${twice}" of the volume "${added.name}"; leave it out of one`);
  }
  return { ...added, projected: { ...added.projected, sources } };
}

function joinMounts(place: string, mounts: k8s.VolumeMount[]): k8s.VolumeMount[] {
  const byPath = new Map<string, k8s.VolumeMount>();
  for (const mount of mounts) {
    const present = byPath.get(mount.mountPath);
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(mount)) {
      throw new Error(`[${place}] two parts mount something at ${mount.mountPath}; choose another path for one`);
    }
    byPath.set(mount.mountPath, mount);
  }
  for (const { mountPath: file } of mounts.filter(mount => mount.subPath !== undefined)) {
    const within = mounts.find(({ mountPath }) => mountPath.startsWith(`${file}/`));
    if (within !== undefined) { throw new Error(`[${place}] ${within.mountPath} is to be mounted within ${file}, which is a file; choose another path for one`); }
  }
  return [...byPath.values()];
}

function joinMaps(place: string, what: string, maps: ({ readonly [key: string]: string } | undefined)[]): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [key, value] of maps.flatMap(map => Object.entries(map ?? {}))) {
    if (Object.hasOwn(joined, key) && joined[key] !== value) {
      throw new Error(`[${place}] two parts set the ${what} "${key}", to "${joined[key]}" and "${value}"; leave one out`);
    }
    joined[key] = value;
  }
  return joined;
}
