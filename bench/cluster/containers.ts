/** What the node's containers did, to the millisecond: a pod's status tells whole seconds, and no memory. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CONTAINERD } from '../../test/e2e/cluster/node';
import { until } from '../../test/e2e/cluster/processes';

/** A container's first process. */
export interface Ran {
  readonly seconds: number;
  /** The most memory that it held itself at any time, without its children and without the files that the kernel caches. */
  readonly mebibytes: number;
}

interface Watched { readonly start: number; end?: number; mebibytes: number }

const SAMPLE_MILLISECONDS = 50;

export class Containers {
  private readonly watched = new Map<string, Watched>();

  /** Begins to follow containerd's events. */
  public constructor() {
    const events = spawn('ctr', ['--address', CONTAINERD, '--namespace', 'k8s.io', 'events'], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface(events.stdout).on('line', line => this.handle(line));
  }

  /** How a container ran that has ended, or is about to. @param id as containerd knows it */
  public async ran(id: string): Promise<Ran> {
    return until(`end of container ${id}`, () => {
      const { start, end, mebibytes } = this.watched.get(id) ?? {};
      return end === undefined ? undefined : { seconds: (end - start!) / 1000, mebibytes: mebibytes! };
    });
  }

  /** How the container ran that was started last. */
  public async last(): Promise<Ran> {
    return this.ran([...this.watched.keys()].at(-1)!);
  }

  /** `2026-01-31 12:00:00.123456789 +0000 UTC k8s.io /tasks/start {"container_id":"…","pid":1}` */
  private handle(line: string): void {
    const [, day, time, topic, json] = line.match(/^(\S+) (\S+) \S+ \S+ \S+ (\/tasks\/(?:start|exit)) (.*)$/) ?? [];
    if (topic === undefined) { return; }
    const at = Date.parse(`${day}T${time}Z`);
    const event = JSON.parse(json) as { readonly container_id: string; readonly id?: string; readonly pid: number };
    if (topic === '/tasks/start') {
      const watched: Watched = { start: at, mebibytes: 0 };
      this.watched.set(event.container_id, watched);
      sampleMemory(event.pid, watched);
    } else if (event.id === event.container_id) {
      const watched = this.watched.get(event.container_id);
      if (watched) { watched.end = at; }
    }
  }
}

/** The kernel keeps a process's peak; the last sample before its end holds it. */
function sampleMemory(pid: number, watched: Watched): void {
  const timer = setInterval(() => {
    try {
      const kibibytes = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB$/m);
      if (kibibytes) { watched.mebibytes = Number(kibibytes[1]) / 1024; }
    } catch {
      clearInterval(timer); // it has ended
    }
  }, SAMPLE_MILLISECONDS);
}
