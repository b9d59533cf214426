import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A user's name and password at a registry. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What is read of docker's configuration. https://docs.docker.com/reference/cli/docker/login/ */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const HELPER_MILLISECONDS = 3000;

/**
 * The user's own login at a registry, as docker keeps it: in `$DOCKER_CONFIG/config.json`, or with a credential helper.
 * Undefined where there is none.
 */
export async function dockerLogin(registry: string, environment: Readonly<Record<string, string | undefined>>): Promise<Login | undefined> {
  const config = readConfig(join(environment.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json'));
  // Docker Hub's logins go by the address of its first version.
  const names = registry === 'docker.io' ? ['https://index.docker.io/v1/', registry] : [registry, `https://${registry}`];
  for (const name of names) {
    const auth = config.auths?.[name]?.auth;
    if (auth !== undefined && auth !== '') { return loginOf(Buffer.from(auth, 'base64').toString()); }
    const helper = config.credHelpers?.[name] ?? config.credsStore;
    const login = helper === undefined ? undefined : await askHelper(helper, name, environment);
    if (login !== undefined) { return login; }
  }
  return undefined;
}

function readConfig(file: string): DockerConfig {
  try {
    const config: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof config === 'object' && config !== null ? config : {};
  } catch {
    return {};
  }
}

function loginOf(pair: string): Login | undefined {
  const colon = pair.indexOf(':');
  return colon < 1 ? undefined : { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') };
}

/** https://github.com/docker/docker-credential-helpers */
async function askHelper(
  helper: string, registry: string, environment: Readonly<Record<string, string | undefined>>,
): Promise<Login | undefined> {
  if (!/^[\w.-]+$/.test(helper)) { return undefined; }
  return new Promise(resolve => {
    const options = { timeout: HELPER_MILLISECONDS, env: environment };
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout) => {
      try {
        const { Username, Secret } = error === null ? JSON.parse(stdout) as { Username?: string; Secret?: string } : {};
        // <token> is an identity token, which only docker's own exchange takes.
        resolve(Username === undefined || Secret === undefined || Username === '<token>' ? undefined : { username: Username, password: Secret });
      } catch {
        resolve(undefined);
      }
    });
    child.stdin?.on('error', () => undefined).end(registry);
  });
}
