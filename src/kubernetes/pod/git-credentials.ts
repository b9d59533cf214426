import { ISecret, k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { PREPARE_DIRECTORY } from './places';
import { PodContribution } from './pod-contribution';
import { dataKey, verify } from '../../checks';

/** Options of `GitCredentials.fromSecret`. */
export interface GitSecretOptions {
  /**
   * The key of the user name.
   *
   * @default - 'username' where the Secret has it; a Secret with a token alone needs none
   */
  readonly usernameKey?: string;

  /**
   * The key of the password or personal access token.
   *
   * @default 'password'
   */
  readonly passwordKey?: string;
}

/** How the init container proves to the git server who it is. */
export abstract class GitCredentials {
  /** No credentials: a public repository. */
  public static anonymous(): GitCredentials {
    return new AnonymousGitCredentials();
  }

  /**
   * User name and password, or a personal access token, from a Secret, for example of the type
   * `kubernetes.io/basic-auth`.
   *
   * @throws if a key is no key of a Secret
   * @see https://kubernetes.io/docs/concepts/configuration/secret/#basic-authentication-secret
   */
  public static fromSecret(secret: ISecret, options: GitSecretOptions = {}): GitCredentials {
    return new SecretGitCredentials(secret, options);
  }

  /**
   * The pod's workload identity, for Azure Repos: no password exists anywhere. The identity has to be a member
   * of the DevOps organisation.
   *
   * @see https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity
   */
  public static fromWorkloadIdentity(): GitCredentials {
    return new WorkloadIdentityGitCredentials();
  }

  /**
   * Whether only Azure Repos takes these credentials.
   *
   * @internal
   */
  public get _isForAzureReposOnly(): boolean {
    return false;
  }

  /** What these credentials add to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

class AnonymousGitCredentials extends GitCredentials {
  public bind(): PodContribution {
    return {};
  }
}

class SecretGitCredentials extends GitCredentials {
  public constructor(private readonly secret: ISecret, private readonly options: GitSecretOptions) {
    super();
    verify('GitCredentials.fromSecret', 'usernameKey', options.usernameKey ?? 'username', dataKey);
    verify('GitCredentials.fromSecret', 'passwordKey', options.passwordKey ?? 'password', dataKey);
  }

  public bind(): PodContribution {
    const directory = `${PREPARE_DIRECTORY}/git-credentials`;
    return {
      volumes: [{
        name: 'git-credentials',
        secret: { secretName: this.secret.name, items: this.items() },
      }],
      prepareMounts: [{ name: 'git-credentials', mountPath: directory, readOnly: true }],
      prepareEnvironment: { PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: directory },
    };
  }

  /** Without keys by name the whole Secret is mounted: naming one that it lacks would keep the pod from starting. */
  private items(): k8s.KeyToPath[] | undefined {
    const { usernameKey, passwordKey } = this.options;
    if (usernameKey === undefined && passwordKey === undefined) { return undefined; }
    return [
      ...usernameKey === undefined ? [] : [{ key: usernameKey, path: 'username' }],
      { key: passwordKey ?? 'password', path: 'password' },
    ];
  }
}

class WorkloadIdentityGitCredentials extends GitCredentials {
  public get _isForAzureReposOnly(): boolean {
    return true;
  }

  public bind(): PodContribution {
    return { prepareEnvironment: { PREPARE_GIT_AUTH: 'workload-identity' }, identityNeededTo: 'to clone from Azure Repos' };
  }
}
