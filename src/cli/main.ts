import { readFileSync } from 'node:fs';
import { Command, EXIT, MistakesError, Signal, SIGNALS, Terminal, UsageError } from './command';
import { packageVersion } from './package-version';
import { pipelineOutputs } from './pipeline-outputs';
import { pipelineParameters } from './pipeline-parameters';
import { run } from './run';
import { schema } from './schema';
import { synth } from './synth';
import { template } from './template';
import { quoted, suggestion } from '../checks';

const COMMANDS: Readonly<Record<string, Command>> = {
  run,
  synth,
  schema,
  template,
  'pipeline-parameters': pipelineParameters,
  'pipeline-outputs': pipelineOutputs,
};

const HELP = `Container images built with kaniko on Kubernetes, as code.

Usage: cdk-kaniko <command> [options]

Commands:
${Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(21)}${summary}`).join('\n')}

Options:
  -h, --help     Show this help, or that of a command
  --version      Show the version

Exit codes: 0 done, 1 a mistake in what was given, 2 wrong usage.
`;

/** The command line: the one place that reads and ends the process. */
export async function main(): Promise<void> {
  // Who reads no more is written to no more; without a listener Node would end on the spot, whatever is to be cleaned up.
  OUTPUTS.forEach(stream => stream.on('error', () => undefined));
  process.exitCode = await runCommand(process.argv.slice(2), {
    stdin: () => readFileSync(0, 'utf8'),
    out: text => { process.stdout.write(text); },
    err: text => { process.stderr.write(text); },
    columns: () => process.stderr.isTTY ? process.stderr.columns : undefined,
    environment: process.env,
    onSignal,
  });
}

/** Where a command writes to. */
const OUTPUTS = [process.stdout, process.stderr];

/** A reader that is gone is a terminal that is closed: the agent of a cancelled pipeline goes without a signal. */
function onSignal(listener: (signal: Signal) => void): () => void {
  const names = Object.keys(SIGNALS) as Signal[];
  let told = false;
  const tell = (signal: Signal) => {
    if (!told) {
      told = true;
      listener(signal);
    }
  };
  const hangUp = () => tell('SIGHUP');
  const stop = () => {
    names.forEach(name => process.off(name, once));
    OUTPUTS.forEach(stream => stream.off('error', hangUp));
  };
  // With no listener left, Node ends by the signal itself.
  const once = (signal: Signal) => { stop(); tell(signal); };
  names.forEach(name => process.on(name, once));
  OUTPUTS.forEach(stream => stream.on('error', hangUp));
  return stop;
}

/** Runs one command; the answer is the exit code. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '-h' || name === '--help') {
    (name === undefined ? terminal.err : terminal.out)(HELP);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version') {
    terminal.out(`${packageVersion()}\n`);
    return EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) { throw new UsageError(`unknown command ${quoted(name)}${suggestion(name, Object.keys(COMMANDS))}`); }
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.out(command.help);
      return EXIT.ok;
    }
    return await command.run(rest, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`cdk-kaniko: ${error.message}\nSee "cdk-kaniko ${command === undefined ? '' : `${name} `}--help".\n`);
      return EXIT.usage;
    }
    if (error instanceof MistakesError) {
      terminal.err(error.lines.map(line => `${line}\n`).join(''));
      return EXIT.mistakes;
    }
    throw error;
  }
}
