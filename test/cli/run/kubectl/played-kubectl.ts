import { Kubectl, KubectlError } from '../../../../src/cli/run/kubectl/kubectl';

/** A stream that a test writes: what a watch or a log prints. */
export class Stream {
  private readonly ended: Promise<string>;
  private resolve!: (rest: string) => void;
  private reject!: (error: Error) => void;

  public constructor(public readonly path: string, private readonly tell: (line: string) => void, signal: AbortSignal) {
    this.ended = new Promise((resolve, reject) => { [this.resolve, this.reject] = [resolve, reject]; });
    signal.addEventListener('abort', () => this.resolve(''));
  }

  public line(text: string | object): void {
    this.tell(typeof text === 'string' ? text : JSON.stringify(text));
  }

  public end(rest = ''): void {
    this.resolve(rest);
  }

  public fail(message: string, reason?: string): void {
    this.reject(new KubectlError(message, reason));
  }

  public async whole(): Promise<string> {
    return this.ended;
  }
}

/** What a test answers to a command that ends: what it prints, or how it fails. */
export type Answer = (args: readonly string[], input: string) => string | KubectlError | Promise<string>;

/** A kubectl that does what a test says, and remembers what it was asked. */
export class PlayedKubectl implements Kubectl {
  /** What was run, with its input. */
  public readonly ran: { readonly args: readonly string[]; readonly input: string }[] = [];
  /** The streams that were begun, the latest last. */
  public readonly streams: Stream[] = [];

  public constructor(public answer: Answer) {}

  public async run(args: readonly string[], input: string | Promise<string> = ''): Promise<string> {
    const text = await input;
    this.ran.push({ args, input: text });
    const answer = await this.answer(args, text);
    if (typeof answer !== 'string') { throw answer; }
    return answer;
  }

  public async follow(args: readonly string[], tell: (line: string) => void, signal: AbortSignal): Promise<string> {
    const stream = new Stream(args.at(-1)!, tell, signal);
    this.streams.push(stream);
    return stream.whole();
  }

  /** The latest stream of a path that has such a text, once it has begun. */
  public async stream(text: string | RegExp, count = 1): Promise<Stream> {
    for (;;) {
      const found = this.streams.filter(({ path }) => path.search(text) >= 0);
      if (found.length >= count) { return found.at(-1)!; }
      await new Promise(resolve => { setImmediate(resolve); });
    }
  }
}
