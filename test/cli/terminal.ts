import { runCommand } from '../../src/cli/main';

/** What a command said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as the process would, with a terminal of the test's. */
export async function run(argv: readonly string[], stdin = '', environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCommand(argv, {
    stdin: () => stdin,
    out: text => { out += text; },
    err: text => { err += text; },
    columns: () => undefined,
    environment,
    onSignal: () => () => undefined,
  });
  return { code, out, err };
}
