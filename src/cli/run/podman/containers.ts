/** The containers of a pod in turn, as a kubelet would run them, and what comes of them. */
import { Container, PodSpec } from './job';
import { Ended, Pod } from './pod';
import { PodmanError } from './podman';
import { containerFailure } from '../container-failure';
import { BuildEvent } from '../event';
import { LogTail } from '../log-tail';
import { pushedEnd } from '../pushed-end';
import { BuildEnd, Failure } from '../result';

/** How containers are connected; what one build learns of this machine holds for the others. */
export interface Network {
  /** Whether containers use the network of this machine, because podman cannot give them their own. */
  host: boolean;
}

/** @returns how the build ended; `cancelled` where `signal` says so, whatever the reason */
export async function runContainers(
  pod: Pod, { initContainers, containers }: PodSpec, network: Network, tell: (event: BuildEvent) => void, signal: AbortSignal,
): Promise<BuildEnd> {
  for (const container of [...initContainers, ...containers]) {
    const failure = await pull(pod, container, tell, signal) ?? (signal.aborted ? undefined : await prepare(pod, container, network, tell));
    if (signal.aborted) { break; }
    if (failure !== undefined) { return { outcome: 'failed', failure }; }

    const log = new LogTail();
    tell({ kind: 'started', container: container.name, at: new Date() });
    const ended = await pod.run(container, line => {
      log.add(line);
      tell({ kind: 'log', container: container.name, line, at: new Date() });
    }, signal);
    if (signal.aborted) { break; }
    tell({ kind: 'ended', container: container.name, exitCode: ended.exitCode, reason: ended.reason, at: new Date() });
    const end = endOf(container, ended, log);
    if (end !== undefined) { return end; }
  }
  return { outcome: 'cancelled' };
}

/** What the end of a container means for the build; undefined where the next one's turn has come. */
function endOf({ name: container, image }: Container, ended: Ended, log: LogTail): BuildEnd | undefined {
  if (ended.exitCode !== 0) { return { outcome: 'failed', failure: containerFailure({ ...ended, container, image, log }) }; }
  return container === 'kaniko' ? pushedEnd(ended.message) : undefined;
}

/** Sees that the image is there. */
async function pull(pod: Pod, container: Container, tell: (event: BuildEvent) => void, signal: AbortSignal): Promise<Failure | undefined> {
  if (await pod.hasImage(container)) { return undefined; }
  tell({ kind: 'pulling', image: container.image, at: new Date() });
  try {
    await pod.pull(container, signal);
    return undefined;
  } catch (error) {
    return {
      cause: 'image-pull', container: container.name, message: `${container.image} cannot be pulled: ${messageOf(error)}`,
      remedy: 'see whether "podman pull" gets it; a registry that wants an account takes that of "podman login", or of the Secret that imagePullSecretNames names',
    };
  }
}

/** Makes the container, with the network of this machine where podman can make no other. */
async function prepare(pod: Pod, container: Container, network: Network, tell: (event: BuildEvent) => void): Promise<Failure | undefined> {
  try {
    await pod.prepare(container, network.host);
    return undefined;
  } catch (error) {
    const message = messageOf(error);
    if (network.host || !NETWORK.test(message)) { return startFailure(container, message); }
    network.host = true;
    tell({
      kind: 'notice',
      message: `podman cannot give containers a network of their own here (${message}); they use this machine's, and see what listens on it`,
      at: new Date(),
    });
    return prepare(pod, container, network, tell);
  }
}

/** What podman says where its network has parts missing: CNI plugins or netavark as root, slirp4netns or pasta otherwise. */
const NETWORK = /\bcni\b|plugin type=|netavark|iptables|nftables|slirp4netns|pasta|network namespace|configur\w+ network/i;

/** A virtual machine may lack the right to raise limits. */
const LIMITS = /setting rlimit/;

/** Why podman could not start a container. */
function startFailure({ name: container, image }: Container, message: string): Failure {
  if (!LIMITS.test(message)) { return containerFailure({ container, image, exitCode: 128, reason: 'StartError', message, log: new LogTail() }); }
  return {
    cause: 'no-engine', container, message: `podman cannot start containers here: ${message}`,
    remedy: 'this machine may not raise limits: write default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"] below [containers] in containers.conf',
  };
}

function messageOf(error: unknown): string {
  if (error instanceof PodmanError) { return error.message; }
  throw error;
}
