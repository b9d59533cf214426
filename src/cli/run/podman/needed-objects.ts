/** What a build needs to find where it runs: the Secrets and ConfigMaps that its pod mounts, and which parameter names them. */
import { Job, KeyToPath, Volume } from './job';

/** An object that has to be there before the build begins. */
export interface NeededObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  /** Keys that it has to have; empty where any will do. */
  readonly keys: readonly string[];
  /** The parameter of `build.yaml` that names it; undefined for the library's own. */
  readonly parameter?: string;
}

/** By the volume's name, or what it begins with. */
const PARAMETERS: ReadonlyArray<readonly [volume: RegExp, parameter: string]> = [
  [/^docker-config$/, 'registrySecretName'],
  [/^git-credentials$/, 'gitSecretName'],
  [/^build-secrets$/, 'buildSecretName'],
  [/^secret-files$/, 'secrets'],
  [/^apt-credentials$/, 'aptSecretName'],
  [/^certificates-/, 'caCertificates'],
  [/^file-/, 'mountedFiles'],
];

/** The objects that the pod of a Job mounts, in the order of its volumes. */
export function neededObjects(job: Job): NeededObject[] {
  return job.spec.template.spec.volumes.flatMap(volume => {
    const parameter = PARAMETERS.find(([shape]) => shape.test(volume.name))?.[1];
    return sources(volume).map(({ kind, name, items = [] }) => ({ kind, name, keys: items.map(({ key }) => key), parameter }));
  });
}

/** The object, and which of its keys become which files. */
export interface FilesSource {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  /** @default - every key, under its own name */
  readonly items?: readonly KeyToPath[];
}

/** The objects whose keys are a volume's files; none for volumes of other kinds. */
export function sources({ secret, configMap, projected }: Volume): FilesSource[] {
  if (secret !== undefined) { return [{ kind: 'Secret', name: secret.secretName, items: secret.items }]; }
  if (configMap !== undefined) { return [{ kind: 'ConfigMap', name: configMap.name, items: configMap.items }]; }
  return projected?.sources.map(source => ({ kind: 'Secret', name: source.secret.name, items: source.secret.items })) ?? [];
}
