import { IPersistentVolumeClaim } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { GitCredentials } from './git-credentials';
import { CONTEXT_ROOT } from './places';
import { PodContribution } from './pod-contribution';
import { contextDirectory, gitCommit, gitRef, gitUrl, isAzureRepos, normalizeDirectory, shortRef, verify } from '../../checks';

/** Options of `BuildContext.fromGit`. Exactly one of branch, tag and commit is given. */
export interface GitContextOptions {
  /**
   * The branch; a leading `refs/heads/` is dropped.
   *
   * @default - a tag or commit is given instead
   */
  readonly branch?: string;

  /**
   * The tag; a leading `refs/tags/` is dropped.
   *
   * @default - a branch or commit is given instead
   */
  readonly tag?: string;

  /**
   * The full commit id.
   *
   * @default - a branch or tag is given instead
   */
  readonly commit?: string;

  /**
   * The directory in the repository that is the build context.
   *
   * @default '.'
   */
  readonly directory?: string;

  /**
   * How the init container proves who it is.
   *
   * @default GitCredentials.anonymous()
   */
  readonly credentials?: GitCredentials;

  /**
   * Whether submodules are cloned too, with the same credentials on the same server.
   *
   * @default false
   */
  readonly submodules?: boolean;

  /**
   * Whether files kept by git LFS are fetched; the init container's image needs `git-lfs` for it.
   *
   * @default false
   */
  readonly lfs?: boolean;

  /**
   * Whether only the directory is fetched, not the whole tree. Turn it off where the directory has symbolic
   * links to other places in the repository.
   *
   * @default true
   */
  readonly sparse?: boolean;

  /**
   * Whether the folder `.git` stays in the context. Without it, the layer cache of `COPY . .` can hit.
   *
   * @default false
   */
  readonly keepGitDirectory?: boolean;
}

/** Options of `BuildContext.fromVolume`. */
export interface VolumeContextOptions {
  /**
   * The directory in the volume that is the build context.
   *
   * @default '.'
   */
  readonly directory?: string;
}

/** Where the Dockerfile and the files beside it come from. */
export abstract class BuildContext {
  /**
   * A git repository over https, cloned by the init container: one commit, and of it one directory.
   *
   * @param url without credentials in it
   * @throws if the address, reference or directory is not valid, or not exactly one reference is given
   */
  public static fromGit(url: string, options: GitContextOptions): BuildContext {
    return new GitContext(url, options);
  }

  /**
   * A volume that holds the files already. The init container still adds binary files and certificates to the
   * directory, so the user 65532 has to be allowed to write there.
   *
   * @throws if the directory leaves the volume
   */
  public static fromVolume(claim: IPersistentVolumeClaim, options: VolumeContextOptions = {}): BuildContext {
    return new VolumeContext(claim, options);
  }

  /** The directory that is the build context, relative to the work tree or volume; `.` for the whole of it. */
  public readonly directory: string;

  /** @param directory relative to the work tree or volume */
  protected constructor(directory: string) {
    this.directory = normalizeDirectory(verify('BuildContext', 'directory', directory, contextDirectory));
  }

  /** What this context adds to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

const MOUNT = { name: 'context', mountPath: CONTEXT_ROOT };

class GitContext extends BuildContext {
  private readonly environment: Record<string, string>;
  private readonly credentials: GitCredentials;

  public constructor(url: string, options: GitContextOptions) {
    super(options.directory ?? '.');
    const place = 'BuildContext.fromGit';
    verify(place, 'url', url, gitUrl);
    this.credentials = options.credentials ?? GitCredentials.anonymous();
    if (this.credentials._isForAzureReposOnly && !isAzureRepos(url)) {
      throw new Error(`[${place}] the workload identity's token is for Azure Repos alone, got "${url}"; use GitCredentials.fromSecret`);
    }
    this.environment = {
      PREPARE_GIT_URL: url,
      ...revision(place, options),
      ...flag('PREPARE_GIT_SUBMODULES', options.submodules),
      ...flag('PREPARE_GIT_LFS', options.lfs),
      ...flag('PREPARE_GIT_KEEP_DIR', options.keepGitDirectory),
      ...options.sparse === false ? { PREPARE_GIT_SPARSE: 'false' } : {},
    };
  }

  public bind(scope: Construct): PodContribution {
    const credentials = this.credentials.bind(scope);
    return {
      ...credentials,
      volumes: [{ name: 'context', emptyDir: {} }, ...credentials.volumes ?? []],
      prepareMounts: [MOUNT, ...credentials.prepareMounts ?? []],
      prepareEnvironment: { ...this.environment, ...credentials.prepareEnvironment },
      kanikoMounts: [MOUNT],
    };
  }
}

class VolumeContext extends BuildContext {
  public constructor(private readonly claim: IPersistentVolumeClaim, options: VolumeContextOptions) {
    super(options.directory ?? '.');
  }

  public bind(): PodContribution {
    return {
      volumes: [{ name: 'context', persistentVolumeClaim: { claimName: this.claim.name } }],
      prepareMounts: [MOUNT],
      kanikoMounts: [MOUNT],
    };
  }
}

function revision(place: string, options: GitContextOptions): Record<string, string> {
  const given = [options.branch, options.tag, options.commit].filter(value => value !== undefined);
  if (given.length !== 1) {
    throw new Error(`[${place}] needs exactly one of branch, tag and commit, got ${given.length}; write for example branch "main"`);
  }
  if (options.branch !== undefined) { return { PREPARE_GIT_BRANCH: shortRef(verify(place, 'branch', options.branch, gitRef)) }; }
  if (options.tag !== undefined) { return { PREPARE_GIT_TAG: shortRef(verify(place, 'tag', options.tag, gitRef)) }; }
  return { PREPARE_GIT_COMMIT: verify(place, 'commit', options.commit!, gitCommit) };
}

function flag(name: string, value: boolean | undefined): Record<string, string> {
  return value === true ? { [name]: 'true' } : {};
}
