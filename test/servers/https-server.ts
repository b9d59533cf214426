import { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, Server } from 'node:https';
import { AddressInfo } from 'node:net';
import { TlsFiles } from './certificates';

/** Where a server listens and what it shows to its clients. */
export interface ListenOptions {
  readonly tls: TlsFiles;
  /** @default 127.0.0.1 */
  readonly address?: string;
  /** @default - any free port */
  readonly port?: number;
  /**
   * The name that clients call the server by, for the urls it hands out.
   * @default localhost
   */
  readonly hostname?: string;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** A server that runs; the other servers of this folder are built on it. */
export class HttpsServer {
  /** A handler that throws becomes a 500 that carries the reason. */
  public static async start(handler: Handler, options: ListenOptions): Promise<HttpsServer> {
    const server = createServer({ ...options.tls }, (request, response) => {
      Promise.resolve().then(() => handler(request, response)).catch((error: Error) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
        response.end(`${error.stack}\n`);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve);
    });
    return new HttpsServer(server, options.hostname ?? 'localhost');
  }

  private constructor(private readonly server: Server, private readonly hostname: string) {}

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `https://<hostname>` and the port where it is not 443; no slash at the end. */
  public get url(): string {
    return `https://${this.hostname}${this.port === 443 ? '' : `:${this.port}`}`;
  }

  /** Ends all connections, also those in the middle of an answer. */
  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Answers with a value as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
