import { Login } from './credentials';

/** What an answer may weigh: manifests and configurations are some kB, and a registry is somebody else's. */
const LARGEST_ANSWER = 4 * 1024 * 1024;

const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Reads one repository of a registry, by the OCI distribution API with the tokens that registries want.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export class RegistryClient {
  private authorization?: string;

  /** @param login the user's; undefined reads anonymously */
  public constructor(
    private readonly host: string,
    private readonly repository: string,
    private readonly login: Login | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** The manifest of a digest. */
  public async manifest(digest: string): Promise<unknown> {
    return this.json(`manifests/${digest}`, MANIFESTS);
  }

  /** A blob that is JSON: an image's configuration. */
  public async blob(digest: string): Promise<unknown> {
    return this.json(`blobs/${digest}`, '*/*');
  }

  private async json(path: string, accept: string): Promise<unknown> {
    const url = `https://${this.host}/v2/${this.repository}/${path}`;
    let answer = await this.get(url, accept);
    if (answer.status === 401) {
      this.authorization = await this.authorize(answer.headers.get('www-authenticate') ?? '');
      answer = await this.get(url, accept);
    }
    if (!answer.ok) { throw new Error(`${this.host} answered ${answer.status}`); }
    return JSON.parse(await bounded(answer));
  }

  private async get(url: string, accept: string): Promise<Response> {
    return fetch(url, { headers: { accept, ...this.authorization === undefined ? {} : { authorization: this.authorization } }, signal: this.signal });
  }

  private async authorize(challenge: string): Promise<string> {
    if (/^basic\b/i.test(challenge)) {
      if (this.login === undefined) { throw new Error(`${this.host} wants a login, and docker has none for it here`); }
      return this.basic(this.login);
    }
    const { realm, service, scope } = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    if (realm === undefined || !realm.startsWith('https://')) { throw new Error(`${this.host} refused, and does not say where to log in`); }
    const url = new URL(realm);
    if (service !== undefined) { url.searchParams.set('service', service); }
    url.searchParams.set('scope', scope ?? `repository:${this.repository}:pull`);
    const headers = this.login === undefined ? undefined : { authorization: this.basic(this.login) };
    const answer = await fetch(url, { headers, signal: this.signal });
    if (!answer.ok) { throw new Error(`${url.host} gave no token (${answer.status})${this.login === undefined ? '; docker has no login for it here' : ''}`); }
    const { token, access_token: accessToken } = JSON.parse(await bounded(answer)) as { token?: string; access_token?: string };
    return `Bearer ${token ?? accessToken}`;
  }

  private basic({ username, password }: Login): string {
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
}

async function bounded(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).length;
    if (size > LARGEST_ANSWER) { throw new Error('the answer is larger than any manifest'); }
  }
  return Buffer.concat(chunks).toString();
}
