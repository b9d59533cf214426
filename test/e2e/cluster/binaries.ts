/**
 * The programs that no package of Debian has: Kubernetes, the workload identity webhook and kaniko's executors, built
 * from their Go modules as `modules/` pins them (versions in go.mod, checksums in go.sum).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CACHE, cached } from './cache';

const KUBERNETES = 'v1.37.2';
const WEBHOOK = 'v1.6.0';

/** An executor that the tests can run. */
export interface Executor {
  readonly version: string;
  readonly path: string;
  /** The image that the library expects it in. */
  readonly image: string;
}

/** The folder with kube-apiserver, kube-controller-manager, kube-scheduler and kubelet. */
export function kubernetes(): string {
  const version = 'k8s.io/component-base/version';
  const [major, minor] = KUBERNETES.slice(1).split('.');
  const settings = [`${version}.gitVersion=${KUBERNETES}`, `${version}.gitMajor=${major}`, `${version}.gitMinor=${minor}`];
  return cached(`kubernetes/${KUBERNETES}`, folder => goBuild('kubernetes', folder, settings,
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'].map(name => `k8s.io/kubernetes/cmd/${name}`)));
}

/** The folder with the program `webhook`. */
export function webhook(): string {
  return cached(`webhook/${WEBHOOK}`, folder => goBuild('webhook', folder, [], 'github.com/Azure/azure-workload-identity/cmd/webhook'));
}

/**
 * The executors, oldest first: the two that are built here, those that lie in the cache under their version, and the
 * one that `KANIKO_EXECUTOR=<version>=<path>` names.
 */
export function executors(): Executor[] {
  executor('v1.24.0', 'github.com/GoogleContainerTools/kaniko');
  executor('v1.27.5', 'github.com/osscontainertools/kaniko');
  const paths = new Map<string, string>();
  for (const version of readdirSync(join(CACHE, 'executors'))) {
    const path = join(CACHE, 'executors', version, 'executor');
    if (existsSync(path)) paths.set(version, path);
  }
  if (process.env.KANIKO_EXECUTOR) {
    const [, version, path] = process.env.KANIKO_EXECUTOR.match(/^(v\d+\.\d+\.\d+)=(.+)$/) ?? [];
    if (!version || !existsSync(path)) {
      throw new Error(`KANIKO_EXECUTOR must be <version>=<path of an executor>, such as v1.28.3=/opt/executor; got '${process.env.KANIKO_EXECUTOR}'`);
    }
    paths.set(version, path);
  }
  return [...paths].map(([version, path]) => ({ version, path, image: imageOf(version) }))
    .sort((one, other) => one.version.localeCompare(other.version, 'en', { numeric: true }));
}

function executor(version: string, module: string): void {
  cached(`executors/${version}`, folder => goBuild(`kaniko-${version}`, folder, [`${module}/pkg/version.version=${version}`], `${module}/cmd/executor`));
}

/** Google published v1.24 and what was before, the fork everything after. */
function imageOf(version: string): string {
  const repository = Number(version.split('.')[1]) <= 24 ? 'gcr.io/kaniko-project/executor' : 'ghcr.io/osscontainertools/kaniko';
  return `${repository}:${version}-debug`;
}

/** Builds commands of a Go module. @param module a folder with go.mod and go.sum, the ones here by their name @param settings `<variable>=<value>` */
export function goBuild(module: string, folder: string, settings: readonly string[], ...packages: string[]): void {
  const linker = ['-s', '-w', ...settings.flatMap(setting => ['-X', setting])].join(' ');
  execFileSync('nice', ['-n', '10', 'go', 'build', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', linker, '-o', `${folder}/`, ...packages], {
    cwd: resolve(__dirname, 'modules', module),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
