import { IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiServer, Method } from './api-server';
import { ClusterError } from './cluster-error';
import { KeptConnections } from './kept-connections';
import { KubectlOptions } from './kubectl';
import { KubectlProxy } from './kubectl-proxy';

/** How long an answer is waited for. */
const TIMEOUT_SECONDS = 30;

/** What is shown of an answer that no API server gives. */
const SHOWN_CHARACTERS = 300;

/** What of a line is kept: more than any object of a cluster has. A RUN may print for ever without ending its line. */
const LONGEST_LINE = 4 * 1024 * 1024;

const HEADERS: Readonly<Record<Method, object>> = {
  GET: {}, POST: { 'Content-Type': 'application/json' }, DELETE: { 'Content-Type': 'application/json' },
  // JSON is YAML. https://kubernetes.io/docs/reference/using-api/server-side-apply/
  APPLY: { 'Content-Type': 'application/apply-patch+yaml' },
};

/** The API server that the user's own kubectl reaches, by one `kubectl proxy` (docs/decisions/0008). */
export class ProxiedApiServer implements ApiServer {
  private readonly proxy: KubectlProxy;
  private readonly connections = new KeptConnections();

  /** Begins to start the proxy. Whatever keeps it from that is told by the first request. */
  public constructor(options: KubectlOptions, proxy = new KubectlProxy(options)) {
    this.proxy = proxy;
    proxy.place().catch(() => undefined);
  }

  public async request(method: Method, path: string, body?: object): Promise<unknown> {
    const timeout = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    const said = this.proxy.said;
    try {
      return JSON.parse(await textOf(await this.open(method, path, body, timeout)));
    } catch (error) {
      throw timeout.aborted ? this.silence(said) : clusterError(error);
    }
  }

  public async stream(path: string, tell: (line: string) => void, signal: AbortSignal): Promise<string> {
    let rest = '';
    try {
      const response = await this.open('GET', path, undefined, signal);
      for await (const text of response.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = text.split('\n');
        // Only what is new is looked through: a line may come in thousands of pieces.
        lines[0] = rest.length < LONGEST_LINE ? rest + lines[0] : rest;
        rest = lines.pop()!;
        for (const line of lines) {
          if (!signal.aborted) { tell(line); }
        }
      }
    } catch (error) {
      // An error without a code comes from who is told.
      if (!signal.aborted) { throw (error as NodeJS.ErrnoException).code === undefined ? error : clusterError(error); }
    }
    return rest;
  }

  public async close(): Promise<void> {
    this.connections.destroy();
    await this.proxy.close();
  }

  /** Begins a request. A server that is too busy says when to ask again. */
  private async open(method: Method, path: string, body: object | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    for (;;) {
      const response = await this.send(method, path, body, signal);
      const { statusCode = 0, headers: { 'retry-after': seconds } } = response;
      if (statusCode < 300) { return response; }
      if (seconds === undefined || statusCode !== 429 && statusCode < 500) { throw await this.refusal(response); }
      response.resume();
      await sleep(Number(seconds) * 1000 || 1000, undefined, { signal });
    }
  }

  private async send(method: Method, path: string, body: object | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const { path: prefix, ...place } = await unlessAborted(this.proxy.place(), signal);
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      request({
        ...place, host: '127.0.0.1', path: `${prefix}${path}`, method: method === 'APPLY' ? 'PATCH' : method, agent: this.connections, signal,
        // The proxy answers to no other name: a page in the user's browser could have one that leads here.
        headers: { 'Host': 'localhost', 'User-Agent': 'cdk-kaniko', 'Accept': 'application/json, */*', ...content && { ...HEADERS[method], 'Content-Length': content.length } },
      }, resolve).on('error', reject).end(content);
    });
  }

  /** No answer came; what kubectl has said meanwhile may be a plugin's that waits for somebody to log in. */
  private silence(before: string): ClusterError {
    const { said } = this.proxy;
    return new ClusterError(`the API server has not answered within ${TIMEOUT_SECONDS} s${said === before ? '' : `; kubectl says:\n${said}`}`);
  }

  /** Why it was not done: the server's own `Status`, or what the proxy, or something else on the way, says instead. */
  private async refusal(response: IncomingMessage): Promise<ClusterError> {
    const text = await textOf(response);
    const status = statusIn(text);
    if (status !== undefined) { return new ClusterError(status.message ?? `HTTP ${response.statusCode}`, status.reason || undefined); }
    const said = text.trim().slice(0, SHOWN_CHARACTERS) || response.statusMessage;
    // kubectl's own answer where it reaches nobody.
    if (response.statusCode !== 500) { return new ClusterError(`there is no API server, but something that answers HTTP ${response.statusCode}: ${said}`); }
    const login = /getting credentials/.test(text) ? this.proxy.said : '';
    return new ClusterError(`kubectl does not reach the API server: ${said}${login === '' ? '' : `\n${login}`}`);
  }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface Status {
  readonly kind: 'Status';
  readonly message?: string;
  readonly reason?: string;
}

function statusIn(text: string): Status | undefined {
  try {
    const object = JSON.parse(text) as Status | null;
    return object?.kind === 'Status' ? object : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8') as AsyncIterable<string>) { text += part; }
  return text;
}

/** What Node and JSON say of an answer that did not come, or not whole. */
function clusterError(error: unknown): ClusterError {
  return error instanceof ClusterError ? error : new ClusterError(`the line to kubectl proxy was cut: ${(error as Error).message}`);
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop!: () => void;
  const aborted = new Promise<never>((_, reject) => { stop = () => reject(signal.reason as Error); });
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
