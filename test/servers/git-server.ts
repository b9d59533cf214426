import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { HttpsServer, ListenOptions, readBody, sendJson } from './https-server';

/** Whether a request's `Authorization` header lets it in. */
export type GitAccess = (authorization: string | undefined) => boolean;

/** The ways a git host lets people in. */
export const gitAccess = {
  anonymous: (): GitAccess => () => true,
  /** @param username empty for a host that takes any user name beside a personal access token, as Azure Repos does */
  basic: (username: string, password: string): GitAccess => authorization => {
    const [user, ...rest] = Buffer.from(authorization?.match(/^Basic (.+)$/)?.[1] ?? '', 'base64').toString('utf8').split(':');
    return rest.join(':') === password && (username === '' || user === username);
  },
  /** @param check throws where the token is not good */
  bearer: (check: (token: string) => unknown): GitAccess => authorization => {
    try {
      check(authorization?.match(/^Bearer (.+)$/)?.[1] ?? '');
      return true;
    } catch {
      return false;
    }
  },
};

export interface GitServerOptions extends ListenOptions {
  /** The folder with the bare repositories; `<url>/team/app` is `<root>/team/app`. */
  readonly root: string;
  /** @default - everybody may read */
  readonly access?: GitAccess;
}

/** How the server behaves; a test may change it while the server runs. */
export interface GitBehaviour {
  /** git settings of the server, such as `uploadpack.allowFilter`. */
  config: Record<string, string>;
  /** Speak the old protocol only, as hosts do that know no version 2. */
  oldProtocol: boolean;
  access: GitAccess;
  /** The next requests are answered with these states instead. */
  failures: number[];
  /** Every request is sent to this url's host instead (a moved repository). */
  movedTo?: string;
}

/** A git host over https: `git http-backend`, and the part of the Git LFS API that downloads need. Read only. */
export class GitServer {
  public static async start(options: GitServerOptions): Promise<GitServer> {
    const server = new GitServer(options);
    server.https = await HttpsServer.start((request, response) => server.answer(request, response), options);
    return server;
  }

  public readonly behaviour: GitBehaviour;
  /** Bytes of answers sent since `reset`, without TLS and headers. */
  public bytesSent = 0;
  /** Requests since `reset`: method and path, and whether they carried credentials. */
  public readonly requests: Array<{ readonly line: string; readonly authorized: boolean }> = [];
  private https!: HttpsServer;

  private constructor(private readonly options: GitServerOptions) {
    this.behaviour = this.usualBehaviour();
  }

  public get url(): string {
    return this.https.url;
  }

  /** Forgets what was counted and behaves well again. */
  public reset(): void {
    delete this.behaviour.movedTo;
    Object.assign(this.behaviour, this.usualBehaviour());
    this.bytesSent = 0;
    this.requests.length = 0;
  }

  public async close(): Promise<void> {
    await this.https.close();
  }

  private usualBehaviour(): GitBehaviour {
    return {
      config: { 'uploadpack.allowFilter': 'true' },
      oldProtocol: false,
      access: this.options.access ?? gitAccess.anonymous(),
      failures: [],
    };
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url!, this.url);
    this.requests.push({ line: `${request.method} ${pathname}`, authorized: request.headers.authorization !== undefined });
    const failure = this.behaviour.failures.shift();
    if (failure) {
      response.writeHead(failure).end();
    } else if (this.behaviour.movedTo) {
      response.writeHead(302, { location: new URL(request.url!, this.behaviour.movedTo).href }).end();
    } else if (!this.behaviour.access(request.headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    } else if (pathname.endsWith('/info/lfs/objects/batch')) {
      await this.lfsBatch(pathname, request, response);
    } else if (pathname.includes('/info/lfs/objects/')) {
      this.lfsObject(pathname, response);
    } else {
      await this.backend(pathname, search.slice(1), request, response);
    }
  }

  /** Runs `git http-backend` as a CGI program (RFC 3875). */
  private async backend(path: string, query: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const settings = Object.entries({ 'safe.directory': '*', 'http.uploadpack': 'true', ...this.behaviour.config });
    const protocol = this.behaviour.oldProtocol ? undefined : request.headers['git-protocol'];
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.options.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(path),
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
        GIT_PROTOCOL: String(protocol ?? ''),
        GIT_CONFIG_COUNT: String(settings.length),
        ...Object.fromEntries(settings.flatMap(([key, value], i) => [[`GIT_CONFIG_KEY_${i}`, key], [`GIT_CONFIG_VALUE_${i}`, value]])),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    backend.stdin.on('error', () => undefined); // it may answer without reading the whole request
    request.pipe(backend.stdin);
    const closed = once(response, 'close').then(() => backend.kill());

    let head = Buffer.alloc(0);
    for await (const chunk of backend.stdout as AsyncIterable<Buffer>) {
      const body = response.headersSent ? chunk : takeBody();
      if (!body) continue;
      this.bytesSent += body.length;
      if (!response.write(body)) await Promise.race([once(response, 'drain'), closed]);

      function takeBody(): Buffer | undefined {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return undefined;
        const headers = head.subarray(0, end).toString('utf8').split('\r\n').map(line => line.split(/:\s*/, 2) as [string, string]);
        const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200';
        response.writeHead(parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')));
        return head.subarray(end + 4);
      }
    }
    response.end();
  }

  /** https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
  private async lfsBatch(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { objects } = JSON.parse((await readBody(request)).toString('utf8')) as { objects: Array<{ oid: string; size: number }> };
    response.setHeader('content-type', 'application/vnd.git-lfs+json');
    response.end(JSON.stringify({
      transfer: 'basic',
      objects: objects.map(({ oid, size }) => existsSync(this.lfsPath(path, oid))
        ? { oid, size, authenticated: true, actions: { download: { href: `${this.url}${path.replace(/batch$/, oid)}` } } }
        : { oid, size, error: { code: 404, message: 'Object does not exist' } }),
    }));
  }

  private lfsObject(path: string, response: ServerResponse): void {
    const file = this.lfsPath(path, path.split('/').pop()!);
    if (!existsSync(file)) return sendJson(response, 404, { message: 'Object does not exist' });
    this.bytesSent += statSync(file).size;
    createReadStream(file).pipe(response);
  }

  private lfsPath(path: string, oid: string): string {
    const repository = path.split('/info/lfs/')[0].replace(/\.git$/, '');
    return join(this.options.root, repository, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  }
}
