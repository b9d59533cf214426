/** Where a command reads and writes: the process's own, or a test's. */
export interface Terminal {
  readonly stdin: () => string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** How many columns the terminal behind `err` has; undefined where it is none: a file, a pipe, a pipeline. */
  readonly columns: () => number | undefined;
  /** The environment's variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls back at the first signal to end; a further one ends the process at once. The answer takes that back. */
  readonly onSignal: (listener: (signal: Signal) => void) => () => void;
}

/** Signals by which a command is asked to end, with the exit codes that say so. */
export const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The name of such a signal. */
export type Signal = keyof typeof SIGNALS;

/** What a command does with its arguments; the answer is the exit code. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole help, at most 80 columns wide. */
  readonly help: string;
  run(argv: readonly string[], terminal: Terminal): number | Promise<number>;
}

/** Exit codes that all commands share. */
export const EXIT = { ok: 0, mistakes: 1, usage: 2 } as const;

/** The command was called in a way that it does not know: exit code 2, with a hint at its help. */
export class UsageError extends Error {}

/** What the user gave is wrong: exit code 1, each line one mistake, no stack trace. */
export class MistakesError extends Error {
  public constructor(public readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}
