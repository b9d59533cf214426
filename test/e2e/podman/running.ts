/** `cdk-kaniko run` while it runs, and what it said when it has ended. */
import { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Failure } from '../../../src/cli/run/result';

export interface Event {
  readonly kind: string;
  readonly image?: string;
  readonly container?: string;
  readonly line?: string;
  readonly message?: string;
}

export interface BuildResult {
  readonly outcome: string;
  readonly digest?: string;
  readonly failure?: Failure;
}

export interface Ran {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly events: readonly Event[];
  /** In the order of the files; empty where nothing was told. */
  readonly builds: readonly BuildResult[];
  readonly err: string;
}

export class Running {
  public readonly events: Event[] = [];
  public readonly ended: Promise<Ran>;
  private readonly listeners = new Set<() => void>();

  public constructor(private readonly process: ChildProcess) {
    let err = '';
    process.stderr!.setEncoding('utf8').on('data', (text: string) => { err += text; });
    createInterface(process.stdout!).on('line', line => {
      this.events.push(JSON.parse(line) as Event);
      this.listeners.forEach(listener => listener());
    });
    this.ended = new Promise(resolve => {
      process.once('close', code => {
        const result = this.events.find(({ kind }) => kind === 'result') as { builds: BuildResult[] } | undefined;
        resolve({ code, events: this.events, builds: result?.builds ?? [], err });
      });
    });
  }

  /** Waits for a line of a container's log. */
  public async line(text: string): Promise<void> {
    const there = () => this.events.some(({ kind, line }) => kind === 'log' && line?.includes(text));
    await new Promise<void>((resolve, reject) => {
      const look = () => { if (there()) resolve(); };
      this.listeners.add(look);
      look();
      void this.ended.then(({ err }) => reject(new Error(`ended without the line '${text}'\n${err}`)));
    });
  }

  public signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }
}
