import { KANIKO_FLAGS } from './kaniko-flags';
import { KanikoImage } from './kaniko-image';
import { KanikoOptions, SnapshotMode, Verbosity } from './kaniko-options';
import { LayerCache } from './layer-cache';
import { quoted } from '../checks';

/** All that kaniko's command line is made of. */
export interface KanikoArgumentsInput {
  readonly image: KanikoImage;
  readonly options: KanikoOptions;
  readonly contextDirectory: string;
  readonly dockerfile: string;
  readonly destinations: string[];
  readonly layerCache: LayerCache;
  /** What the build's parts add, such as `--registry-map=…`. */
  readonly contributed: string[];
}

/** Where kaniko writes the digest: Kubernetes hands it back in the container's status. */
const DIGEST_FILE = '/dev/termination-log';

/** Options to kaniko's flags, one argument each, in a fixed order. Pure; everything is checked before. */
export function kanikoArguments(input: KanikoArgumentsInput): string[] {
  const { options } = input;
  const retries = options.registryRetries ?? 3;
  const flags = options.flags ?? [];
  const byHand = new Set(flags.map(flagName));
  const own = [
    ...input.destinations.map(destination => `--destination=${destination}`),
    ...pairs('build-arg', options.buildArgs),
    ...optional('target', options.target),
    ...pairs('label', options.imageLabels),
    ...pairs('annotation', options.imageAnnotations),
    ...optional('custom-platform', options.platform),
    ...input.layerCache._flags(input.image),
    `--snapshot-mode=${options.snapshotMode ?? SnapshotMode.REDO}`,
    ...options.reproducible ? ['--reproducible=true'] : [],
    ...optional('compression', options.compression),
    ...optional('compression-level', options.compressionLevel?.toString()),
    ...optional('image-format', options.imageFormat),
    `--push-retry=${retries}`,
    `--image-download-retry=${retries}`,
    `--image-fs-extract-retry=${retries}`,
    ...input.contributed,
    // Coloured logs are unreadable in a pipeline's log.
    '--log-format=text',
    `--verbosity=${options.verbosity ?? Verbosity.INFO}`,
  ];
  return [
    `--context=dir://${input.contextDirectory}`,
    `--dockerfile=${input.contextDirectory}/${input.dockerfile}`,
    // Container detection fails on some runtimes.
    '--force=true',
    `--digest-file=${DIGEST_FILE}`,
    ...own.filter(argument => REPEATABLE.has(flagName(argument)) || !byHand.has(flagName(argument))),
    ...flags,
  ];
}

/** What is wrong with flags given by hand, for this executor. */
export function flagProblems(flags: readonly string[], image: KanikoImage): string[] {
  return flags.flatMap(flag => {
    const match = /^--([a-z][a-z-]*)(=([\s\S]*))?$/.exec(flag);
    if (match === null) { return [`${quoted(flag)} is no flag; write "--flag" or "--flag=value"`]; }
    const [, name, assignment, value] = match;
    const unknown = image._flagProblem(name);
    if (unknown !== undefined) { return [unknown]; }
    const known = Object.hasOwn(KANIKO_FLAGS, name) ? KANIKO_FLAGS[name] : undefined;
    if (known === undefined) { return []; }
    if (known.setBy !== undefined) { return [`--${name} is set by ${known.setBy}; remove it`]; }
    if (known.takesValue && assignment === undefined) { return [`--${name} needs a value; write "--${name}=value"`]; }
    if (!known.takesValue && value !== undefined && !['true', 'false'].includes(value)) {
      return [`--${name} needs true or false, got ${quoted(value)}`];
    }
    return [];
  });
}

/** The name of a flag, without dashes and value. */
export function flagName(argument: string): string {
  return argument.replace(/^--/, '').replace(/=[\s\S]*$/, '');
}

/** Flags that add up: one given by hand does not replace the others. */
const REPEATABLE = new Set(['destination', 'build-arg', 'label', 'annotation', 'registry-map', 'registry-mirror',
  'registry-certificate', 'secret', 'ignore-path']);

function optional(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`--${flag}=${value}`];
}

function pairs(flag: string, values: { readonly [key: string]: string } | undefined): string[] {
  return Object.entries(values ?? {}).map(([key, value]) => `--${flag}=${key}=${value}`);
}
