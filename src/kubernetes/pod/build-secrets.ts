import { ISecret } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { BUILD_SECRETS_DIRECTORY, SECRET_FILES_DIRECTORY } from './places';
import { PodContribution } from './pod-contribution';
import { dataKey, secretId, verify } from '../../checks';

/** Options of `BuildSecrets.fromSecret`. */
export interface BuildSecretsOptions {
  /**
   * The keys that become files of the same names.
   *
   * @default ['jfrog-deb-user', 'jfrog-deb-secret']
   */
  readonly keys?: string[];
}

/** Files that RUN steps may read while the image is built, and that the image never holds. */
export abstract class BuildSecrets {
  /**
   * A Secret's keys as files in `/kaniko/secrets`, for every RUN, and so also for Dockerfiles that say
   * `RUN --mount=type=secret,id=jfrog,target=/kaniko/secrets`.
   *
   * What a RUN step writes elsewhere does stay in the image: a password echoed into `/etc/apt/sources.list` is
   * in that layer. `AptSources` avoids it.
   *
   * @throws if a key is none of a Secret
   */
  public static fromSecret(secret: ISecret, options: BuildSecretsOptions = {}): BuildSecrets {
    return new DirectoryOfSecrets(secret, options.keys ?? ['jfrog-deb-user', 'jfrog-deb-secret']);
  }

  /**
   * One key of a Secret, for `RUN --mount=type=secret,id=<id>` and its `target` (kaniko v1.26.3 and later).
   * The target is a file: for a Dockerfile whose target is the directory `/kaniko/secrets`, use `fromSecret`.
   *
   * @param id as the Dockerfile names it
   * @throws if the id or key is not valid
   * @see https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
   */
  public static forMount(id: string, secret: ISecret, key: string): BuildSecrets {
    return new MountedSecret(id, secret, key);
  }

  /** What these secrets add to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

class DirectoryOfSecrets extends BuildSecrets {
  public constructor(private readonly secret: ISecret, private readonly keys: string[]) {
    super();
    keys.forEach((key, index) => verify('BuildSecrets.fromSecret', `keys[${index}]`, key, dataKey));
    if (keys.length === 0) {
      throw new Error('[BuildSecrets.fromSecret] keys is empty; name at least one key of the Secret');
    }
  }

  public bind(): PodContribution {
    return {
      // Readable by every user: a RUN after USER needs them as well.
      volumes: [{
        name: 'build-secrets',
        projected: { sources: [{ secret: { name: this.secret.name, items: this.keys.map(key => ({ key, path: key })) } }] },
      }],
      kanikoMounts: [{ name: 'build-secrets', mountPath: BUILD_SECRETS_DIRECTORY, readOnly: true }],
    };
  }
}

class MountedSecret extends BuildSecrets {
  public constructor(private readonly id: string, private readonly secret: ISecret, private readonly key: string) {
    super();
    verify('BuildSecrets.forMount', 'id', id, secretId);
    verify('BuildSecrets.forMount', 'key', key, dataKey);
  }

  public bind(): PodContribution {
    const file = `${SECRET_FILES_DIRECTORY}/${this.id}`;
    return {
      volumes: [{
        name: 'secret-files',
        projected: { sources: [{ secret: { name: this.secret.name, items: [{ key: this.key, path: this.id }] } }] },
      }],
      kanikoMounts: [{ name: 'secret-files', mountPath: SECRET_FILES_DIRECTORY, readOnly: true }],
      kanikoArguments: [`--secret=id=${this.id},type=file,src=${file}`],
    };
  }
}
