/** A container of the pod as arguments of `podman create`: everything that the manifest says of it. Pure. */
import { SizeRoundingBehavior } from 'cdk8s';
import { Container } from './job';
import { Machine } from './machine';
import { parseImageReference } from '../../../checks';
import { parseSize } from '../../../kubernetes/resources';

/** What the manifest does not say. */
export interface Surroundings {
  /** The pod that the container belongs to. */
  readonly pod: string;
  /** Its place on this machine, or the volume's name, for each of the container's mounts in their order. */
  readonly mounts: readonly string[];
  /** The file that the container finds at `/dev/termination-log`. */
  readonly terminationLog: string;
  /** Whether it uses the network of the machine. */
  readonly hostNetwork: boolean;
  readonly machine: Machine;
}

/**
 * The arguments. None of them is secret: the manifest names Secrets and has no values of theirs.
 *
 * https://docs.podman.io/en/latest/markdown/podman-create.1.html
 */
export function containerArguments(container: Container, surroundings: Surroundings): string[] {
  const { securityContext: security, command, args = [] } = container;
  return [
    'create', `--pod=${surroundings.pod}`, `--name=${containerName(surroundings.pod, container)}`,
    '--pull=never',
    // Kept with the container and removed with it; the machine's journal would keep what RUN prints.
    '--log-driver=k8s-file', '--log-opt=max-size=10mb',
    // As in a cluster, kaniko and RUN get the proxy that the parameters name, and not the machine's.
    '--http-proxy=false',
    ...surroundings.hostNetwork ? ['--network=host'] : [],
    `--user=${security.runAsUser}:${security.runAsGroup}`,
    ...security.capabilities.drop.map(name => `--cap-drop=${name}`),
    ...(security.capabilities.add ?? []).map(name => `--cap-add=${name}`),
    ...security.allowPrivilegeEscalation ? [] : ['--security-opt=no-new-privileges'],
    // podman would mount folders to write to beside those of the manifest.
    ...security.readOnlyRootFilesystem === true ? ['--read-only', '--read-only-tmpfs=false'] : [],
    ...limits(container, surroundings.machine),
    ...(container.env ?? []).map(({ name, value }) => `--env=${name}=${plain(value)}`),
    ...container.volumeMounts.map(({ mountPath, readOnly }, index) => volume(surroundings.mounts[index], mountPath, readOnly === true)),
    volume(surroundings.terminationLog, '/dev/termination-log', false),
    `--entrypoint=${JSON.stringify(command.map(plain))}`,
    fullImageName(container.image),
    ...args.map(plain),
  ];
}

/** The container's name; names of pods and containers share one space. */
export function containerName(pod: string, { name }: Container): string {
  return `${pod}.${name}`;
}

/**
 * The image's name as podman understands it: with a registry, because it asks its own configuration for a short name
 * where a cluster asks Docker Hub, and with tag or digest, because 4.3 takes no name with both.
 */
export function fullImageName(image: string): string {
  const { registry = 'docker.io', path, tag = 'latest', digest } = parseImageReference(image)!;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return `${registry}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** Memory and processors, where podman is able to limit them. Requests matter to a scheduler, and there is none. */
function limits({ resources }: Container, { controllers }: Machine): string[] {
  const { cpu, memory } = resources.limits ?? {};
  const bytes = memory === undefined ? 0 : Math.floor(parseSize(memory).toKibibytes({ rounding: SizeRoundingBehavior.NONE }) * 1024);
  return [
    // Without the second, as much again is swapped out.
    ...memory !== undefined && controllers.includes('memory') ? [`--memory=${bytes}b`, `--memory-swap=${bytes}b`] : [],
    ...cpu !== undefined && controllers.includes('cpu') ? [`--cpus=${cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : cpu}`] : [],
  ];
}

/** z: where SELinux is, containers may read the place. nocopy: an empty volume stays empty, as in a cluster. */
function volume(source: string, mountPath: string, readOnly: boolean): string {
  const options = [...readOnly ? ['ro'] : [], source.startsWith('/') ? 'z' : 'nocopy'];
  return `--volume=${source}:${mountPath}:${options.join(',')}`;
}

/** The value as the container gets it: a cluster reads `$$` as one `$`, and the manifest has no other use of it. */
function plain(value: string): string {
  return value.replaceAll('$$', () => '$');
}
