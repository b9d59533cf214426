import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, EXIT, MistakesError, UsageError } from './command';
import { parseOptions } from './options';
import { withoutAgentCommands } from './run/printable';
import { loggingCommand } from '../pipeline/logging-commands';
import { outputVariables } from '../pipeline/outputs';

const HELP = `Publishes what a build made, for a pipeline.

Usage: cdk-kaniko pipeline-outputs --result FILE --summary FILE

A step of the Azure Pipelines template ("cdk-kaniko template"). Sets the
output variables imageDigest and imageReference where an image was pushed, and
shows the summary of the build on the page of the pipeline's run.

Options:
  --result FILE   What "run --report FILE.json" wrote
  --summary FILE  What "run --report FILE.md" wrote; the agent uploads it, so
                  it stays where it is until the job has ended
  -h, --help      Show this help
`;

/** `cdk-kaniko pipeline-outputs`: from a build's reports to the pipeline. */
export const pipelineOutputs: Command = {
  summary: 'For the template: output variables and summary',
  help: HELP,
  run(argv, terminal) {
    const { result, summary } = parseOptions(argv, { result: { type: 'string' }, summary: { type: 'string' } }) as Record<string, string | undefined>;
    if (result === undefined || summary === undefined) { throw new UsageError('it needs --result and --summary'); }
    if (existsSync(summary)) { terminal.out(loggingCommand('task.uploadsummary', {}, resolve(summary))); }
    try {
      terminal.out(outputVariables(readFileSync(result, 'utf8')));
    } catch (error) {
      // This step may command the agent, and what is wrong in the file may be part of the message.
      throw new MistakesError([withoutAgentCommands(`${result}: ${(error as Error).message}`)]);
    }
    return EXIT.ok;
  },
};
