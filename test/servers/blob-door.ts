import { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Azurite } from './azurite';
import { HttpsServer, ListenOptions } from './https-server';
import { STORAGE_AUDIENCE, TokenServer } from './token-server';

export interface BlobDoorOptions extends ListenOptions {
  readonly azurite: Azurite;
  /** Who issued the tokens; the door checks their signature, which Azurite does not. */
  readonly tokens: TokenServer;
  /** The account of requests whose host name does not begin with one (`localhost`). */
  readonly account: string;
  /**
   * Who may read which container, as the role `Storage Blob Data Reader` says it: `<client id> <container>`.
   * A test may change it while the door runs.
   */
  readonly readers: Set<string>;
}

/** What goes wrong with one request. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number; readonly code?: string }
  /** The connection ends after this many bytes of the body, which may carry another ETag than the blob has. */
  | { readonly kind: 'cut'; readonly after: number; readonly etag?: string }
  /** The server knows no ranges and sends the whole. */
  | { readonly kind: 'rangeless' }
  /** One byte of the body is another. */
  | { readonly kind: 'corrupt'; readonly at: number }
  /** The body stops there and the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number };

/**
 * Azure Blob Storage for clients that read: Azurite does the storing, the door in front of it does what Azurite does
 * not: it checks the token's signature and the role, insists on `x-ms-version`, and misbehaves on request.
 */
export class BlobDoor {
  public static async start(options: BlobDoorOptions): Promise<BlobDoor> {
    const door = new BlobDoor(options);
    door.https = await HttpsServer.start((request, response) => door.answer(request, response), options);
    return door;
  }

  /** All requests since `reset`: method, path, and the range where one was asked for. */
  public readonly requests: string[] = [];
  private readonly misbehaviours: Misbehaviour[] = [];
  private https!: HttpsServer;

  private constructor(private readonly options: BlobDoorOptions) {}

  public get url(): string {
    return this.https.url;
  }

  /** The next requests, one each, go wrong. */
  public misbehave(...what: Misbehaviour[]): void {
    this.misbehaviours.push(...what);
  }

  /** Forgets what was counted and behaves well again. */
  public reset(): void {
    this.misbehaviours.length = 0;
    this.requests.length = 0;
  }

  public async close(): Promise<void> {
    await this.https.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push([request.method, request.url, request.headers.range].filter(part => part !== undefined).join(' '));
    const wrong = this.misbehaviours.shift();
    if (wrong?.kind === 'status') return refuse(response, wrong.status, wrong.code ?? 'InternalError');

    const token = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1];
    if (!token) return refuse(response, 401, 'NoAuthenticationInformation');
    // https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory
    if (String(request.headers['x-ms-version'] ?? '') < '2017-11-09') return refuse(response, 400, 'InvalidHeaderValue');
    let client: string;
    try {
      client = this.options.tokens.clientOf(token, STORAGE_AUDIENCE);
    } catch {
      return refuse(response, 401, 'InvalidAuthenticationInfo');
    }
    const container = request.url!.split('/')[1];
    if (request.method !== 'GET' || !this.options.readers.has(`${client} ${container}`)) return refuse(response, 403, 'AuthorizationPermissionMismatch');
    return this.forward(request, response, wrong);
  }

  private async forward(request: IncomingMessage, response: ServerResponse, wrong?: Exclude<Misbehaviour, { kind: 'status' }>): Promise<void> {
    const account = request.headers.host?.match(/^([a-z0-9]{3,24})\.blob\./)?.[1] ?? this.options.account;
    const { host: _, ...headers } = request.headers;
    if (wrong?.kind === 'rangeless') delete headers.range;
    const { port, agent } = this.options.azurite;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      httpsRequest({ method: request.method, port, path: `/${account}${request.url}`, agent, headers }, resolve).once('error', reject).end();
    });
    if (wrong?.kind === 'cut' && wrong.etag !== undefined) answer.headers.etag = wrong.etag;
    response.writeHead(answer.statusCode!, answer.headers);
    await pipeline(answer, body => spoil(body, wrong, response), response).catch(() => undefined); // the client went away, or 'cut'
  }
}

async function* spoil(body: AsyncIterable<Buffer>, wrong: Exclude<Misbehaviour, { kind: 'status' }> | undefined, response: ServerResponse) {
  let sent = 0;
  for await (const chunk of body) {
    if (wrong?.kind === 'corrupt' && wrong.at >= sent && wrong.at < sent + chunk.length) chunk[wrong.at - sent] = 255 - chunk[wrong.at - sent];
    const left = wrong && 'after' in wrong ? wrong.after - sent : Infinity;
    yield chunk.subarray(0, left);
    sent += chunk.length;
    if (chunk.length >= left) {
      await new Promise(resolve => response.write('', resolve)); // what was sent so far has left
      if (wrong?.kind === 'stall') await new Promise(resolve => response.once('close', resolve));
      throw new Error('the connection ends here');
    }
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code });
  response.end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>Refused by the test.</Message></Error>`);
}
