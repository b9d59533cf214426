import { ChildProcess, spawn } from 'node:child_process';

/** How long is read what a kubectl that has ended printed, where something else keeps its outputs open. */
const READING_MILLISECONDS = 500;

/** How kubectl is told which cluster is meant; what is left open it decides itself. */
export interface KubectlOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** What kubectl printed, on standard output and standard error. */
export interface Printed {
  readonly output: string;
  readonly errors: string;
}

/** kubectl for what the API server alone cannot do: to show parts of objects of which nothing else is to be read. */
export interface Kubectl {
  /** Runs it to its end, whatever that is, or the signal's; one that cannot be started prints nothing. */
  run(args: readonly string[], signal: AbortSignal): Promise<Printed>;
}

/**
 * The user's own kubectl, found on the PATH: its context, its plugins and its credentials are the user's, and so is
 * what it may do.
 */
export class InstalledKubectl implements Kubectl {
  public constructor(private readonly options: KubectlOptions) {}

  public async run(args: readonly string[], signal: AbortSignal): Promise<Printed> {
    const printed = { output: '', errors: '' };
    const child = spawn('kubectl', [...clusterArguments(this.options), '--request-timeout=30s', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'], env: process.env, windowsHide: true, signal,
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => { printed.output += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { printed.errors += text; });
    await ended(child);
    // What a login has left behind, or still waits for, may hold these for ever.
    child.stdout.destroy();
    child.stderr.destroy();
    return printed;
  }
}

/** Resolves when a child has ended and all is read that it printed, or cannot be run. */
async function ended(child: ChildProcess): Promise<void> {
  await new Promise<unknown>(resolve => {
    child.once('error', resolve).once('close', resolve);
    child.once('exit', () => {
      const timer = setTimeout(resolve, READING_MILLISECONDS);
      child.once('close', () => clearTimeout(timer));
    });
  });
}

/** The options by which kubectl is told which cluster is meant. */
export function clusterArguments({ kubeconfig, context }: KubectlOptions): string[] {
  return [...kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`], ...context === undefined ? [] : [`--context=${context}`]];
}

/** What kubectl says for a person: without warnings, its own log, and the word that begins an error. */
export function saidFor(errors: string): string {
  const lines = errors.split('\n').filter(line => line !== '' && !/^(Warning: |[EWI]\d{4} )/.test(line));
  return [...new Set(lines)].join('\n').replace(/^error: /, '');
}
