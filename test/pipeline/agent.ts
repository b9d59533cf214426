/**
 * An agent of Azure Pipelines: runs the steps of an expanded job, in order, as it would. Its tasks are doubles; bash is
 * bash, and what AzureCLI@2 is told to run is run.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Job, Step } from './expander';

/** What a step did. */
export interface StepRun {
  readonly step: Step;
  /** Undefined where its condition kept it from running. */
  readonly code?: number | null;
  /** Standard output and error. */
  readonly output: string;
  /** The commands that the agent obeyed. */
  readonly commands: readonly AgentCommand[];
  /** The commands that it refused. */
  readonly refused: readonly AgentCommand[];
}

/** `##vso[name property=value;…]data`. */
export interface AgentCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

export interface AgentOptions {
  /** A folder that it owns. */
  readonly folder: string;
  /** A folder with programs that come before the machine's. */
  readonly programs: string;
  /** The pipeline's variables, the agent's own ones included. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether entries of a step's environment that are empty do not reach its program. */
  readonly dropsEmpty?: boolean;
  /** Further environment of all steps. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Commands that a step may give whose target is restricted (the agent's source marks them so). */
const ALLOWED = ['task.logdetail', 'task.logissue', 'task.complete', 'task.setprogress', 'task.setsecret', 'task.setvariable', 'task.debug'];

export class Agent {
  private readonly variables: Readonly<Record<string, string>>;
  private readonly temporary: string;
  private readonly sources: string;
  private script = 0;

  public constructor(private readonly options: AgentOptions) {
    this.temporary = join(options.folder, '_temp');
    this.sources = join(options.folder, 's');
    [this.temporary, this.sources].forEach(folder => mkdirSync(folder, { recursive: true }));
    this.variables = {
      'Agent.TempDirectory': this.temporary,
      'Build.SourcesDirectory': this.sources,
      'Build.Repository.Uri': 'https://contoso@dev.azure.com/contoso/wind/_git/images',
      'TF_BUILD': 'True',
      ...options.variables,
    };
  }

  /** Runs a job to its end. */
  public async run(job: Pick<Job, 'steps'>): Promise<StepRun[]> {
    let failed = false;
    const runs: StepRun[] = [];
    for (const step of job.steps) {
      const ran: StepRun = this.runs(step, failed) ? await this.runStep(step) : { step, output: '', commands: [], refused: [] };
      failed ||= ran.code !== undefined && ran.code !== 0;
      runs.push(ran);
    }
    return runs;
  }

  private runs({ condition = 'succeeded()' }: Step, failed: boolean): boolean {
    switch (condition) {
      case 'always()': case 'succeededOrFailed()': return true;
      case 'succeeded()': return !failed;
      default: throw new Error(`there is no condition '${condition}'`);
    }
  }

  private async runStep(step: Step): Promise<StepRun> {
    if (step.bash !== undefined) {
      const file = join(this.temporary, `${++this.script}.sh`);
      writeFileSync(file, this.fill(step.bash));
      return this.runBash(step, file);
    }
    if (step.task === 'AzureCLI@2') return this.runBash(step, this.fill(step.inputs!.scriptPath), { AZURE_CONFIG_DIR: join(this.temporary, '.azclitask') });
    return { step, code: 0, output: '', commands: [], refused: [] };
  }

  private async runBash(step: Step, file: string, env: Readonly<Record<string, string>> = {}): Promise<StepRun> {
    let output = '';
    const code = await new Promise<number | null>((resolve, reject) => {
      const program = spawn('bash', [file], { cwd: this.sources, env: { ...this.environment(step), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
      [program.stdout, program.stderr].forEach(stream => stream.setEncoding('utf8').on('data', (part: string) => { output += part; }));
      program.once('error', reject).once('close', resolve);
    });
    const all = output.split('\n').flatMap(commandIn);
    const allowed = ({ name }: AgentCommand) => step.target?.commands !== 'restricted'
      || (ALLOWED.includes(name) && !(name === 'task.setvariable' && step.target.settableVariables === 'none'));
    return { step, code, output, commands: all.filter(allowed), refused: all.filter(command => !allowed(command)) };
  }

  /** Every variable by its name in capital letters, and the step's own environment. */
  public environment(step: Step): Record<string, string> {
    const variables = Object.entries(this.variables).map(([name, value]) => [name.toUpperCase().replaceAll('.', '_'), value]);
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, this.fill(value)]).filter(([, value]) => value !== '' || !this.options.dropsEmpty);
    return {
      HOME: this.options.folder,
      PATH: `${this.options.programs}:${process.env.PATH}`,
      ...this.options.env,
      ...Object.fromEntries(variables) as Record<string, string>,
      ...Object.fromEntries(own) as Record<string, string>,
    };
  }

  /** `$(name)` becomes the variable's value; where there is none it stays. */
  private fill(text: string): string {
    return text.replace(/\$\(([\w.-]+)\)/g, (macro, name: string) => {
      const known = Object.keys(this.variables).find(variable => variable.toLowerCase() === name.toLowerCase());
      return known === undefined ? macro : this.variables[known];
    });
  }
}

/** The agent looks for a command anywhere in a line. */
function commandIn(line: string): AgentCommand[] {
  const match = /##vso\[([\w.]+)(?: ([^\]]*))?\](.*)$/.exec(line);
  if (match === null) return [];
  const properties = (match[2] ?? '').split(';').filter(pair => pair !== '').map(pair => [pair.slice(0, pair.indexOf('=')), unescape(pair.slice(pair.indexOf('=') + 1))]);
  return [{ name: match[1], properties: Object.fromEntries(properties) as Record<string, string>, data: unescape(match[3]) }];
}

function unescape(text: string): string {
  const characters: Readonly<Record<string, string>> = { '%0D': '\r', '%0A': '\n', '%5D': ']', '%3B': ';', '%AZP25': '%' };
  return text.replace(/%0D|%0A|%5D|%3B|%AZP25/g, code => characters[code]);
}

/** Whether a program is on this machine. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
