/** The containers of a pod in turn, as a kubelet would run them, and what comes of them. */
import { Container, PodSpec } from './job';
import { Ended, Pod } from './pod';
import { PodmanError } from './podman';
import { containerFailure, LINES_READ } from '../container-failure';
import { BuildEvent } from '../event';
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

    const lines: string[] = [];
    tell({ kind: 'started', container: container.name, at: new Date() });
    const ended = await pod.run(container, line => {
      lines.push(line);
      if (lines.length > LINES_READ) { lines.shift(); }
      tell({ kind: 'log', container: container.name, line, at: new Date() });
    }, signal);
    if (signal.aborted) { break; }
    tell({ kind: 'ended', container: container.name, exitCode: ended.exitCode, reason: ended.reason, at: new Date() });
    const end = endOf(container, ended, lines);
    if (end !== undefined) { return end; }
  }
  return { outcome: 'cancelled' };
}

/** What the end of a container means for the build; undefined where the next one's turn has come. */
function endOf({ name, resources }: Container, { exitCode, reason, message }: Ended, lines: readonly string[]): BuildEnd | undefined {
  if (exitCode !== 0) {
    return { outcome: 'failed', failure: containerFailure({ container: name, exitCode, reason, message, lines, memoryLimit: resources.limits?.memory }) };
  }
  return name === 'kaniko' ? { outcome: 'pushed', digest: message.trim() } : undefined;
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
    if (network.host || !NETWORK.test(message)) { return notStarted(container, message); }
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

function notStarted(container: Container, message: string): Failure {
  return {
    cause: 'not-started', container: container.name, message: `the container ${container.name} does not start: ${message}`,
    ...LIMITS.test(message)
      ? { remedy: 'write default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"] below [containers] in containers.conf; this machine may not raise its limits' }
      : {},
  };
}

function messageOf(error: unknown): string {
  if (error instanceof PodmanError) { return error.message; }
  throw error;
}
