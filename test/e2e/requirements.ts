/** What a run needs of the machine beside Node. As a program it prints the Debian packages that are missing, a line each. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

/** Programs by the Debian package that has them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'apache2-utils': ['htpasswd'],
  'busybox-static': ['busybox'],
  'containerd': ['containerd', 'ctr'],
  'containernetworking-plugins': ['/usr/lib/cni/bridge', '/usr/lib/cni/host-local'],
  'debootstrap': ['debootstrap'],
  'dnsmasq-base': ['dnsmasq'],
  'docker-registry': ['docker-registry'],
  'dpkg': ['dpkg-deb'],
  'etcd-server': ['etcd'],
  'git': ['git'],
  'iproute2': ['ip'],
  'iptables': ['iptables'],
  'mount': ['mount'],
  'openssl': ['openssl'],
  'podman': ['podman'],
  'runc': ['runc'],
  'tar': ['tar'],
  'util-linux': ['unshare', 'setpriv'],
};

/** Packages that a cluster needs and builds by podman do not. */
const FOR_CLUSTERS: readonly string[] = ['containerd', 'etcd-server'];

/** What a run is about: builds on a cluster, or by podman. */
export type Subject = 'cluster' | 'podman';

/** The packages to install. */
export function missingPackages(subject: Subject): string[] {
  return Object.keys(PACKAGES).filter(name => !PACKAGES[name].every(exists) && !(subject === 'cluster' ? ['podman'] : FOR_CLUSTERS).includes(name));
}

/** What keeps a run from starting, a sentence each with its remedy; none where all is there. */
export function problems(subject: Subject): string[] {
  const found: string[] = [];
  const packages = missingPackages(subject);
  if (process.platform !== 'linux') found.push(`these builds need Linux; this is ${process.platform}`);
  else if (process.getuid!() !== 0) found.push('needs root for namespaces, mounts and control groups; run it as root, in a virtual machine');
  if (packages.length > 0) found.push(`programs are missing; on Debian: apt-get install --no-install-recommends ${packages.join(' ')}`);
  if (!existsSync(join(__dirname, '../../lib/cli/main.js'))) found.push('the library is not compiled, and its own program is what is tried; npx projen compile');
  if (subject === 'cluster' && !exists('kubectl')) found.push('kubectl is missing; https://kubernetes.io/docs/tasks/tools/');
  if (!exists('go')) found.push('Go is missing, with which Kubernetes and kaniko are built; https://go.dev/doc/install');
  else if (Number(goMinorVersion()) < 26) found.push(`Go 1.26 or later is needed to build Kubernetes and kaniko, this is 1.${goMinorVersion()}; https://go.dev/doc/install`);
  return found;
}

function goMinorVersion(): string {
  return execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).match(/^go1\.(\d+)/)?.[1] ?? '0';
}

function exists(program: string): boolean {
  const candidates = program.startsWith('/') ? [program] : process.env.PATH!.split(':').map(folder => join(folder, program));
  return candidates.some(path => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

if (require.main === module) new Set([...missingPackages('cluster'), ...missingPackages('podman')]).forEach(name => console.log(name));
