import { Check } from './problem';
import { freeText, quoted } from './text';

// The grammar of image references: https://github.com/distribution/reference
const DOMAIN = '(?:[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?';
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const TAG = '[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}';
const DIGEST = 'sha256:[a-f0-9]{64}';

const WHOLE_DIGEST = new RegExp(`^${DIGEST}$`);
const REFERENCE = new RegExp(`^(?:(${DOMAIN})/)?(${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);

/** Whether a text is the digest of an image, or of a part of one. */
export function isDigest(value: string): boolean {
  return WHOLE_DIGEST.test(value);
}

/** The parts of an image reference. */
export interface ImageReference {
  readonly registry?: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Takes a reference apart; undefined if it is none. A first part without dot or port is a path, as everywhere. */
export function parseImageReference(value: string): ImageReference | undefined {
  const match = REFERENCE.exec(value);
  if (match === null) { return undefined; }
  const [, domain, path, tag, digest] = match;
  const isHost = domain !== undefined && (/[.:]/.test(domain) || domain === 'localhost');
  if (domain !== undefined && !isHost && domain !== domain.toLowerCase()) { return undefined; }
  return isHost ? { registry: domain, path, tag, digest } : { path: domain === undefined ? path : `${domain}/${path}`, tag, digest };
}

/** Any image that can be pulled. */
export const imageReference: Check = value => freeText(value)
  ?? (parseImageReference(value) !== undefined && value.length <= 512 ? undefined
    : `needs an image reference, got ${quoted(value)}; write for example "registry.contoso.example/docker-remote/debian:bookworm"`);

/** Where an image is pushed: with a registry and a tag, without a digest. */
export const destination: Check = value => {
  const problem = imageReference(value);
  if (problem !== undefined) { return problem; }
  const reference = parseImageReference(value)!;
  if (reference.digest !== undefined) {
    return `needs a tag and no digest, got ${quoted(value)}; the registry computes the digest: write "${value.slice(0, value.indexOf('@'))}"`;
  }
  if (reference.registry === undefined) {
    return `needs a registry, got ${quoted(value)}, which would be pushed to Docker Hub; write "registry.contoso.example/docker-local/${value}" or "docker.io/…"`;
  }
  return reference.tag === undefined ? `needs a tag, got ${quoted(value)}; write "${value}:1.0"` : undefined;
};

/** A repository in a registry, or a registry with a path in it: no tag, no digest. */
export const repository: Check = value => {
  const problem = freeText(value);
  if (problem !== undefined) { return problem; }
  if (/^[a-z]+:\/\//i.test(value)) {
    return `needs no scheme, got ${quoted(value)}; write "${value.replace(/^[a-z]+:\/\//i, '')}"`;
  }
  const reference = parseImageReference(`${value}/x`);
  return reference?.registry !== undefined && value.length <= 400 ? undefined
    : `needs a registry with an optional path, got ${quoted(value)}; write for example "registry.contoso.example/docker-local"`;
};

/** A registry's host, with an optional port and path: what a mirror is. */
export const registryMirror = repository;

/** An image's name below the registry. */
export const imageName: Check = value => freeText(value)
  ?? (new RegExp(`^${PATH}$`).test(value) && value.length <= 255 ? undefined
    : `needs the name of an image (lower-case letters, digits, ".", "_", "-" and "/"), got ${quoted(value)}; write for example "build-agent"`);

/** An image's tag. */
export const imageTag: Check = value => freeText(value)
  ?? (new RegExp(`^${TAG}$`).test(value) ? undefined
    : `needs a tag (at most 128 letters, digits, ".", "_" and "-", not beginning with "." or "-"), got ${quoted(value)}; write for example "python-311-42"`);

/** A platform, as GOOS/GOARCH with an optional variant. */
export const platform: Check = value => /^[a-z0-9]+\/[a-z0-9]+(\/v[0-9]+)?$/.test(value) ? undefined
  : `needs an operating system and an architecture, got ${quoted(value)}; write for example "linux/amd64"`;
