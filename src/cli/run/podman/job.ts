/** The Job of a build, as far as running it without a cluster needs it: what `KanikoBuild` writes, and no more. */
import { ContainerName } from '../event';

export interface Job {
  readonly spec: {
    readonly activeDeadlineSeconds: number;
    readonly template: { readonly spec: PodSpec };
  };
}

export interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly imagePullSecrets?: ReadonlyArray<{ readonly name: string }>;
  readonly nodeSelector?: object;
  readonly tolerations?: readonly object[];
  readonly affinity?: object;
  readonly priorityClassName?: string;
  readonly runtimeClassName?: string;
}

export interface Container {
  readonly name: ContainerName;
  readonly image: string;
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly env?: ReadonlyArray<{ readonly name: string; readonly value: string }>;
  readonly securityContext: {
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  };
  readonly resources: { readonly limits?: { readonly cpu?: string; readonly memory?: string } };
  readonly volumeMounts: readonly VolumeMount[];
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

/** A volume: one of the kinds below beside its name. */
export interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly configMap?: { readonly name: string; readonly items?: readonly KeyToPath[] };
  readonly secret?: { readonly secretName: string; readonly items?: readonly KeyToPath[] };
  readonly projected?: { readonly sources: ReadonlyArray<{ readonly secret: { readonly name: string; readonly items: readonly KeyToPath[] } }> };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
}
