import { FEATURE_FLAGS, KANIKO_FLAGS } from './kaniko-flags';
import { atLeast, KanikoVersion, NEWEST_KNOWN_VERSION, OLDEST_VERSION, parseVersion } from './kaniko-version';
import { imageReference, parseImageReference, quoted, suggestion, verify } from '../checks';

/** Options of `KanikoImage.of`. */
export interface KanikoImageOptions {
  /**
   * The executor's version, such as `1.28.3`: flags and feature flags are checked against it.
   *
   * @default - read from the tag, such as `v1.28.3-debug`
   */
  readonly version?: string;
}

/**
 * Which kaniko executor builds the image, and what its version can do.
 *
 * It is the `-debug` form of the image: a shell of `/busybox` copies the executor out of `/kaniko` before it starts.
 *
 * @see https://github.com/osscontainertools/kaniko
 */
export class KanikoImage {
  /**
   * The maintained fork, pinned. Google's own image has been archived since June 2025.
   *
   * @see https://github.com/osscontainertools/kaniko/releases
   */
  public static readonly DEFAULT = KanikoImage.of(`ghcr.io/osscontainertools/kaniko:v${NEWEST_KNOWN_VERSION}-debug`);

  /**
   * Any image of the executor: another version, or a mirror in a closed network.
   *
   * @param reference such as `registry.contoso.example/mirror/kaniko:v1.28.3-debug`; a digest may follow the tag
   * @param options the version, where the tag does not tell it
   * @throws if the reference is none, its version cannot be told, it is older than v1.24.0, or it lacks the
   * tools that the pod needs (the official `-slim` and `-warmer` images do)
   */
  public static of(reference: string, options: KanikoImageOptions = {}): KanikoImage {
    verify('KanikoImage.of', 'reference', reference, imageReference);
    const tag = parseImageReference(reference)!.tag ?? '';
    const version = parseVersion(options.version ?? tag);
    if (version === undefined) {
      throw new Error(`[KanikoImage.of] the version of ${quoted(reference)} cannot be told from its tag; `
        + 'pass it, for example version "1.28.3"');
    }
    if (!atLeast(version, OLDEST_VERSION)) {
      throw new Error(`[KanikoImage.of] ${quoted(reference)} is older than v${OLDEST_VERSION}, the oldest executor that is supported; `
        + `use ${KanikoImage.DEFAULT.reference}`);
    }
    if (/^v?\d+\.\d+\.\d+(-slim|-warmer|-bootstrap|-alpine)?$/.test(tag) && options.version === undefined) {
      throw new Error(`[KanikoImage.of] ${quoted(reference)} has no /busybox, with which the pod copies the executor out of /kaniko; `
        + `use the "-debug" image: ${quoted(reference.replace(tag, `${tag.replace(/-[a-z]+$/, '')}-debug`))} `
        + '(or pass version, if this image has /busybox/sh and /busybox/cp)');
    }
    return new KanikoImage(reference, version);
  }

  /** The image's reference, as the pod names it. */
  public readonly reference: string;

  /** The executor's version, such as `1.28.3`. */
  public readonly version: string;

  private readonly parsed: KanikoVersion;

  private constructor(reference: string, version: KanikoVersion) {
    this.reference = reference;
    this.parsed = version;
    this.version = `${version.major}.${version.minor}.${version.patch}`;
  }

  /**
   * Whether this executor is of a version or later.
   *
   * @param version such as `1.27.0`
   * @throws if it is no version
   */
  public isAtLeast(version: string): boolean {
    if (parseVersion(version) === undefined) {
      throw new Error(`[KanikoImage.isAtLeast] needs a version such as "1.27.0", got ${quoted(version)}`);
    }
    return atLeast(this.parsed, version);
  }

  /**
   * Whether COPY gives files their owner in the context, as versions before 1.25 do, instead of root. The
   * context belongs to an unprivileged user, so it has to be handed to root before such an executor starts.
   *
   * @internal
   */
  public get _copyKeepsOwner(): boolean {
    return !atLeast(this.parsed, '1.25.0');
  }

  /**
   * Whether this executor knows a flag.
   *
   * @param name the flag without `--`, such as `image-format`
   */
  public knowsFlag(name: string): boolean {
    if (!Object.hasOwn(KANIKO_FLAGS, name)) { return this.isNewerThanKnown(); }
    const { since } = KANIKO_FLAGS[name];
    return since === undefined || atLeast(this.parsed, since);
  }

  /**
   * Whether this executor reads a feature flag.
   *
   * @param name the flag with its prefix, such as `FF_KANIKO_COPY_AS_ROOT`
   */
  public knowsFeatureFlag(name: string): boolean {
    const bare = name.replace(/^FF_KANIKO_/, '');
    if (!Object.hasOwn(FEATURE_FLAGS, bare)) { return this.isNewerThanKnown(); }
    const [first, last] = FEATURE_FLAGS[bare];
    return atLeast(this.parsed, first) && (last === undefined || !atLeast(this.parsed, nextPatch(last)));
  }

  /**
   * What is wrong with passing a flag to this executor; undefined if nothing is.
   *
   * @internal
   */
  public _flagProblem(name: string): string | undefined {
    if (this.knowsFlag(name)) { return undefined; }
    const since = Object.hasOwn(KANIKO_FLAGS, name) ? KANIKO_FLAGS[name].since : undefined;
    return since === undefined
      ? `--${name} is no flag of kaniko v${this.version}${suggestion(name, Object.keys(KANIKO_FLAGS)) || '; remove it'}`
      : `--${name} needs kaniko v${since} or later, the image is v${this.version}; use ${KanikoImage.DEFAULT.reference} or remove the option`;
  }

  /**
   * What is wrong with setting a feature flag for this executor; undefined if nothing is.
   *
   * @internal
   */
  public _featureFlagProblem(name: string): string | undefined {
    if (this.knowsFeatureFlag(name)) { return undefined; }
    const bare = name.replace(/^FF_KANIKO_/, '');
    if (!Object.hasOwn(FEATURE_FLAGS, bare)) {
      return `${name} is no feature flag of kaniko v${this.version}`
        + (suggestion(name, Object.keys(FEATURE_FLAGS).map(flag => `FF_KANIKO_${flag}`)) || '; remove it');
    }
    const [first, last] = FEATURE_FLAGS[bare];
    return `${name} is read by kaniko v${first}${last === undefined ? ' and later' : ` to v${last}`}, the image is v${this.version}; remove it`;
  }

  private isNewerThanKnown(): boolean {
    return !atLeast(parseVersion(NEWEST_KNOWN_VERSION)!, this.version);
  }
}

function nextPatch(version: string): string {
  const { major, minor, patch } = parseVersion(version)!;
  return `${major}.${minor}.${patch + 1}`;
}
