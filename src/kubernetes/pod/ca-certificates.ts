import { IConfigMap, ISecret, k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { AUTHORITIES_DIRECTORY } from './places';
import { PodContribution } from './pod-contribution';
import { shortHash } from './short-hash';
import { dataKey, verify } from '../../checks';

/**
 * Trusted authorities, as PEM. Joined with the init image's own bundle, they reach git, the downloads, kaniko's
 * registries, apt in RUN, and the Dockerfile as `certs/ca-certificates.crt` in the build context.
 */
export abstract class CaCertificates {
  /**
   * A ConfigMap's certificates.
   *
   * @param key the key that holds them; without it, every key is read
   * @throws if the key is none of a ConfigMap
   */
  public static fromConfigMap(configMap: IConfigMap, key?: string): CaCertificates {
    return new MountedCertificates(keys => ({ configMap: { name: configMap.name, ...keys } }), key);
  }

  /**
   * A Secret's certificates.
   *
   * @param key the key that holds them; without it, every key is read
   * @throws if the key is none of a Secret
   */
  public static fromSecret(secret: ISecret, key?: string): CaCertificates {
    return new MountedCertificates(keys => ({ secret: { secretName: secret.name, ...keys } }), key);
  }

  /** What these certificates add to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

interface Keys { readonly items?: k8s.KeyToPath[] }

class MountedCertificates extends CaCertificates {
  public constructor(private readonly volume: (keys: Keys) => Omit<k8s.Volume, 'name'>, private readonly key?: string) {
    super();
    if (key !== undefined) { verify('CaCertificates', 'key', key, dataKey); }
  }

  public bind(): PodContribution {
    const source = this.volume(this.key === undefined ? {} : { items: [{ key: this.key, path: this.key }] });
    const id = shortHash(JSON.stringify(source));
    const name = `certificates-${id}`;
    return {
      volumes: [{ name, ...source }],
      prepareMounts: [{ name, mountPath: `${AUTHORITIES_DIRECTORY}/${id}`, readOnly: true }],
      prepareEnvironment: { PREPARE_CERTIFICATES_DIR: AUTHORITIES_DIRECTORY },
    };
  }
}
