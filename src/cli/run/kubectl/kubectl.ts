import { ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

/** How kubectl is told which cluster is meant; what is left open it decides itself. */
export interface KubectlOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** What kubectl said when it failed. */
export class KubectlError extends Error {
  /** Each of its errors, where it did several things; this one is the first. */
  public readonly all: readonly KubectlError[];

  /**
   * @param reason the API server's word for it, such as `NotFound`; undefined where it was not the server that answered
   * @param missing whether there is no kubectl on this machine
   * @param output what it printed all the same
   */
  public constructor(
    message: string, public readonly reason?: string, public readonly missing = false, public readonly output = '', further: readonly KubectlError[] = [],
  ) {
    super(message);
    this.all = [this, ...further];
  }
}

/** What the engine needs of kubectl; the tests have a double that plays recordings of the real one. */
export interface Kubectl {
  /**
   * Runs kubectl to its end.
   *
   * @param input what it reads from its standard input; one that comes later finds kubectl started and ready
   * @returns what it printed
   * @throws KubectlError
   */
  run(args: readonly string[], input?: string | Promise<string>): Promise<string>;

  /**
   * Runs kubectl and tells each line that it prints, without its end.
   *
   * @returns what it printed after the last end of a line, when it ended well or was stopped by the signal
   * @throws KubectlError
   */
  follow(args: readonly string[], tell: (line: string) => void, signal: AbortSignal): Promise<string>;
}

/**
 * The user's own kubectl, found on the PATH: its context, its plugins and its credentials are the user's, and so is
 * what it may do.
 */
export class InstalledKubectl implements Kubectl {
  private readonly cluster: readonly string[];

  public constructor(options: KubectlOptions) {
    this.cluster = [
      ...options.kubeconfig === undefined ? [] : [`--kubeconfig=${options.kubeconfig}`],
      ...options.context === undefined ? [] : [`--context=${options.context}`],
    ];
  }

  public async run(args: readonly string[], input?: string | Promise<string>): Promise<string> {
    let output = '';
    // A command that changes something is not to be cut off by the Ctrl-C that the terminal sends to all processes of
    // its group: what came of it would be unknown.
    const child = this.start(['--request-timeout=30s', ...args], input !== undefined && process.platform !== 'win32');
    child.stdin!.on('error', () => undefined);
    Promise.resolve(input).then(text => child.stdin!.end(text), () => child.kill());
    await ended(child, text => { output += text; }, () => output);
    return output;
  }

  public async follow(args: readonly string[], tell: (line: string) => void, signal: AbortSignal): Promise<string> {
    let rest = '';
    const child = this.start(args, false);
    child.stdin!.end();
    const stop = () => { child.kill(); };
    signal.addEventListener('abort', stop);
    if (signal.aborted) { stop(); }
    try {
      await ended(child, text => {
        const lines = (rest + text).split('\n');
        rest = lines.pop()!;
        if (!signal.aborted) { lines.forEach(tell); }
      });
    } catch (error) {
      if (!signal.aborted) { throw error; }
    } finally {
      signal.removeEventListener('abort', stop);
    }
    return rest;
  }

  private start(args: readonly string[], detached: boolean): ChildProcess {
    return spawn('kubectl', [...this.cluster, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env: process.env, detached, windowsHide: true });
  }
}

/** Resolves when a child has ended well; all that it printed has been told by then. */
async function ended(child: ChildProcess, tell: (text: string) => void, output = () => ''): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let errors = '';
  child.stdout!.on('data', (bytes: Buffer) => tell(decoder.write(bytes)));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => { errors += text; });
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(new KubectlError(error.message, undefined, error.code === 'ENOENT')));
    child.once('close', (code, signal) => code === 0 ? resolve() : reject(kubectlError(errors, signal ?? `exit code ${code}`, output())));
  });
}

/** What kubectl says at its end: `Error from server (NotFound): …`, `error: …` or another sentence, once for each thing that it did. */
export function kubectlError(text: string, otherwise: string, output = ''): KubectlError {
  const lines = text.split('\n').filter(line => line !== '' && !/^(Warning: |[EWI]\d{4} )/.test(line));
  const said = lines.join('\n').split(/\n(?=Error from server|error: )/).filter(error => error !== '').map(error => {
    const [, reason, message] = /^Error from server(?: \((\w+)\))?: (?:error when creating "STDIN": )?([^]*)$/.exec(error) ?? [];
    return { reason, message: message ?? error.replace(/^error: /, '') };
  });
  const [first = { reason: undefined, message: `kubectl ended with ${otherwise}` }, ...further] = said;
  return new KubectlError(first.message, first.reason, false, output, further.map(({ message, reason }) => new KubectlError(message, reason)));
}
