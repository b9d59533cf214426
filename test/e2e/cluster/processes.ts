/** The programs that run beside each other in a sandbox. They end with it; nothing here stops them. */
import { ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { currentSandbox } from '../sandbox';

/** The folder in the sandbox with a log a program. */
export const LOGS = 'logs';

/** A program that runs beside the others, for scenarios that take it away. */
export interface Daemon {
  /** Ends the program; resolves when it has ended. It stays so until `start`. */
  stop(signal: NodeJS.Signals): Promise<void>;
  start(): void;
}

/** A program that should run as long as the sandbox; where it ends by itself, the run fails with the end of its log. */
export function daemon(name: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Daemon {
  const folder = join(currentSandbox().folder, LOGS);
  mkdirSync(folder, { recursive: true });
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'a');
  const [program, ...args] = command;
  let child = start();
  return {
    stop: async signal => {
      child.removeAllListeners('exit');
      const ended = new Promise<void>(resolve => { child.once('exit', () => resolve()); });
      child.kill(signal);
      await ended;
    },
    start: () => { child = start(); },
  };

  function start(): ChildProcess {
    return spawn(program, args, { stdio: ['ignore', output, output], env: { PATH: process.env.PATH, HOME: '/root', ...env } })
      .once('error', error => fail(error.message))
      .once('exit', (code, signal) => fail(`exit ${code ?? signal}`));
  }

  function fail(reason: string): never {
    console.error(`${name} ended (${reason}); the end of its log:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`);
    process.exit(1);
  }
}

/** Runs a program to its end. @returns what it printed @throws Error with its messages */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/**
 * Asks again and again until the answer is not `undefined` (or an error).
 * @param what for the message when it takes too long
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let reason = '';
  do {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      reason = `: ${(error as Error).message}`;
    }
    await sleep(200);
  } while (Date.now() < end);
  throw new Error(`no ${what} within ${seconds} s${reason}`);
}
