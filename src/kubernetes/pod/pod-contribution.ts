import { k8s } from 'cdk8s-plus-28';
import { IConstruct } from 'constructs';

/** What one part of a build adds to its pod. */
export interface PodContribution {
  /**
   * Volumes. Two projected volumes of one name are joined; any other clash is refused.
   *
   * @default - none
   */
  readonly volumes?: k8s.Volume[];

  /**
   * Environment of the init container that prepares the context. Values are literal: `$(NAME)` is not expanded.
   *
   * @default - none
   */
  readonly prepareEnvironment?: { readonly [name: string]: string };

  /**
   * Mounts of the init container that prepares the context.
   *
   * @default - none
   */
  readonly prepareMounts?: k8s.VolumeMount[];

  /**
   * Environment of the kaniko container; RUN does not inherit it. Values are literal.
   *
   * @default - none
   */
  readonly kanikoEnvironment?: { readonly [name: string]: string };

  /**
   * Mounts of the kaniko container. RUN sees them, and the image never holds them.
   *
   * @default - none
   */
  readonly kanikoMounts?: k8s.VolumeMount[];

  /**
   * Arguments of kaniko.
   *
   * @default - none
   */
  readonly kanikoArguments?: string[];

  /**
   * Labels of the pod.
   *
   * @default - none
   */
  readonly podLabels?: { readonly [key: string]: string };

  /**
   * Annotations of the pod.
   *
   * @default - none
   */
  readonly podAnnotations?: { readonly [key: string]: string };

  /**
   * The pod's service account.
   *
   * @default - the namespace's default one
   */
  readonly serviceAccountName?: string;

  /**
   * Why this part needs the pod's workload identity, such as `to clone from Azure Repos`.
   *
   * @default - it needs none
   */
  readonly identityNeededTo?: string;

  /**
   * Whether the kaniko container, and with it every RUN step, keeps the pod's workload identity.
   *
   * @default false
   */
  readonly kanikoKeepsIdentity?: boolean;

  /**
   * What has to exist before the Job, such as a service account of the same chart.
   *
   * @default - nothing
   */
  readonly dependencies?: IConstruct[];
}
