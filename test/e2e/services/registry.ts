/** Debian's docker-registry, where Artifactory stands: over TLS, with a user and a password. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../servers/certificates';
import { REGISTRY } from '../cluster/addresses';
import { blobPath, Descriptor, manifestOf } from '../cluster/images';
import { daemon, until } from '../cluster/processes';
import { currentSandbox } from '../sandbox';
import { ask, Answer } from './https';
import { ImageManifest, PulledImage } from './pulled-image';

const MANIFESTS = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];

/** A user of a server. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

export class Registry {
  public static async start(authority: Authority, login: Login): Promise<Registry> {
    const folder = join(currentSandbox().folder, 'registry');
    mkdirSync(folder, { mode: 0o700 });
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const tls = authority.issue(REGISTRY.name);
    daemon('registry', ['docker-registry', 'serve', file('config.yml', JSON.stringify({
      version: '0.1',
      log: { accesslog: { disabled: true }, level: 'warn' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
      http: {
        addr: `${REGISTRY.address}:443`,
        host: `https://${REGISTRY.name}`,
        tls: { certificate: file('tls.pem', tls.cert), key: file('tls.key', tls.key) },
      },
      auth: { htpasswd: { realm: 'registry', path: file('htpasswd', hashed(login)) } },
    }))]);
    const registry = new Registry(authority.certificate, login);
    await until('registry', async () => (await registry.ask('/v2/')).status === 200 || undefined);
    return registry;
  }

  private constructor(private readonly authority: string, private readonly login: Login) {}

  /** The content of a Secret of type `kubernetes.io/dockerconfigjson`. */
  public dockerConfig(login = this.login): string {
    return JSON.stringify({ auths: { [REGISTRY.name]: { auth: basic(login) } } });
  }

  /** Pushes an image layout. @param name repository and tag */
  public async push(layout: string, name: string): Promise<void> {
    const [repository, tag] = name.split(':');
    const manifest = readFileSync(blobPath(layout, manifestOf(layout).digest));
    const { config, layers } = JSON.parse(manifest.toString('utf8')) as { config: Descriptor; layers: Descriptor[] };
    for (const { digest } of [config, ...layers]) {
      const upload = await this.ask(`/v2/${repository}/blobs/uploads/`, { method: 'POST' }, 202);
      const to = new URL(upload.headers.location!);
      to.searchParams.set('digest', digest);
      await this.ask(`${to.pathname}${to.search}`, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: readFileSync(blobPath(layout, digest)) }, 201);
    }
    await this.ask(`/v2/${repository}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': MANIFESTS[0] }, body: manifest }, 201);
  }

  /** Pulls an image with all its layers. @param name repository and tag or digest */
  public async pull(name: string): Promise<PulledImage> {
    const [repository, reference] = name.split(/[:@](.*)/s);
    const answer = await this.manifest(repository, reference, 200);
    const manifest = JSON.parse(answer.body.toString('utf8')) as ImageManifest;
    const blob = async ({ digest }: Descriptor) => (await this.ask(`/v2/${repository}/blobs/${digest}`, {}, 200)).body;
    const layers = [];
    for (const layer of manifest.layers) layers.push(await blob(layer));
    return new PulledImage(String(answer.headers['docker-content-digest']), manifest, await blob(manifest.config), layers);
  }

  /** Whether there is such an image. */
  public async has(name: string): Promise<boolean> {
    const [repository, reference] = name.split(/[:@](.*)/s);
    return (await this.manifest(repository, reference)).status === 200;
  }

  /** The tags of a repository; none where there is no such repository. */
  public async tags(repository: string): Promise<string[]> {
    const answer = await this.ask(`/v2/${repository}/tags/list`);
    return answer.status === 200 ? (JSON.parse(answer.body.toString('utf8')) as { tags: string[] | null }).tags ?? [] : [];
  }

  private async manifest(repository: string, reference: string, expected?: number): Promise<Answer> {
    return this.ask(`/v2/${repository}/manifests/${reference}`, { headers: { accept: MANIFESTS.join(', ') } }, expected);
  }

  private async ask(
    path: string, options: { method?: string; headers?: Record<string, string>; body?: Buffer } = {}, expected?: number,
  ): Promise<Answer> {
    const headers = { authorization: `Basic ${basic(this.login)}`, ...options.headers };
    const answer = await ask(`https://${REGISTRY.name}${path}`, { ...options, authority: this.authority, headers });
    if (expected && answer.status !== expected) {
      throw new Error(`${options.method ?? 'GET'} ${REGISTRY.name}${path}: ${answer.status} ${answer.body.toString('utf8').slice(0, 200)}`);
    }
    return answer;
  }
}

function basic({ username, password }: Login): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** bcrypt is what the registry understands, and what neither Node nor openssl makes. */
function hashed({ username, password }: Login): string {
  return execFileSync('htpasswd', ['-niB', username], { input: password, encoding: 'utf8' });
}
