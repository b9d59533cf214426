// Generated from parameter-table.ts by scripts/generate.ts. Do not edit.

/** A file of the storage account, and where it lands in the build context. */
export interface AppFile {
  /**
   * The blob's path in the container.
   *
   * For example `k8s/kubectl`.
   */
  readonly path: string;

  /**
   * Where it lands, relative to the build context.
   *
   * For example `kubectl`.
   */
  readonly name: string;

  /**
   * The SHA-256 that it must have.
   *
   * @default - none
   */
  readonly sha256?: string;

  /**
   * Whether it may be executed.
   *
   * @default true
   */
  readonly executable?: boolean;

  /**
   * Whether it may replace a file of the repository.
   *
   * @default false
   */
  readonly overwrite?: boolean;
}

/** A Secret's key for `RUN --mount=type=secret,id=…`. */
export interface MountedSecret {
  /**
   * The id that the Dockerfile names.
   *
   * For example `npmrc`.
   */
  readonly id: string;

  /** The Secret. */
  readonly secretName: string;

  /** Its key. */
  readonly key: string;
}

/** A file that RUN sees at a path of the image, and that the image never holds. */
export interface FileInRun {
  /**
   * The absolute path at which RUN sees it.
   *
   * For example `/etc/pip.conf`.
   */
  readonly path: string;

  /**
   * The ConfigMap that holds it.
   *
   * @default - none
   */
  readonly configMapName?: string;

  /**
   * The Secret that holds it, in place of a ConfigMap.
   *
   * @default - none
   */
  readonly secretName?: string;

  /**
   * The key that holds it.
   *
   * For example `pip.conf`.
   */
  readonly key: string;
}

/** Authorities to trust, as PEM, from a ConfigMap or a Secret. */
export interface CertificateSource {
  /**
   * The ConfigMap that holds it.
   *
   * @default - none
   */
  readonly configMapName?: string;

  /**
   * The Secret that holds it, in place of a ConfigMap.
   *
   * @default - none
   */
  readonly secretName?: string;

  /**
   * The key that holds them.
   *
   * @default - every key
   */
  readonly key?: string;
}

/** A taint of nodes that the pod may run on all the same. */
export interface TolerationRule {
  /**
   * The taint's key.
   *
   * @default - every key
   */
  readonly key?: string;

  /**
   * How the value is compared.
   *
   * @default - Equal
   */
  readonly operator?: string;

  /**
   * The taint's value.
   *
   * @default - none
   */
  readonly value?: string;

  /**
   * The taint's effect.
   *
   * @default - every effect
   */
  readonly effect?: string;
}

/** A block of addresses that the pod may reach. */
export interface EgressDestination {
  /**
   * The block.
   *
   * For example `10.20.0.0/16`.
   */
  readonly addressBlock: string;

  /**
   * The TCP ports.
   *
   * @default - 443
   */
  readonly ports?: number[];
}

/** The inputs of one build, as a file, the command and the pipeline's template name them. */
export interface BuildParameters {
  /**
   * Namespace in which the build runs.
   *
   * For example `winddata-dev`.
   */
  readonly namespace: string;

  /**
   * Service account with which the init container proves its workload identity.
   *
   * For example `wdap-cicd-identity`.
   *
   * @default - no identity
   */
  readonly workloadIdentity?: string;

  /**
   * Client id of the managed identity to act as.
   *
   * For example `11111111-2222-3333-4444-555555555555`.
   *
   * @default - the one that the service account names
   */
  readonly managedIdentityClientId?: string;

  /**
   * Whether the service account is part of the manifest (needs managedIdentityClientId).
   *
   * @default false
   */
  readonly createServiceAccount?: boolean;

  /**
   * Name of the Job.
   *
   * @default - imageName and imageTag
   */
  readonly name?: string;

  /**
   * The git repository; required unless volumeClaimName is given.
   *
   * For example `https://dev.azure.com/contoso/wind/_git/images`.
   *
   * @default - none
   */
  readonly repositoryUrl?: string;

