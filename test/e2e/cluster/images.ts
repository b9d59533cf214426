/**
 * The container images that the cluster and the tests start from, made here because nothing can be pulled:
 * as OCI image layouts (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), without a name.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cached } from './cache';

/** How an image is started: the part `config` of its configuration. */
export interface StartOptions {
  readonly Entrypoint?: string[];
  readonly Cmd?: string[];
  readonly Env?: string[];
  readonly WorkingDir?: string;
  readonly Volumes?: Record<string, object>;
}

/** A part of an image: the manifest names its parts so. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const BUSYBOX = '/bin/busybox';
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Debian with nothing added but the public authorities: what a Dockerfile starts `FROM`. Its apt sources are where the
 * official image has them and name a host that does not exist; so a build installs from its own mirror or not at all.
 */
export function debianImage(): string {
  return cached('images/debian-bookworm', layout => makeImage(layout, { Cmd: ['bash'] }, root => {
    debootstrap(root, 'ca-certificates');
    rmSync(join(root, 'etc/apt/sources.list'));
    write(root, 'etc/apt/sources.list.d/debian.sources',
      'Types: deb\nURIs: https://debian.invalid/debian\nSuites: bookworm\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n');
  }));
}

/** Debian with what the init container `prepare-context` needs. */
export function gitImage(): string {
  return cached('images/git-bookworm', layout => makeImage(layout, { Cmd: ['bash'] }, root => debootstrap(root, 'ca-certificates,curl,git')));
}

/**
 * An executor in the layout of the official `-debug` images.
 * https://github.com/osscontainertools/kaniko/blob/v1.28.3/deploy/Dockerfile
 * @param layout an empty folder
 */
export function makeKanikoImage(layout: string, executor: string): void {
  makeImage(layout, {
    Entrypoint: ['/kaniko/executor'],
    WorkingDir: '/workspace',
    Env: ['HOME=/root', 'USER=root', 'PATH=/usr/local/bin:/kaniko:/busybox', 'SSL_CERT_DIR=/kaniko/ssl/certs', 'DOCKER_CONFIG=/kaniko/.docker/'],
    Volumes: { '/busybox': {} },
  }, root => {
    ['kaniko/.docker', 'kaniko/ssl/certs', 'busybox', 'bin', 'workspace'].forEach(path => mkdirSync(join(root, path), { recursive: true }));
    chmodSync(join(root, 'kaniko'), 0o777);
    copyProgram(executor, join(root, 'kaniko/executor'));
    copyFileSync(AUTHORITIES, join(root, 'kaniko/ssl/certs/ca-certificates.crt'));
    write(root, 'etc/nsswitch.conf', 'hosts: files dns\n');
    copyBusybox(join(root, 'busybox'));
    symlinkSync('/busybox/sh', join(root, 'bin/sh'));
  });
}

/** A shell with its tools and a file `/etc/version`: a base that is unpacked at once. @param layout an empty folder */
export function makeShellImage(layout: string, version: string): void {
  makeImage(layout, { Cmd: ['sh'] }, root => {
    mkdirSync(join(root, 'bin'));
    copyBusybox(join(root, 'bin'));
    write(root, 'etc/version', `${version}\n`);
  });
}

/** What holds a pod's namespaces: a program that only waits. @param layout an empty folder */
export function makePauseImage(layout: string): void {
  makeImage(layout, { Entrypoint: ['/busybox', 'sleep', '1000000000'] }, root => copyProgram(BUSYBOX, join(root, 'busybox')));
}

/** The descriptor of a layout's manifest. */
export function manifestOf(layout: string): Descriptor {
  return (JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: Descriptor[] }).manifests[0];
}

/** The file of a layout's blob. */
export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', ...digest.split(':'));
}

/** Loads a layout into a containerd under a name. */
export function loadImage(layout: string, name: string, containerdSocket: string): void {
  const named = mkdtempSync(join(tmpdir(), 'image-'));
  writeIndex(named, { ...manifestOf(layout), annotations: { 'io.containerd.image.name': name } });
  execFileSync('sh', ['-c', 'tar -cf - -C "$1" blobs oci-layout -C "$2" index.json | ctr --address "$3" --namespace k8s.io images import --platform linux/$4 -',
    'load', layout, named, containerdSocket, architecture()], { stdio: ['ignore', 'ignore', 'pipe'] });
  rmSync(named, { recursive: true });
}

/** Makes a layout of one layer. @param fill puts the image's files below a folder */
function makeImage(layout: string, start: StartOptions, fill: (root: string) => void): void {
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  chmodSync(root, 0o755);
  const archive = join(layout, 'layer.tar.gz');
  try {
    fill(root);
    execFileSync('sh', ['-c', 'tar -C "$1" --numeric-owner --sort=name -cf - . | gzip -n -4 >"$2"', 'pack', root, archive]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const compressed = readFileSync(archive);
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(compressed), size: compressed.length };
  renameSync(archive, blobPath(layout, layer.digest));
  const config = writeBlob(layout, 'application/vnd.oci.image.config.v1+json', {
    created: '2026-01-01T00:00:00Z', os: 'linux', architecture: architecture(), config: start,
    rootfs: { type: 'layers', diff_ids: [digestOf(gunzipSync(compressed))] }, history: [{ created: '2026-01-01T00:00:00Z' }],
  });
  writeIndex(layout, writeBlob(layout, MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer] }));
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

function debootstrap(root: string, packages: string): void {
  execFileSync('debootstrap', ['--variant=minbase', `--include=${packages}`, 'bookworm', root], { stdio: ['ignore', 'ignore', 'inherit'] });
  ['etc/hostname', 'etc/resolv.conf'].forEach(path => rmSync(join(root, path), { force: true })); // this machine's
  for (const path of ['var/cache/apt/archives', 'var/lib/apt/lists', 'var/log']) {
    rmSync(join(root, path), { recursive: true });
    mkdirSync(join(root, path));
  }
}

function writeBlob(layout: string, mediaType: string, value: unknown): Descriptor {
  const bytes = Buffer.from(JSON.stringify(value));
  writeFileSync(blobPath(layout, digestOf(bytes)), bytes);
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function writeIndex(layout: string, manifest: Descriptor & { annotations?: Record<string, string> }): void {
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

function write(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function copyProgram(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, statSync(from).mode | 0o555);
}

/** BusyBox with all its names. */
function copyBusybox(folder: string): void {
  copyProgram(BUSYBOX, join(folder, 'busybox'));
  for (const applet of execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(folder, applet));
  }
}
