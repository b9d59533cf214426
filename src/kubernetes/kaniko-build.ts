import { ApiObject, Chart, Duration, Names } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { registryArguments, verifyDestinations, verifyIdentity, verifyKanikoOptions, verifyMetadata } from './kaniko-build-checks';
import { LifecycleOptions, lifecycleSpec, queueLabels, seconds } from './lifecycle';
import { NetworkAccess } from './network-access';
import { AptSources, BinaryFiles, BuildContext, BuildSecrets, CaCertificates, MountedFile, PodContribution, RegistryCredentials, WorkloadIdentity } from './pod';
import { MergedContribution, mergeContributions } from './pod/merge';
import { CONTEXT_ROOT, KANIKO_CONTAINER, SKIP_CONTAINERS } from './pod/places';
import { trustContribution } from './pod/trust';
import { podSpec } from './pod-spec';
import { prepareScript } from './prepare-script';
import { SchedulingOptions } from './scheduling';
import { contextFile, dnsLabel, imageReference, verify } from '../checks';
import { KanikoImage, KanikoOptions, LayerCache } from '../kaniko';
import { flagName, flagProblems, kanikoArguments } from '../kaniko/kaniko-arguments';

/** What an image is built from, and how. */
export interface KanikoBuildProps extends KanikoOptions, SchedulingOptions, LifecycleOptions {
  /** Where the Dockerfile and the files beside it come from. */
  readonly context: BuildContext;

  /** Where the image is pushed: each with a registry and a tag, such as `registry.contoso.example/docker-local/app:1.0`. */
  readonly destinations: string[];

  /**
   * The Dockerfile, relative to the build context.
   *
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;

  /**
   * The Job's name, a DNS label. A Job cannot be changed, so another run needs another name.
   *
   * @default - made from the construct's path
   */
  readonly name?: string;

  /**
   * The namespace.
   *
   * @default - the chart's
   */
  readonly namespace?: string;

  /**
   * Files that are fetched into the build context.
   *
   * @default - none
   */
  readonly binaryFiles?: BinaryFiles;

  /**
   * Authorities to trust beside those of the init container's image.
   *
   * @default - none
   */
  readonly caCertificates?: CaCertificates[];

  /**
   * As whom the pod reads the storage account and clones from Azure Repos.
   *
   * @default - nobody: the pod has no identity
   */
  readonly identity?: WorkloadIdentity;

  /**
   * How kaniko proves to the registries who it is.
   *
   * @default RegistryCredentials.anonymous()
   */
  readonly registryCredentials?: RegistryCredentials;

  /**
   * Mirrors of Docker Hub, tried in turn, such as `registry.contoso.example/docker-remote`.
   *
   * @default - none
   */
  readonly registryMirrors?: string[];

  /**
   * Mirrors by registry: `{ 'docker.io': 'registry.contoso.example/docker-remote' }`.
   *
   * @default - none
   */
  readonly registryMaps?: { readonly [registry: string]: string };

  /**
   * Whether an image that no mirror has is an error, instead of being pulled from its own registry.
   *
   * @default false
   */
  readonly registryMirrorsOnly?: boolean;

  /**
   * Files that RUN steps may read and the image never holds.
   *
   * @default - none
   */
  readonly buildSecrets?: BuildSecrets[];

  /**
   * A Debian mirror for RUN, in place of the base image's own sources.
   *
   * @default - the base image's sources
   */
  readonly aptSources?: AptSources;

  /**
   * Files that RUN sees at paths of the image, such as `/etc/pip.conf`.
   *
   * @default - none
   */
  readonly mountedFiles?: MountedFile[];

  /**
   * The executor.
   *
   * @default KanikoImage.DEFAULT
   */
  readonly image?: KanikoImage;

  /**
   * The image of the init container that prepares the context: it needs `sh`, `git`, `curl` and a bundle of certificates.
   *
   * @default - KanikoBuild.DEFAULT_PREPARE_IMAGE
   */
  readonly prepareImage?: string;

  /**
   * How long the init container tries again what may pass, from its first failure on: a role assignment or a federated
   * credential that is not yet known everywhere, which can take ten minutes, or a server that is busy.
   *
   * @default 2 minutes
   */
  readonly prepareRetry?: Duration;

  /**
   * Secrets with which the node pulls the pod's own images, by name.
   *
   * @default - those of the service account
   */
  readonly imagePullSecretNames?: string[];

  /**
   * Whether and where kaniko keeps layers for the next build.
   *
   * @default LayerCache.disabled()
   */
  readonly layerCache?: LayerCache;

  /**
   * What the pod may reach over the network.
   *
   * @default NetworkAccess.unrestricted()
   */
  readonly networkAccess?: NetworkAccess;

  /**
   * Further labels of the Job and its pod.
   *
   * @default - none
   */
  readonly labels?: { readonly [key: string]: string };

  /**
   * Further annotations of the Job and its pod.
   *
   * @default - none
   */
  readonly annotations?: { readonly [key: string]: string };
}

/**
 * One image build, as one Kubernetes Job: a pod that clones the build context, fetches what belongs into it,
 * builds the image with kaniko and pushes it. The digest is the termination message of the container `kaniko`.
 *
 * @see https://github.com/osscontainertools/kaniko
 */
export class KanikoBuild extends Construct {
  /** The image of the init container: Docker's own, of Debian with git, curl and certificates. */
  public static readonly DEFAULT_PREPARE_IMAGE = 'docker.io/library/buildpack-deps:bookworm-scm';

  /** The Job. */
  public readonly job: ApiObject;

  /** The Job's name. */
  public readonly jobName: string;

  /** The namespace; undefined where the chart leaves it to kubectl. */
  public readonly namespace?: string;

