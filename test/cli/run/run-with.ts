import { Signal, Terminal } from '../../../src/cli/command';
import { runWith } from '../../../src/cli/run';
import { Engine } from '../../../src/cli/run/engine';
import { Ran } from '../terminal';

/** What is different from a pipe without an environment. */
export interface Situation {
  readonly stdin?: string;
  readonly columns?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes the function by which a signal is sent. */
  readonly signals?: (send: (signal: Signal) => void) => void;
}

/** Runs `cdk-kaniko run` with an engine of the test's under both engines' names. */
export async function runOn(engine: Engine, argv: readonly string[], situation: Situation = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    stdin: () => situation.stdin ?? '',
    out: text => { out += text; },
    err: text => { err += text; },
    columns: () => situation.columns,
    environment: situation.environment ?? {},
    onSignal: listener => {
      situation.signals?.(listener);
      return () => undefined;
    },
  };
  const maker = async () => engine;
  const code = await runWith({ kubectl: maker, podman: maker }).run(argv, terminal);
  return { code, out, err };
}
