import { IConfigMap, ISecret, k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { PodContribution } from './pod-contribution';
import { shortHash } from './short-hash';
import { dataKey, mountPath, verify } from '../../checks';

/**
 * A file that RUN sees at a path of the image while it is built, and that the image never holds: `pip.conf`,
 * `.npmrc`, `settings.xml`. It hides a file of the base image at that path, which stays in the image unchanged.
 */
export abstract class MountedFile {
  /**
   * A Secret's key as a file. Every RUN step can read it.
   *
   * @param path the absolute path at which RUN sees it, such as `/root/.npmrc`
   * @throws if the key or path is not valid, or the path belongs to the build itself
   */
  public static fromSecret(secret: ISecret, key: string, path: string): MountedFile {
    return new MountedKey('MountedFile.fromSecret', { secret: { secretName: secret.name, items: [{ key, path: key }] } }, key, path);
  }

  /**
   * A ConfigMap's key as a file.
   *
   * @param path the absolute path at which RUN sees it, such as `/etc/pip.conf`
   * @throws if the key or path is not valid, or the path belongs to the build itself
   */
  public static fromConfigMap(configMap: IConfigMap, key: string, path: string): MountedFile {
    return new MountedKey('MountedFile.fromConfigMap', { configMap: { name: configMap.name, items: [{ key, path: key }] } }, key, path);
  }

  /** What this file adds to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

class MountedKey extends MountedFile {
  public constructor(
    place: string, private readonly source: Omit<k8s.Volume, 'name'>, private readonly key: string, private readonly path: string,
  ) {
    super();
    verify(place, 'key', key, dataKey);
    verify(place, 'path', path, mountPath);
  }

  public bind(): PodContribution {
    const name = `file-${shortHash(JSON.stringify(this.source))}`;
    return {
      volumes: [{ name, ...this.source }],
      kanikoMounts: [{ name, mountPath: this.path, subPath: this.key, readOnly: true }],
    };
  }
}
