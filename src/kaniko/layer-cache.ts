import { Duration } from 'cdk8s';
import { KanikoImage } from './kaniko-image';
import { repository, verify } from '../checks';

/** Options of `LayerCache.inRegistry`. */
export interface LayerCacheOptions {
  /**
   * The repository that holds the cached layers, such as `registry.contoso.example/docker-cache/build-agent`.
   * kaniko never deletes there: give it a retention policy in the registry.
   *
   * @default - `<first destination>/cache`
   */
  readonly repository?: string;

  /**
   * How old a cached layer may be.
   *
   * @default 14 days
   */
  readonly timeToLive?: Duration;
}

/** Whether and where kaniko keeps the layers of a build for the next one. */
export class LayerCache {
  /** No cache: every build runs every command. */
  public static disabled(): LayerCache {
    return new LayerCache(false);
  }

  /**
   * Layers of RUN, and with kaniko v1.28 those of COPY, are kept in a registry. With v1.28.2 and later, the feature
   * flags are set that let a fully cached multi-stage build skip its stages, and those that keep the keys of the cache
   * correct. v1.24 does not see that a file was renamed: a RUN that reads names is then served from the cache.
   *
   * @see https://github.com/GoogleContainerTools/kaniko/blob/v1.24.0/pkg/executor/composite_cache.go
   * @throws if the repository is none (a tag or a scheme), or the time to live is shorter than a minute
   */
  public static inRegistry(options: LayerCacheOptions = {}): LayerCache {
    if (options.repository !== undefined) { verify('LayerCache.inRegistry', 'repository', options.repository, repository); }
    if (options.timeToLive !== undefined && options.timeToLive.toSeconds() < 60) {
      throw new Error(`[LayerCache.inRegistry] timeToLive needs at least a minute, got ${options.timeToLive.toHumanString()}`);
    }
    return new LayerCache(true, options.repository, options.timeToLive ?? Duration.days(14));
  }

  /** Whether layers are kept. */
  public readonly isEnabled: boolean;

  /** The repository of the layers; undefined for the one that kaniko derives from the destination. */
  public readonly repository?: string;

  /** How old a layer may be; undefined without a cache. */
  public readonly timeToLive?: Duration;

  private constructor(isEnabled: boolean, repo?: string, timeToLive?: Duration) {
    this.isEnabled = isEnabled;
    this.repository = repo;
    this.timeToLive = timeToLive;
  }

  /**
   * The flags for kaniko's command line.
   *
   * @internal
   */
  public _flags(image: KanikoImage): string[] {
    if (!this.isEnabled) { return ['--cache=false']; }
    return [
      '--cache=true',
      // Skipping stages needs it. An executor whose keys have `COPY file ${PLACE}` as it is written would serve the
      // layer of another PLACE.
      `--cache-copy-layers=${image.knowsFeatureFlag('FF_KANIKO_RESOLVE_CACHE_KEY')}`,
      // Compressing cached layers costs memory and gains no time.
      '--compressed-caching=false',
      ...this.repository === undefined ? [] : [`--cache-repo=${this.repository}`],
      `--cache-ttl=${this.timeToLive!.toSeconds()}s`,
    ];
  }

  /**
   * The feature flags for the environment, where the executor knows them.
   *
   * @internal
   */
  public _featureFlags(): string[] {
    return this.isEnabled ? [...FAST, ...CORRECT] : [];
  }
}

/** Together they skip whole stages whose result is cached: a warm two-stage build in a tenth of the time. */
const FAST = [
  'FF_KANIKO_CACHE_LOOKAHEAD',
  'FF_KANIKO_INFER_CROSS_STAGE_CACHE_KEY',
  'FF_KANIKO_ROLLING_CACHE_KEY',
  'FF_KANIKO_SKIP_CACHED_STAGES',
];

/** Without these, some changes hit a stale layer: a variable used in COPY or WORKDIR, a renamed file, a deleted one. */
const CORRECT = [
  'FF_KANIKO_HASH_DIR_FRAMING',
  'FF_KANIKO_RESOLVE_CACHE_KEY',
  'FF_KANIKO_SCOPED_DOCKERIGNORE',
  'FF_KANIKO_SKIP_WRITE_WHITEOUTS',
];
