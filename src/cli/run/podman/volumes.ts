/**
 * The volumes of a pod without a kubelet. What the manifest calls `emptyDir` is a volume of podman's, and files of
 * Secrets and ConfigMaps lie in a private folder of this machine.
 *
 * An `emptyDir` in memory is on disk here too: podman's volumes in memory are empty again when the container that uses
 * them ends, and the next one of the pod needs what is in them. They are removed with the pod, like all others.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GivenObjects } from './given-objects';
import { Container, PodSpec, Volume, VolumeMount } from './job';
import { lastError } from './machine';
import { sources } from './needed-objects';
import { Podman, PodmanError } from './podman';

export class Volumes {
  /**
   * Makes the volumes of a pod.
   *
   * @param folder private: others on this machine cannot look into it
   * @param label by which podman's volumes are found again
   * @throws PodmanError
   */
  public static async make(podman: Podman, spec: PodSpec, given: GivenObjects, place: Place): Promise<Volumes> {
    const places = new Map<string, string>();
    for (const volume of spec.volumes) {
      places.set(volume.name, await make(podman, spec, volume, given, place));
    }
    return new Volumes(podman, places);
  }

  private constructor(private readonly podman: Podman, private readonly places: ReadonlyMap<string, string>) {}

  /** What to mount for each of a container's mounts: a path of this machine, or the name of a volume of podman's. */
  public async mounts(container: Container): Promise<string[]> {
    return Promise.all(container.volumeMounts.map(mount => this.mount(mount)));
  }

  /** podman 4.3 mounts whole volumes only; a part of one it mounts by its path. */
  private async mount({ name, subPath }: VolumeMount): Promise<string> {
    const place = this.places.get(name)!;
    if (subPath === undefined) { return place; }
    if (place.startsWith('/')) { return join(place, subPath); }
    const { exitCode, out, err } = await this.podman.call(['volume', 'inspect', '--format', '{{.Mountpoint}}', place]);
    if (exitCode !== 0) { throw new PodmanError(lastError(err)); }
    return join(out, subPath);
  }
}

/** Where volumes are made. */
export interface Place {
  readonly pod: string;
  readonly namespace: string;
  readonly folder: string;
  readonly label: string;
}

async function make(podman: Podman, spec: PodSpec, volume: Volume, given: GivenObjects, { pod, namespace, folder, label }: Place): Promise<string> {
  if (volume.persistentVolumeClaim !== undefined) { return volume.persistentVolumeClaim.claimName; }
  if (volume.emptyDir !== undefined) {
    const name = `${pod}.${volume.name}`;
    const { exitCode, err } = await podman.call(['volume', 'create', `--label=${label}`, `--opt=o=${owner(spec, volume)}`, name]);
    if (exitCode !== 0) { throw new PodmanError(lastError(err)); }
    return name;
  }
  const path = join(folder, volume.name);
  mkdirSync(path);
  chmodSync(path, 0o755);
  for (const { kind, name, items } of sources(volume)) {
    const files = given.find(kind, name, namespace)!;
    for (const { key, path: file } of items ?? [...files.keys()].map(own => ({ key: own, path: own }))) {
      writeFileSync(join(path, file), files.get(key)!);
      // As the kubelet does it: the containers' users, which are not this one, have to read the file.
      chmodSync(join(path, file), 0o644);
    }
  }
  return path;
}

/** Whose an empty volume is: that of the first container which mounts it. A cluster lets everybody write instead. */
function owner({ initContainers, containers }: PodSpec, { name }: Volume): string {
  const first = [...initContainers, ...containers].find(({ volumeMounts }) => volumeMounts.some(mount => mount.name === name))!;
  return `uid=${first.securityContext.runAsUser},gid=${first.securityContext.runAsGroup}`;
}
