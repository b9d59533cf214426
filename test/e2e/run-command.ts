/** `cdk-kaniko run` as a user starts it: a process of its own, with the kubectl of this machine. */
import { ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './cluster/processes';
import { Environment } from './environment';
import { currentSandbox } from './sandbox';
import { Parameters, PROGRAM, Team } from './team';
import { BuildEvent } from '../../src/cli/run/event';
import { RunResult } from '../../src/cli/run/run-result';

/** How a run ended. */
export interface Ran {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  /** Undefined where it was killed. */
  readonly result?: RunResult;
  readonly events: readonly BuildEvent[];
  readonly stderr: string;
}

export interface RunOptions {
  readonly builds: readonly Parameters[];
  readonly args?: readonly string[];
  /** Whose kubectl it is. @default one that may do everything */
  readonly kubeconfig?: string;
}

/** A run that has been started. */
export class RunCommand {
  /** What it has told so far. */
  public readonly events: BuildEvent[] = [];
  public readonly ended: Promise<Ran>;
  private readonly child: ChildProcess;
  /** A file of this run's own, by which its processes are known. */
  private readonly kubeconfig: string;

  public constructor(environment: Environment, team: Team, { builds, args = [], kubeconfig }: RunOptions) {
    this.kubeconfig = join(mkdtempSync(join(currentSandbox().folder, 'run-')), 'kubeconfig');
    copyFileSync(kubeconfig ?? environment.cluster.plane.kubeconfig('admin'), this.kubeconfig);
    this.child = spawn(process.execPath, [PROGRAM, 'run', ...team.buildOptions(...builds), '--output', 'json', '--kubeconfig', this.kubeconfig, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = this.follow();
  }

  /** Resolves with the first event that is so. */
  public async event(what: string, is: (event: BuildEvent) => boolean, seconds = 120): Promise<BuildEvent> {
    let over = false;
    void this.ended.then(() => { over = true; });
    const found = await until(what, () => this.events.find(is) ?? (over ? null : undefined), seconds);
    if (found === null) throw new Error(`the run ended without ${what}: ${JSON.stringify((await this.ended).result)}`);
    return found;
  }

  public kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The command lines of the processes that it has started and that still run. */
  public processes(): string[] {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== this.child.pid).flatMap(name => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replace(/\0/g, ' ');
        return line.includes(this.kubeconfig) ? [line] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });
  }

  private async follow(): Promise<Ran> {
    let stderr = '';
    let result: RunResult | undefined;
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    createInterface(this.child.stdout!).on('line', line => {
      const told = JSON.parse(line) as (Omit<BuildEvent, 'at'> & { at: string }) | RunResult;
      if (told.kind === 'result') result = told;
      else this.events.push({ ...told, at: new Date((told as { at: string }).at) } as BuildEvent);
    });
    const code = await new Promise<number | string>(resolve => { this.child.once('close', (status, signal) => resolve(status ?? signal!)); });
    return { code, result, events: this.events, stderr };
  }
}

/** Runs builds to their end. */
export async function run(environment: Environment, team: Team, options: RunOptions): Promise<Ran> {
  return new RunCommand(environment, team, options).ended;
}
