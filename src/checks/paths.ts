import { all, Check } from './problem';
import { freeText, quoted } from './text';

/**
 * A path below the build context: relative, no step upwards, nothing that a shell, tar or Dockerfile reads
 * as something else. The init container checks symbolic links, which only the files themselves can tell.
 */
export const contextPath: Check = value => {
  const problem = freeText(value);
  if (problem !== undefined) { return problem; }
  const example = 'write a path below the build context, for example "k8s/images/build-agent"';
  if (value === '' || value.length > 1024) { return `needs a path of 1 to 1024 characters, got ${value.length}; ${example}`; }
  if (value.startsWith('/') || /^[a-zA-Z]:[\\/]/.test(value)) { return `needs a relative path, got ${quoted(value)}; ${example}`; }
  if (value.includes('\\')) { return `needs "/" between its parts, got ${quoted(value)}; write "${value.replace(/\\+/g, '/')}"`; }
  if (value.startsWith('~')) { return `begins with "~", which nothing here expands, got ${quoted(value)}; ${example}`; }
  const parts = value.replace(/\/+$/, '').split('/');
  if (parts.includes('..')) { return `leaves the build context by "..", got ${quoted(value)}; ${example}`; }
  if (parts.some(part => part === '' || part === '.')) { return `has an empty part or ".", got ${quoted(value)}; ${example}`; }
  const long = parts.find(part => Buffer.byteLength(part) > 255);
  if (long !== undefined) { return `has a part of more than 255 bytes, got ${quoted(long)}; shorten it`; }
  return parts[0] === '.git' ? `lies in ".git", got ${quoted(value)}; ${example}` : undefined;
};

/** A directory below the work tree; "." is the work tree itself. */
export const contextDirectory: Check = value => /^\.?\/*$/.test(value) && value !== '' && value[0] === '.' ? undefined : contextPath(value);

/** A directory without the trailing slashes that people write. */
export function normalizeDirectory(value: string): string {
  return value.replace(/\/+$/, '') || '.';
}

/** A file below the build context. */
export const contextFile: Check = all(contextPath, value => value.endsWith('/')
  ? `is a directory, got ${quoted(value)}; write the file's name`
  : undefined);

/** Where a file of the storage account lands: what kaniko's context itself needs is not overwritten. */
export const fileName: Check = all(contextFile, value => value === 'certs/ca-certificates.crt'
  ? `is the place of the certificate bundle, got ${quoted(value)}; choose another name`
  : undefined);

/** The name of a blob. https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const blobPath: Check = all(contextPath, value => value.endsWith('/') || value.endsWith('.')
  ? `names no blob, got ${quoted(value)}; write the blob's whole path, for example "k8s/kubectl"`
  : undefined);

// What belongs to the kernel, to the executor or to this library; a mount there breaks the build.
const RESERVED = ['/proc', '/sys', '/dev', '/kaniko', '/opt/kaniko', '/busybox', '/var/run', '/run/secrets/kubernetes.io', '/run/secrets/azure'];

/** An absolute path in the image at which RUN sees a file. */
export const mountPath: Check = value => {
  const problem = freeText(value);
  if (problem !== undefined) { return problem; }
  const example = 'write for example "/etc/pip.conf"';
  if (!value.startsWith('/') || value.length > 1024) { return `needs an absolute path, got ${quoted(value)}; ${example}`; }
  if (value.includes(':')) { return `must not hold ":", got ${quoted(value)}; ${example}`; }
  const parts = value.slice(1).split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..')) {
    return `has an empty part, "." or "..", got ${quoted(value)}; ${example}`;
  }
  const reserved = RESERVED.find(prefix => value === prefix || value.startsWith(`${prefix}/`));
  return reserved === undefined ? undefined : `lies below ${reserved}, which the build itself needs, got ${quoted(value)}; ${example}`;
};

/** A SHA-256 in hexadecimal digits. */
export const sha256: Check = value => /^[a-fA-F0-9]{64}$/.test(value) ? undefined
  : `needs 64 hexadecimal digits, got ${quoted(value)}; run "sha256sum FILE"`;

/** The first name that two files share, or that is a directory of another; a clause for a message. */
export function clashingName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) { return `name "${name}" twice; give each file a name of its own`; }
    seen.add(name);
  }
  for (const name of names) {
    const inside = names.find(other => other.startsWith(`${name}/`));
    if (inside !== undefined) { return `use "${name}" as a file and as the directory of "${inside}"; rename one`; }
  }
  return undefined;
}
