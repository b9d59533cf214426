/** Whether podman can run builds on this machine, and what it is able to limit. */
import { Podman } from './podman';
import { loggedLine } from '../kaniko-log';
import { Failure } from '../result';

/** What podman is on this machine. */
export interface Machine {
  /** The controllers of control groups that podman may use: without `memory` it can limit no memory. */
  readonly controllers: readonly string[];
}

/** The parts of `podman info` that matter here. https://docs.podman.io/en/latest/markdown/podman-info.1.html */
interface Info {
  readonly host: {
    readonly cgroupControllers?: readonly string[] | null;
    readonly idMappings?: { readonly uidmap?: ReadonlyArray<{ readonly container_id: number; readonly size: number }> | null };
    readonly security?: { readonly rootless?: boolean };
  };
  readonly version?: { readonly Version?: string };
}

/** The oldest version that these calls were tried with. */
const OLDEST = [4, 3];

/** The user ids that a container of the pod needs: 0, and that of the init container. */
const USER_IDS = 65_536;

/** Asks podman about the machine. */
export async function askMachine(podman: Podman): Promise<Machine | Failure> {
  const { exitCode, out, err } = await podman.call(['info', '--format', 'json']);
  if (exitCode === 127) {
    return noEngine('podman is not installed', 'install it (https://podman.io/docs/installation; on Debian: apt-get install podman)');
  }
  if (exitCode !== 0) {
    return noEngine(`podman does not work: ${lastError(err)}`, process.platform === 'linux' ? 'see what "podman info" says'
      : 'podman needs a virtual machine here: "podman machine init" once, then "podman machine start"');
  }
  const { host, version } = JSON.parse(out) as Info;
  const number = version?.Version ?? '0';
  const [major, minor] = number.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return noEngine(`podman ${number} is too old`, `install ${OLDEST.join('.')} or later`);
  }
  const mapped = Math.max(0, ...(host.idMappings?.uidmap ?? []).map(range => range.container_id + range.size));
  if (host.security?.rootless === true && mapped < USER_IDS) {
    return noEngine(`this user may use ${mapped} user ids in containers, and the builds' containers need ${USER_IDS}`,
      'as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER; then "podman system migrate"');
  }
  return { controllers: host.cgroupControllers ?? [] };
}

/** What podman's messages end with: the error itself, after warnings, which are logged as kaniko's are. */
export function lastError(err: string): string {
  const lines = err.split('\n');
  return lines.filter(line => line.startsWith('Error: ')).pop()?.slice('Error: '.length) ?? loggedLine(lines.pop()!).message;
}

function noEngine(message: string, remedy: string): Failure {
  return { cause: 'no-engine', message, remedy };
}
