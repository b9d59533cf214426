/** Requests to the servers around the cluster, which a private authority vouches for. */
import { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RequestOptions {
  readonly authority: string;
  /** @default GET */
  readonly method?: string;
  readonly headers?: Record<string, string | number>;
  readonly body?: Buffer;
}

/** One request, without following redirections. @param authority PEM */
export async function ask(url: string, options: RequestOptions): Promise<Answer> {
  const { authority, method = 'GET', headers, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { 'content-length': body?.length ?? 0, ...headers }, ca: authority }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
        .once('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    sent.once('error', reject).end(body);
  });
}
