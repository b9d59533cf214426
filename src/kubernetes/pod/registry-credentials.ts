import { ISecret } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { DOCKER_CONFIG_DIRECTORY } from './places';
import { PodContribution } from './pod-contribution';
import { dataKey, verify } from '../../checks';

/** How kaniko proves to the registries who it is, for pulling and pushing. */
export abstract class RegistryCredentials {
  /** No credentials: registries that let anyone pull and push. */
  public static anonymous(): RegistryCredentials {
    return new AnonymousRegistryCredentials();
  }

  /**
   * A docker config from a Secret of the type `kubernetes.io/dockerconfigjson`. For Artifactory, its `auths`
   * name `registry.contoso.example` (repository-path form) or `docker-local.registry.contoso.example` (subdomain form).
   *
   * RUN steps can read the file, as anything that kaniko can read: give the account the rights of this build alone.
   *
   * @param key the key that holds the config, `.dockerconfigjson` by default
   * @throws if the key is none of a Secret
   * @see https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
   */
  public static fromSecret(secret: ISecret, key?: string): RegistryCredentials {
    return new SecretRegistryCredentials(secret, key ?? '.dockerconfigjson');
  }

  /**
   * The pod's workload identity instead of a password, for Azure Container Registry. The identity needs the
   * role AcrPush.
   *
   * With it the kaniko container keeps the identity, so **every RUN step of the Dockerfile can read its token**
   * and act as the identity for as long as the build runs. Choose it for Dockerfiles that you trust, with an
   * identity that may do nothing but this.
   *
   * @see https://learn.microsoft.com/azure/container-registry/container-registry-roles
   */
  public static fromWorkloadIdentity(): RegistryCredentials {
    return new WorkloadIdentityRegistryCredentials();
  }

  /**
   * The values of kaniko's `--credential-helpers`, for versions that know the flag.
   *
   * @internal
   */
  public abstract get _credentialHelper(): string;

  /** What these credentials add to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

class AnonymousRegistryCredentials extends RegistryCredentials {
  // Empty: or kaniko asks every cloud's metadata service for credentials, which takes seconds to fail.
  public readonly _credentialHelper = '';

  public bind(): PodContribution {
    return {};
  }
}

class SecretRegistryCredentials extends RegistryCredentials {
  public readonly _credentialHelper = '';

  public constructor(private readonly secret: ISecret, private readonly key: string) {
    super();
    verify('RegistryCredentials.fromSecret', 'key', key, dataKey);
  }

  public bind(): PodContribution {
    return {
      volumes: [{ name: 'docker-config', secret: { secretName: this.secret.name, items: [{ key: this.key, path: 'config.json' }] } }],
      kanikoMounts: [{ name: 'docker-config', mountPath: DOCKER_CONFIG_DIRECTORY, readOnly: true }],
      kanikoEnvironment: { DOCKER_CONFIG: `${DOCKER_CONFIG_DIRECTORY}/` },
    };
  }
}

class WorkloadIdentityRegistryCredentials extends RegistryCredentials {
  public readonly _credentialHelper = 'acr';

  public bind(): PodContribution {
    return { identityNeededTo: 'to push to Azure Container Registry', kanikoKeepsIdentity: true };
  }
}
