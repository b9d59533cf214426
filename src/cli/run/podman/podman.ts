/** The program `podman`. What it does to containers, images and volumes is for others to say. */
import { ChildProcess, spawn } from 'node:child_process';
import { LONGEST_LINE } from '../event';

/** How a call of podman ended. */
export interface Answer {
  /** 127 where there is no such program, 128 where it was ended by a signal. */
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** podman did not do what was asked of it; the message is podman's. */
export class PodmanError extends Error {}

export class Podman {
  /** @param program its name or path */
  public constructor(public readonly program: string = 'podman') {}

  /**
   * Calls podman and waits for its end. An end with an error is an answer too.
   *
   * @param signal ends the call
   * @param directory where podman works, and what it leaves running
   */
  public async call(args: readonly string[], signal?: AbortSignal, directory?: string): Promise<Answer> {
    let out = '';
    let err = '';
    const child = start([this.program, ...args], signal, directory);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => { out += text; });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => { err += text; });
    const exitCode = await ended(child, error => { err = error.message; });
    return { exitCode, out: out.trim(), err: err.trim() };
  }

  /**
   * Calls podman and tells what it prints line by line, while it prints it.
   *
   * @param signal ends the call, and the telling at once
   */
  public async follow(args: readonly string[], tell: (line: string) => void, signal: AbortSignal): Promise<void> {
    // One pipe for both outputs: read from two, the lines of one would overtake those of the other.
    // podman's own warnings would be among them.
    const child = start(['sh', '-c', 'exec "$@" 2>&1', 'sh', this.program, '--log-level=fatal', ...args], signal);
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) { lines.push(rest.slice(0, LONGEST_LINE)); }
      if (!signal.aborted) { lines.forEach(tell); }
    });
    await ended(child, () => undefined);
    if (rest !== '' && !signal.aborted) { tell(rest); }
  }
}

/** A process group of its own: Ctrl-C on the terminal is for this program, which then ends what it has begun. */
function start([program, ...args]: readonly string[], signal?: AbortSignal, cwd?: string): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, signal, cwd });
}

/** Waits for the end of a process and of what it prints. @returns its exit code */
async function ended(child: ChildProcess, failed: (error: Error) => void): Promise<number> {
  return new Promise(resolve => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      failed(error);
      if (error.code === 'ENOENT') { resolve(127); }
    });
    child.once('close', code => resolve(code ?? 128));
  });
}