  /**
   * Branch to clone; a tagName or commitId beside it is more exact, and wins.
   *
   * For example `main`.
   *
   * @default - none
   */
  readonly branchName?: string;

  /**
   * Tag to clone, in place of a branch.
   *
   * @default - none
   */
  readonly tagName?: string;

  /**
   * Full commit id to clone, in place of a branch.
   *
   * @default - none
   */
  readonly commitId?: string;

  /**
   * Directory of the repository that is the build context.
   *
   * For example `k8s/images/build-agent/`.
   */
  readonly imagePath: string;

  /**
   * The Dockerfile, relative to imagePath.
   *
   * For example `python-311.Dockerfile`.
   *
   * @default - Dockerfile
   */
  readonly dockerFile?: string;

  /**
   * How the init container proves to the git server who it is.
   *
   * @default - secret where gitSecretName is given, workloadIdentity for Azure Repos where there is one, anonymous otherwise
   */
  readonly gitCredentials?: string;

  /**
   * Secret with the keys username and password (or a token as password).
   *
   * @default - none
   */
  readonly gitSecretName?: string;

  /**
   * Whether submodules are cloned too.
   *
   * @default false
   */
  readonly submodules?: boolean;

  /**
   * Whether files kept by git LFS are fetched (the prepareImage needs git-lfs).
   *
   * @default false
   */
  readonly lfs?: boolean;

  /**
   * Whether only imagePath is fetched, not the whole tree.
   *
   * @default true
   */
  readonly sparse?: boolean;

  /**
   * Whether .git stays in the build context.
   *
   * @default false
   */
  readonly keepGitDirectory?: boolean;

  /**
   * Persistent volume claim that holds the files, in place of a repository.
   *
   * @default - none
   */
  readonly volumeClaimName?: string;

  /**
   * Storage account with the binary files.
   *
   * For example `contosobinaries`.
   *
   * @default - none
   */
  readonly storageAccountName?: string;

  /**
   * Blob container with the binary files.
   *
   * @default - bin
   */
  readonly storageContainerName?: string;

  /**
   * Suffix of the cloud's blob endpoints.
   *
   * @default - blob.core.windows.net
   */
  readonly storageEndpointSuffix?: string;

  /**
   * Binary files to put into the build context, each {path, name}.
   *
   * @default - none
   */
  readonly appFiles?: AppFile[];

  /**
   * Registry, with the path that images have there.
   *
   * For example `registry.contoso.example/docker-local`.
   */
  readonly registry: string;

  /**
   * Name of the image.
   *
   * For example `build-agent`.
   */
  readonly imageName: string;

  /**
   * Tag of the image.
   *
   * For example `python-311-42`.
   */
  readonly imageTag: string;

  /**
   * Further tags of the same image.
   *
   * @default - none
   */
  readonly additionalTags?: string[];

  /**
   * Further places to push to, each with registry and tag.
   *
   * @default - none
   */
  readonly additionalDestinations?: string[];

  /**
   * Build arguments: a map, a list of NAME=value, or a string of them; items that begin with -- are flags of kaniko.
   *
   * @default - none
   */
  readonly args?: any;

  /**
   * Stage to build.
   *
   * @default - the last one
   */
  readonly target?: string;

  /**
   * Labels of the image.
   *
   * @default - none
   */
  readonly labels?: { readonly [key: string]: string };

  /**
   * Annotations of the image's manifest.
   *
   * @default - none
   */
  readonly annotations?: { readonly [key: string]: string };

  /**
   * Platform to build for.
   *
   * For example `linux/amd64`.
   *
   * @default - the node's
   */
  readonly platform?: string;

  /**
   * How kaniko finds what a command changed; full is the cautious choice.
   *
   * @default - redo
   */
  readonly snapshotMode?: string;

