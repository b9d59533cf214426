/** How kaniko finds what a command changed. */
export enum SnapshotMode {
  /** By the contents and attributes of every file: the cautious choice, and the slowest. */
  FULL = 'full',
  /** By modification time, size, mode and owner: faster, and what this library uses by default. */
  REDO = 'redo',
  /** By modification time alone: misses files whose time was set back. */
  TIME = 'time',
}

/** How layers are compressed. */
export enum Compression {
  /** Understood by every registry and runtime. */
  GZIP = 'gzip',
  /** Faster and smaller; needs the OCI image format and a recent runtime. */
  ZSTD = 'zstd',
}

/** The media type of the image. */
export enum ImageFormat {
  /** Docker's schema 2. */
  DOCKER = 'docker',
  /** The OCI image specification. */
  OCI = 'oci',
}

/** How much kaniko logs. */
export enum Verbosity {
  /** Everything. */
  TRACE = 'trace',
  /** For finding faults. */
  DEBUG = 'debug',
  /** Each step. */
  INFO = 'info',
  /** What may be wrong. */
  WARN = 'warn',
  /** What is wrong. */
  ERROR = 'error',
}

/** What kaniko is told of the image to build; the rest of its command line follows from the build's parts. */
export interface KanikoOptions {
  /**
   * Values for the Dockerfile's ARGs. They are stored in the image's history: never a password.
   *
   * @default - none
   */
  readonly buildArgs?: { readonly [name: string]: string };

  /**
   * The stage to build.
   *
   * @default - the last one
   */
  readonly target?: string;

  /**
   * Labels of the image.
   *
   * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
   * @default - none
   */
  readonly imageLabels?: { readonly [key: string]: string };

  /**
   * Annotations of the image's manifest (kaniko v1.25.3 and later).
   *
   * @default - none
   */
  readonly imageAnnotations?: { readonly [key: string]: string };

  /**
   * The platform to build for, as `linux/arm64`. kaniko emulates nothing: RUN needs a node of that platform.
   *
   * @default - the node's
   */
  readonly platform?: string;

  /**
   * How kaniko finds what a command changed.
   *
   * @default SnapshotMode.REDO
   */
  readonly snapshotMode?: SnapshotMode;

  /**
   * Whether timestamps are removed, so that equal inputs give an equal digest.
   *
   * @default false
   */
  readonly reproducible?: boolean;

  /**
   * How layers are compressed.
   *
   * @default - kaniko's, gzip
   */
  readonly compression?: Compression;

  /**
   * The level of compression, from 1 (fast) to 9 (small) for gzip, to 22 for zstd.
   *
   * @default - the algorithm's own
   */
  readonly compressionLevel?: number;

  /**
   * The media type of the image (kaniko v1.28.1 and later).
   *
   * @default - that of the base image
   */
  readonly imageFormat?: ImageFormat;

  /**
   * How often a failed pull, unpack or push is tried again.
   *
   * @default 3
   */
  readonly registryRetries?: number;

  /**
   * How much kaniko logs.
   *
   * @default Verbosity.INFO
   */
  readonly verbosity?: Verbosity;

  /**
   * Where kaniko v1.28.2 and later send an OpenTelemetry trace of the build (OTLP over HTTP).
   *
   * @see https://github.com/osscontainertools/kaniko#telemetry
   * @default - nowhere
   */
  readonly telemetryEndpoint?: string;

  /**
   * Whether the trace holds the Dockerfile's text (kaniko v1.28.3 and later can leave it out).
   *
   * @default false
   */
  readonly telemetryIncludesDockerfile?: boolean;

  /**
   * Further flags of kaniko, each as `--flag` or `--flag=value`. They win over what the library would set by
   * default; those that the pod's wiring depends on are refused, and so is what the executor's version does not know.
   *
   * @default - none
   */
  readonly flags?: string[];

  /**
   * Feature flags of the maintained fork, by their full names (`FF_KANIKO_…`).
   *
   * @see https://github.com/osscontainertools/kaniko#feature-flags
   * @default - those that the layer cache needs, and FF_KANIKO_COPY_AS_ROOT
   */
  readonly featureFlags?: { readonly [name: string]: boolean };
}
