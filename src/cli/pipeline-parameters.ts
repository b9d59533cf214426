import { readBuilds } from './builds';
import { Command, EXIT, MistakesError, Terminal, UsageError } from './command';
import { parseOptions } from './options';
import { withoutAgentCommands } from './run/printable';
import { writeWhole } from './write-file';
import { parametersFrom } from '../pipeline/environment';
import { loggingCommand } from '../pipeline/logging-commands';

const HELP = `Writes the parameters of a pipeline's template as a file for "run".

Usage: cdk-kaniko pipeline-parameters -o build.json

A step of the Azure Pipelines template ("cdk-kaniko template"), which hands
each parameter over as a variable of the environment, such as
PARAMETER_imageTag. Mistakes in them become errors of the pipeline's run.

Options:
  -o, --out FILE  Where to write them, as JSON
  -h, --help      Show this help
`;

/** `cdk-kaniko pipeline-parameters`: from the template's environment to a file, checked. */
export const pipelineParameters: Command = {
  summary: 'For the template: its parameters as a file',
  help: HELP,
  run(argv, terminal) {
    const file = parseOptions(argv, { out: { type: 'string', short: 'o' } }).out as string | undefined;
    if (file === undefined) { throw new UsageError('no file is named; write "-o build.json"'); }
    const parameters = read(terminal);
    writeWhole(file, `${JSON.stringify(parameters, null, 2)}\n`, 'choose another file by -o');
    const mistakes = mistakesIn(file, terminal);
    if (mistakes.length > 0) {
      throw new MistakesError(mistakes.map(mistake => issue(`${mistake}${unknownVariables(mistake, parameters)}`)));
    }
    return EXIT.ok;
  },
};

function read(terminal: Terminal): Record<string, unknown> {
  try {
    return parametersFrom(terminal.environment);
  } catch (error) {
    throw new MistakesError([issue((error as Error).message)]);
  }
}

/** What `run` would refuse, found before anybody logs in, and without the file, which the user never wrote. */
function mistakesIn(file: string, terminal: Terminal): string[] {
  try {
    readBuilds({ file: [file] }, terminal);
    return [];
  } catch (error) {
    if (!(error instanceof MistakesError)) { throw error; }
    return error.lines.map(line => line.slice(file.length).replace(/^(:\d+)?: /, ''));
  }
}

/** The agent leaves `$(name)` as it is where the pipeline has no such variable. */
function unknownVariables(mistake: string, parameters: Readonly<Record<string, unknown>>): string {
  const value = parameters[/^\w*/.exec(mistake)![0]];
  const [variable] = typeof value === 'string' ? /\$\([\w. -]+\)/.exec(value) ?? [] : [];
  return variable === undefined ? '' : `; the pipeline has no variable ${variable}`;
}

function issue(message: string): string {
  return loggingCommand('task.logissue', { type: 'error' }, withoutAgentCommands(message)).trimEnd();
}