  /**
   * Whether timestamps are removed, so that equal inputs give an equal digest.
   *
   * @default false
   */
  readonly reproducible?: boolean;

  /**
   * How layers are compressed.
   *
   * @default - gzip
   */
  readonly compression?: string;

  /**
   * Level of compression (gzip: 1 to 9).
   *
   * @default - the algorithm's own
   */
  readonly compressionLevel?: number;

  /**
   * Media type of the image.
   *
   * @default - that of the base image
   */
  readonly imageFormat?: string;

  /**
   * Secret of type kubernetes.io/dockerconfigjson for pulling and pushing.
   *
   * For example `jfrog-docker`.
   *
   * @default - no credentials
   */
  readonly registrySecretName?: string;

  /**
   * Whether kaniko uses the workload identity for Azure Container Registry; RUN steps can then read its token.
   *
   * @default false
   */
  readonly registryWorkloadIdentity?: boolean;

  /**
   * Mirrors of Docker Hub.
   *
   * @default - none
   */
  readonly registryMirrors?: string[];

  /**
   * Mirrors by registry, {docker.io: registry.contoso.example/docker-remote}.
   *
   * @default - none
   */
  readonly registryMaps?: { readonly [key: string]: string };

  /**
   * Whether what no mirror has is an error.
   *
   * @default false
   */
  readonly registryMirrorsOnly?: boolean;

  /**
   * How often a failed pull or push is tried again.
   *
   * @default 3
   */
  readonly registryRetries?: number;

  /**
   * Secret whose keys RUN sees as files in /kaniko/secrets.
   *
   * For example `jfrog-credentials`.
   *
   * @default - none
   */
  readonly buildSecretName?: string;

  /**
   * Keys of that Secret.
   *
   * @default - jfrog-deb-user, jfrog-deb-secret
   */
  readonly buildSecretKeys?: string[];

  /**
   * Secrets for RUN --mount=type=secret, each {id, secretName, key}.
   *
   * @default - none
   */
  readonly secrets?: MountedSecret[];

  /**
   * Files that RUN sees, each {path, secretName or configMapName, key}.
   *
   * @default - none
   */
  readonly mountedFiles?: FileInRun[];

  /**
   * Lines of apt's sources for RUN, without credentials.
   *
   * For example `deb https://registry.contoso.example/artifactory/remote-debian/debian bookworm main`.
   *
   * @default - those of the base image
   */
  readonly aptSources?: string[];

  /**
   * Secret with the mirror's user and password.
   *
   * @default - buildSecretName
   */
  readonly aptSecretName?: string;

  /**
   * Key of the mirror's user.
   *
   * @default - jfrog-deb-user
   */
  readonly aptUserKey?: string;

  /**
   * Key of the mirror's password.
   *
   * @default - jfrog-deb-secret
   */
  readonly aptPasswordKey?: string;

  /**
   * Authorities to trust, each {configMapName or secretName, key}.
   *
   * @default - none
   */
  readonly caCertificates?: CertificateSource[];

  /**
   * Image of the kaniko executor, in its -debug form.
   *
   * @default - ghcr.io/osscontainertools/kaniko:v1.28.3-debug
   */
  readonly kanikoImage?: string;

  /**
   * Version of that image.
   *
   * @default - read from its tag
   */
  readonly kanikoVersion?: string;

  /**
   * Image of the init container: sh, git, curl.
   *
   * @default - docker.io/library/buildpack-deps:bookworm-scm
   */
  readonly prepareImage?: string;

  /**
   * How long the init container tries again what may pass, in seconds: a role that is not yet known everywhere, a busy server.
   *
   * @default 120
   */
  readonly prepareRetrySeconds?: number;

  /**
   * Secrets with which the node pulls these images.
   *
   * @default - none
   */
  readonly imagePullSecretNames?: string[];

  /**
   * Whether layers are kept for the next build.
   *
   * @default false
   */
  readonly cache?: boolean;