  /** Labels by which the build's pod is found. */
  public get podLabels(): { [key: string]: string } {
    return { ...this.selector };
  }

  /** Where the image is pushed. */
  public get destinations(): string[] {
    return [...this.pushed];
  }

  private readonly selector: Record<string, string>;
  private readonly pushed: string[];

  /**
   * @throws for a value that is not valid, parts that contradict each other, or a flag that the executor's version
   * does not know; the message names the construct, the value and the remedy
   */
  public constructor(scope: Construct, id: string, props: KanikoBuildProps) {
    super(scope, id);
    const place = this.node.path;
    const image = props.image ?? KanikoImage.DEFAULT;
    verifyKanikoOptions(place, props, image);
    verifyMetadata(place, props);
    this.jobName = verify(place, 'name', props.name ?? Names.toDnsLabel(this), dnsLabel);
    this.namespace = props.namespace ?? Chart.of(this).namespace;
    this.pushed = verifyDestinations(place, props.destinations);
    this.selector = { 'app.kubernetes.io/name': 'kaniko-build', 'app.kubernetes.io/instance': this.jobName };

    const parts = this.bindParts(props, image);
    verifyIdentity(place, parts, props.identity !== undefined);
    const script = prepareScript(this, props.namespace);
    const labels = { ...props.labels, ...this.selector, 'app.kubernetes.io/managed-by': 'cdk-kaniko', ...queueLabels(place, props) };
    this.job = new k8s.KubeJob(this, 'Job', {
      metadata: { name: this.jobName, namespace: props.namespace, labels, annotations: props.annotations },
      spec: {
        ...lifecycleSpec(place, props),
        template: {
          metadata: {
            labels: { ...labels, ...parts.podLabels },
            annotations: nonEmpty({ ...props.annotations, ...identityAnnotations(parts, props.identity), ...parts.podAnnotations }),
          },
          spec: podSpec({
            place,
            options: props,
            parts,
            image,
            prepareImage: verify(place, 'prepareImage', props.prepareImage ?? KanikoBuild.DEFAULT_PREPARE_IMAGE, imageReference),
            imagePullSecretNames: props.imagePullSecretNames ?? [],
            scriptName: script.name,
            kanikoArguments: this.arguments(props, image, parts),
          }),
        },
      },
    });
    // Applied in this order: a pod would wait for its program, and start before its policy.
    const network = new Construct(this, 'NetworkAccess');
    (props.networkAccess ?? NetworkAccess.unrestricted())
      .apply(network, { name: this.jobName, namespace: props.namespace, podLabels: this.selector });
    this.job.node.addDependency(script, network, ...parts.dependencies);
  }

  private bindParts(props: KanikoBuildProps, image: KanikoImage): MergedContribution {
    const bound: [string, { bind(scope: Construct): PodContribution } | undefined][] = [
      ['Context', props.context],
      ['BinaryFiles', props.binaryFiles],
      ['Identity', props.identity],
      ['RegistryCredentials', props.registryCredentials ?? RegistryCredentials.anonymous()],
      ['AptSources', props.aptSources],
      ...numbered('CaCertificates', props.caCertificates),
      ...numbered('BuildSecrets', props.buildSecrets),
      ...numbered('MountedFile', props.mountedFiles),
    ];
    return mergeContributions(this.node.path, [
      ...bound.flatMap(([id, part]) => part === undefined ? [] : [part.bind(new Construct(this, id))]),
      trustContribution(),
      { prepareEnvironment: this.contextEnvironment(props) },
      { kanikoArguments: registryArguments(this.node.path, props, image) },
    ]);
  }

  private contextEnvironment(props: KanikoBuildProps): Record<string, string> {
    return {
      PREPARE_CONTEXT_DIR: CONTEXT_ROOT,
      PREPARE_DIRECTORY: props.context.directory,
      ...props.prepareRetry === undefined ? {} : { PREPARE_RETRY_SECONDS: String(seconds(this.node.path, 'prepareRetry', props.prepareRetry, 0)) },
      PREPARE_DOCKERFILE: verify(this.node.path, 'dockerfile', props.dockerfile ?? DEFAULT_DOCKERFILE, contextFile),
    };
  }

  private arguments(props: KanikoBuildProps, image: KanikoImage, parts: MergedContribution): string[] {
    const problems = [
      ...flagProblems(props.flags ?? [], image),
      ...parts.kanikoArguments.flatMap(argument => image._flagProblem(flagName(argument)) ?? []),
    ];
    if (problems.length > 0) { throw new Error(`[${this.node.path}] ${problems.join('; ')}`); }
    return kanikoArguments({
      image,
      options: props,
      contextDirectory: props.context.directory === '.' ? CONTEXT_ROOT : `${CONTEXT_ROOT}/${props.context.directory}`,
      dockerfile: props.dockerfile ?? DEFAULT_DOCKERFILE,
      destinations: this.pushed,
      layerCache: props.layerCache ?? LayerCache.disabled(),
      contributed: parts.kanikoArguments,
    });
  }
}

const DEFAULT_DOCKERFILE = 'Dockerfile';

/** Keeps the identity out of kaniko's container, unless kaniko itself needs it: RUN steps are other people's code. */
function identityAnnotations(parts: MergedContribution, identity: WorkloadIdentity | undefined): Record<string, string> {
  return identity === undefined || parts.kanikoKeepsIdentity ? {} : { [SKIP_CONTAINERS]: KANIKO_CONTAINER };
}

function nonEmpty(map: Record<string, string>): Record<string, string> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function numbered<T>(id: string, parts: readonly T[] | undefined): [string, T][] {
  return (parts ?? []).map((part, index) => [`${id}${index}`, part]);
}
