import { readFileSync } from 'node:fs';
import { Command, EXIT, MistakesError, Signal, SIGNALS, Terminal, UsageError } from './command';
import { packageVersion } from './package-version';
import { quoted, suggestion } from '../checks';

/** Each is loaded when it is called: what makes manifests costs more than all the rest, and an engine may get ready meanwhile. */
/* eslint-disable @typescript-eslint/no-require-imports */
const COMMANDS: Readonly<Record<string, () => Command>> = {
  'run': () => (require('./run') as typeof import('./run')).run,
  'synth': () => (require('./synth') as typeof import('./synth')).synth,
  'schema': () => (require('./schema') as typeof import('./schema')).schema,
  'template': () => (require('./template') as typeof import('./template')).template,
  'pipeline-parameters': () => (require('./pipeline-parameters') as typeof import('./pipeline-parameters')).pipelineParameters,
  'pipeline-outputs': () => (require('./pipeline-outputs') as typeof import('./pipeline-outputs')).pipelineOutputs,
};
/* eslint-enable @typescript-eslint/no-require-imports */

const help = () => `Container images built with kaniko on Kubernetes, as code.

Usage: cdk-kaniko <command> [options]

Commands:
${Object.entries(COMMANDS).map(([name, load]) => `  ${name.padEnd(21)}${load().summary}`).join('\n')}

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
    (name === undefined ? terminal.err : terminal.out)(help());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version') {
    terminal.out(`${packageVersion()}\n`);
    return EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]() : undefined;
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