  /**
   * Repository of the cached layers.
   *
   * @default - <registry>/<imageName>/cache
   */
  readonly cacheRepository?: string;

  /**
   * How old a cached layer may be, in hours.
   *
   * @default 336
   */
  readonly cacheTtlHours?: number;

  /**
   * Feature flags of kaniko.
   *
   * @default - those that the cache needs
   */
  readonly featureFlags?: { readonly [key: string]: boolean };

  /**
   * How much kaniko logs.
   *
   * @default - info
   */
  readonly verbosity?: string;

  /**
   * Where kaniko sends an OpenTelemetry trace.
   *
   * For example `http://otel-collector:4318`.
   *
   * @default - nowhere
   */
  readonly telemetryEndpoint?: string;

  /**
   * How long the build may take, in minutes.
   *
   * @default 60
   */
  readonly timeoutMinutes?: number;

  /**
   * How long the finished Job stays, in minutes.
   *
   * @default 60
   */
  readonly timeToLiveMinutes?: number;

  /**
   * How often a build is begun again whose node was lost.
   *
   * @default 3
   */
  readonly disruptionRetries?: number;

  /**
   * Processors that are reserved.
   *
   * @default - 500m
   */
  readonly cpuRequest?: string;

  /**
   * Processors at most.
   *
   * @default - none
   */
  readonly cpuLimit?: string;

  /**
   * Memory that is reserved.
   *
   * @default - 1Gi
   */
  readonly memoryRequest?: string;

  /**
   * Memory at most.
   *
   * @default - 4Gi
   */
  readonly memoryLimit?: string;

  /**
   * Disk that is reserved.
   *
   * @default - 2Gi
   */
  readonly ephemeralStorageRequest?: string;

  /**
   * Disk at most.
   *
   * @default - 16Gi
   */
  readonly ephemeralStorageLimit?: string;

  /**
   * Labels that the node must have.
   *
   * @default - any node
   */
  readonly nodeSelector?: { readonly [key: string]: string };

  /**
   * Taints of nodes that the pod may run on.
   *
   * @default - none
   */
  readonly tolerations?: TolerationRule[];

  /**
   * Kubernetes' affinity rules, as in a pod.
   *
   * @default - none
   */
  readonly affinity?: { readonly [key: string]: any };

  /**
   * Priority class of the pod.
   *
   * @default - the cluster's
   */
  readonly priorityClassName?: string;

  /**
   * Runtime class of the pod.
   *
   * @default - the node's
   */
  readonly runtimeClassName?: string;

  /**
   * Kueue queue that admits the Job.
   *
   * @default - none
   */
  readonly queueName?: string;

  /**
   * Further labels of the Job and its pod.
   *
   * @default - none
   */
  readonly podLabels?: { readonly [key: string]: string };

  /**
   * Further annotations of the Job and its pod.
   *
   * @default - none
   */
  readonly podAnnotations?: { readonly [key: string]: string };

  /**
   * The only addresses that the pod may reach beside DNS, each {addressBlock, ports}.
   *
   * @default - unrestricted
   */
  readonly egress?: EgressDestination[];

  /**
   * Name of the DevOps agent pool.
   *
   * For example `Contoso-Build-Dev`.
   *
   * @default - none
   */
  readonly poolName?: string;

  /**
   * Name of the Azure service connection.
   *
   * For example `contoso-dev-deployment`.
   *
   * @default - none
   */
  readonly serviceConnection?: string;

  /**
   * Name of the subscription of the AKS cluster.
   *
   * For example `Contoso Dev`.
   *
   * @default - none
   */
  readonly subscriptionName?: string;

  /**
   * Resource group of the AKS cluster.
   *
   * For example `contoso-dev-aks-rg`.
   *
   * @default - none
   */
  readonly resourceGroup?: string;

  /**
   * Name of the AKS cluster.
   *
   * For example `contoso-dev-aks`.
   *
   * @default - none
   */
  readonly kubernetesCluster?: string;
}
