import { ManifestObject } from '../../builds';
import { PlannedBuild } from '../engine';

/** What is made for one build. */
export interface RunObjects {
  /** Made before the Job, and left there: configuration that other builds use too, such as a service account. */
  readonly configuration: readonly ManifestObject[];
  readonly job: JobManifest;
  /** Made after the Job, in this order, as its property: it goes when the Job goes. */
  readonly owned: readonly ManifestObject[];
}

/** A Job's manifest, as far as a run changes it. */
export interface JobManifest extends ManifestObject {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodSpecManifest } };
}

export interface PodSpecManifest {
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly initContainers?: readonly ContainerManifest[];
  readonly containers: readonly ContainerManifest[];
  readonly volumes?: readonly VolumeManifest[];
}

export interface ContainerManifest {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: KeyReference; readonly configMapKeyRef?: KeyReference } }[];
}

export interface KeyReference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

interface Items {
  readonly items?: readonly { readonly key: string }[];
  readonly optional?: boolean;
}

interface NamedItems extends Items {
  readonly name: string;
}

export interface VolumeManifest {
  readonly name: string;
  readonly secret?: Items & { readonly secretName: string };
  readonly configMap?: NamedItems;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: { readonly sources: readonly { readonly secret?: NamedItems; readonly configMap?: NamedItems }[] };
}

/** Marks a Job as made by one run, so that no other run's Job of the same name is ever taken for it. */
export const RUN_ANNOTATION = 'cdk-kaniko/run';

/**
 * What is made for a build, so that nothing stays when its Job is gone, even if this process is killed at the worst
 * moment.
 *
 * The init container's program is a ConfigMap that builds of one namespace share (docs/decisions/0004), which nobody
 * could remove. Here each build has a copy of its own, owned by its Job. It is made last: the pod's containers do not
 * start without it, so what restricts them, a NetworkPolicy, is there before they are.
 */
export function objectsOf(build: PlannedBuild, run: string): RunObjects {
  const job = build.job as JobManifest;
  const used = new Set(volumes(job).flatMap(({ configMap }) => configMap === undefined ? [] : [configMap.name]));
  const programs = build.others.filter(({ kind, metadata }) => kind === 'ConfigMap' && used.has(metadata.name));
  const policies = build.others.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === build.name);
  const names = new Map(programs.map(({ metadata: { name } }) => [name, `${build.name}-${name.replace(/^cdk-kaniko-/, '')}`]));
  const renamed = (name: string) => names.get(name) ?? name;
  const { template } = job.spec;
  return {
    configuration: build.others.filter(object => !programs.includes(object) && !policies.includes(object)),
    job: {
      ...job,
      metadata: { ...job.metadata, annotations: { ...job.metadata.annotations, [RUN_ANNOTATION]: run } },
      spec: {
        ...job.spec,
        template: {
          ...template,
          spec: {
            ...template.spec,
            volumes: volumes(job).map(volume => volume.configMap === undefined ? volume
              : { ...volume, configMap: { ...volume.configMap, name: renamed(volume.configMap.name) } }),
          },
        },
      },
    },
    owned: [...policies, ...programs.map(object => ({ ...object, metadata: { ...object.metadata, name: renamed(object.metadata.name) } }))],
  };
}

/** An object as the property of a Job that exists. */
export function ownedBy(object: ManifestObject, job: { readonly name: string; readonly uid: string }): ManifestObject {
  return { ...object, metadata: { ...object.metadata, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: job.name, uid: job.uid, controller: false }] } };
}

function volumes(job: JobManifest): readonly VolumeManifest[] {
  return job.spec.template.spec.volumes ?? [];
}

/** The API's path of an object, or of the list that it is created in. */
export function pathOf({ apiVersion, kind, metadata: { namespace } }: ManifestObject, name?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = kind === 'NetworkPolicy' ? 'networkpolicies' : `${kind.toLowerCase()}s`;
  return `${root}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
}
