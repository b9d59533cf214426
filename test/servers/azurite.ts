import { ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Authority } from './certificates';

/**
 * Azurite, Microsoft's emulator of Azure Storage, with OAuth over TLS on a free port of the loopback.
 *
 * It checks a token's times, issuer and audience, but neither its signature nor roles: that is what `BlobDoor` is for.
 */
export class Azurite {
  public static async start(accounts: readonly string[]): Promise<Azurite> {
    const folder = mkdtempSync(join(tmpdir(), 'azurite-'));
    const authority = Authority.create('Azurite');
    const tls = authority.issue('localhost', '127.0.0.1');
    writeFileSync(join(folder, 'server.pem'), tls.cert);
    writeFileSync(join(folder, 'server.key'), tls.key, { mode: 0o600 });
    const port = await freePort();
    const program = join(dirname(require.resolve('azurite/package.json')), 'dist/src/blob/main.js');
    const azurite = spawn(process.execPath, [program, '--blobHost', '127.0.0.1', '--blobPort', String(port), '--oauth', 'basic',
      '--cert', 'server.pem', '--key', 'server.key', '--inMemoryPersistence', '--disableTelemetry', '--silent', '--skipApiVersionCheck'], {
      cwd: folder,
      env: { PATH: process.env.PATH, AZURITE_ACCOUNTS: accounts.map(name => `${name}:${randomBytes(64).toString('base64')}`).join(';') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = new Azurite(azurite, folder, port, new Agent({ ca: authority.certificate, keepAlive: true }));
    await running.started();
    return running;
  }

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    public readonly port: number,
    /** Trusts the emulator's certificate. */
    public readonly agent: Agent,
  ) {}

  /** Makes a container. @param token for the storage audience */
  public async createContainer(token: string, account: string, container: string): Promise<void> {
    await this.put(token, `/${account}/${container}?restype=container`, {}, '');
  }

  /** Stores a blob of one block; Azurite then sends its `Content-MD5`. @param path percent-encoded */
  public async putBlob(token: string, account: string, container: string, path: string, content: Buffer | string): Promise<void> {
    await this.put(token, `/${account}/${container}/${path}`, { 'x-ms-blob-type': 'BlockBlob' }, content);
  }

  public async close(): Promise<void> {
    this.agent.destroy();
    if (this.child.exitCode === null) {
      const ended = new Promise(resolve => this.child.once('exit', resolve));
      this.child.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }

  private async put(token: string, path: string, headers: Record<string, string>, content: Buffer | string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const sent = request({
        method: 'PUT',
        port: this.port,
        path,
        agent: this.agent,
        headers: { 'authorization': `Bearer ${token}`, 'x-ms-version': '2021-12-02', 'content-length': Buffer.byteLength(content), ...headers },
      }, answer => {
        answer.resume();
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`PUT ${path}: ${answer.statusCode} ${String(answer.headers['x-ms-error-code'])}`));
      });
      sent.once('error', reject);
      sent.end(content);
    });
  }

  private async started(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      const onData = (data: Buffer) => {
        printed += data.toString('utf8');
        if (printed.includes('successfully listens')) resolve();
      };
      this.child.stdout!.on('data', onData);
      this.child.stderr!.on('data', onData);
      this.child.once('exit', code => reject(new Error(`azurite ended with ${code}: ${printed}`)));
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
