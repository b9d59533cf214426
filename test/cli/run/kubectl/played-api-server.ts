import { ApiServer, Method } from '../../../../src/cli/run/kubectl/api-server';
import { ClusterError } from '../../../../src/cli/run/kubectl/cluster-error';

/** A stream that was begun and is played by the test. */
export class Stream {
  private readonly ended: Promise<string>;
  private resolve!: (rest: string) => void;
  private reject!: (error: Error) => void;

  public constructor(public readonly path: string, private readonly tell: (line: string) => void, private readonly signal: AbortSignal) {
    this.ended = new Promise((resolve, reject) => { [this.resolve, this.reject] = [resolve, reject]; });
    signal.addEventListener('abort', () => this.resolve(''));
    if (signal.aborted) { this.resolve(''); }
  }

  public line(text: string | object): void {
    if (!this.signal.aborted) { this.tell(typeof text === 'string' ? text : JSON.stringify(text)); }
  }

  public end(rest = ''): void {
    this.resolve(rest);
  }

  public fail(message: string, reason?: string): void {
    this.reject(new ClusterError(message, reason));
  }

  public async whole(): Promise<string> {
    return this.ended;
  }
}

/** What was asked. */
export interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly body?: any;
}

/** What a test answers to a request; an error is thrown. */
export type Answer = (asked: Asked) => unknown;

/** An API server that does what a test says, and remembers what it was asked. Time stands still while it answers. */
export class PlayedApiServer implements ApiServer {
  public readonly asked: Asked[] = [];
  /** The streams that were begun, the latest last. */
  public readonly streams: Stream[] = [];
  public closed = false;

  public constructor(public answer: Answer) {}

  public async request(method: Method, path: string, body?: object): Promise<unknown> {
    const asked = { method, path, body };
    this.asked.push(asked);
    const answer = await this.answer(asked);
    if (answer instanceof Error) { throw answer; }
    return answer;
  }

  public async stream(path: string, tell: (line: string) => void, signal: AbortSignal): Promise<string> {
    const stream = new Stream(path, tell, signal);
    this.streams.push(stream);
    return stream.whole();
  }

  public async close(): Promise<void> {
    this.closed = true;
  }

  /** The latest stream of a path that has such a text, once it has begun. */
  public async begun(text: string | RegExp, count = 1): Promise<Stream> {
    for (;;) {
      const found = this.streams.filter(({ path }) => path.search(text) >= 0);
      if (found.length >= count) { return found.at(-1)!; }
      await new Promise(resolve => { setImmediate(resolve); });
    }
  }
}
