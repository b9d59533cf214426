import { ISecret } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { PREPARE_DIRECTORY } from './places';
import { PodContribution } from './pod-contribution';
import { aptSource, dataKey, verify } from '../../checks';

/** Options of `AptSources.fromLines`. */
export interface AptSourcesOptions {
  /**
   * The Secret with the mirror's user and password.
   *
   * @default - the mirror asks for none
   */
  readonly credentials?: ISecret;

  /**
   * The key of the user name.
   *
   * @default 'jfrog-deb-user'
   */
  readonly usernameKey?: string;

  /**
   * The key of the password.
   *
   * @default 'jfrog-deb-secret'
   */
  readonly passwordKey?: string;
}

/**
 * A mirror from which apt installs in RUN, in place of the base image's own sources: a plain `FROM debian` and
 * `RUN apt-get update && apt-get install …` builds, and nothing of it stays in the image.
 *
 * The init container writes apt's files to a volume in memory; kaniko's container has them mounted where apt
 * looks, and what is mounted never enters a layer.
 *
 * @see https://manpages.debian.org/apt_auth.conf
 */
export abstract class AptSources {
  /**
   * Lines such as `deb https://registry.contoso.example/artifactory/remote-debian/debian bookworm main`.
   *
   * @param lines without credentials, which come from the Secret
   * @throws if a line is not one of apt's with an https address, or carries credentials
   */
  public static fromLines(lines: string[], options: AptSourcesOptions = {}): AptSources {
    return new MirrorSources(lines, options);
  }

  /** What these sources add to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

/** What the init container writes, and where apt looks for it. https://manpages.debian.org/apt.conf */
const APT_FILES: Readonly<Record<string, string>> = {
  'auth.conf.d': '/etc/apt/auth.conf.d',
  'sources.list.d': '/etc/apt/sources.list.d',
  'sources.list': '/etc/apt/sources.list',
  'apt.conf.d/90mirror': '/etc/apt/apt.conf.d/90mirror',
};

class MirrorSources extends AptSources {
  public constructor(private readonly lines: string[], private readonly options: AptSourcesOptions) {
    super();
    const place = 'AptSources.fromLines';
    if (lines.length === 0) { throw new Error(`[${place}] lines is empty; write for example "deb https://registry.contoso.example/debian bookworm main"`); }
    lines.forEach((line, index) => verify(place, `lines[${index}]`, line, aptSource));
    verify(place, 'usernameKey', options.usernameKey ?? 'jfrog-deb-user', dataKey);
    verify(place, 'passwordKey', options.passwordKey ?? 'jfrog-deb-secret', dataKey);
  }

  public bind(): PodContribution {
    const written = `${PREPARE_DIRECTORY}/apt`;
    const credentials = this.credentials();
    return {
      volumes: [{ name: 'apt', emptyDir: { medium: 'Memory' } }, ...credentials.volumes ?? []],
      prepareMounts: [{ name: 'apt', mountPath: written }, ...credentials.prepareMounts ?? []],
      prepareEnvironment: { PREPARE_APT_SOURCES: this.lines.join('\n'), PREPARE_APT_DIR: written, ...credentials.prepareEnvironment },
      kanikoMounts: Object.entries(APT_FILES).map(([subPath, mountPath]) => ({ name: 'apt', mountPath, subPath, readOnly: true })),
    };
  }

  private credentials(): PodContribution {
    const { credentials, usernameKey, passwordKey } = this.options;
    if (credentials === undefined) { return {}; }
    const directory = `${PREPARE_DIRECTORY}/apt-credentials`;
    return {
      volumes: [{
        name: 'apt-credentials',
        secret: {
          secretName: credentials.name,
          items: [{ key: usernameKey ?? 'jfrog-deb-user', path: 'username' }, { key: passwordKey ?? 'jfrog-deb-secret', path: 'password' }],
        },
      }],
      prepareMounts: [{ name: 'apt-credentials', mountPath: directory, readOnly: true }],
      prepareEnvironment: { PREPARE_APT_CREDENTIALS_DIR: directory },
    };
  }
}
