import { BuildEvent, buildsInTurn, ContainerName, TRACE_CONTAINER } from '../event';
import { ApiServer } from './api-server';
import { Changes } from './changes';
import { followLog } from './log-follower';
import { LogTail } from '../log-tail';
import { ClusterEvent, conditionOf, ContainerStatus, Pod, Seen, statusesOf } from './objects';

/** What a story is told from, and to whom. */
export interface PodStorySource {
  readonly api: ApiServer;
  readonly pod: () => Seen<Pod>;
  readonly events: () => readonly ClusterEvent[];
  readonly changes: Changes;
  readonly tell: (event: BuildEvent) => void;
}

/** One pod of a build from its node to its end, told in the order in which things happen: a container's end after its log. */
export class PodStory {
  /** The end of each container's log. */
  public readonly logs = new Map<string, LogTail>();
  /** Resolves when all has been told: all containers have ended, or the pod is gone. */
  public readonly told: Promise<void>;

  public constructor(private readonly source: PodStorySource, private readonly signal: AbortSignal) {
    this.told = this.tellAll();
  }

  private get pod(): Pod {
    return this.source.pod().object;
  }

  private async tellAll(): Promise<void> {
    await this.until(() => this.pod.spec.nodeName !== undefined || this.over);
    if (this.signal.aborted || this.pod.spec.nodeName === undefined) { return; }
    const { initContainers = [], containers } = this.pod.spec;
    this.source.tell({
      kind: 'scheduled', at: time(conditionOf(this.pod, 'PodScheduled')?.lastTransitionTime), pod: this.pod.metadata.name, node: this.pod.spec.nodeName,
    });
    const names = [...initContainers, ...containers].map(({ name }) => name);
    await Promise.all([
      this.tellInTurn(names.filter(buildsInTurn)),
      this.tellPulls(),
      ...names.includes(TRACE_CONTAINER) ? [this.tellContainer(TRACE_CONTAINER)] : [],
    ]);
  }

  private async tellInTurn(names: readonly ContainerName[]): Promise<void> {
    for (const name of names) { await this.tellContainer(name); }
  }

  private async tellContainer(container: ContainerName): Promise<void> {
    const state = () => this.status(container)?.state;
    const begun = () => state()?.running?.startedAt ?? state()?.terminated?.startedAt ?? undefined;
    await this.until(() => begun() !== undefined || state()?.terminated !== undefined || this.over);
    if (this.signal.aborted || begun() === undefined) { return; }
    this.source.tell({ kind: 'started', at: time(begun()), container });
    const tail = new LogTail();
    this.logs.set(container, tail);
    await followLog(this.source.api, { namespace: this.pod.metadata.namespace, pod: this.pod.metadata.name, container }, {
      line: (at, line) => {
        tail.add(line);
        this.source.tell({ kind: 'log', at, container, line });
      },
      notice: message => this.source.tell({ kind: 'notice', at: new Date(), message }),
      ended: () => state()?.terminated !== undefined,
      gone: () => this.source.pod().gone,
      changed: () => this.source.changes.next(),
    }, this.signal);
    await this.until(() => state()?.terminated !== undefined || this.over);
    const ended = state()?.terminated;
    if (this.signal.aborted || ended === undefined) { return; }
    this.source.tell({ kind: 'ended', at: time(ended.finishedAt), container, exitCode: ended.exitCode, reason: ended.reason ?? '' });
  }

  /** The images that the node has to pull; those that it has already are not told. */
  private async tellPulls(): Promise<void> {
    const told = new Set<string>();
    const tell = () => {
      for (const { metadata: { uid }, reason, message, ...event } of this.source.events()) {
        const image = reason === 'Pulling' && !told.has(uid) ? /"(.+)"/.exec(message)?.[1] : undefined;
        if (image !== undefined) { this.source.tell({ kind: 'pulling', at: time(event.firstTimestamp), image }); }
        told.add(uid);
      }
      return this.over || statusesOf(this.pod).some(({ name, state }) => name === 'kaniko' && state.waiting === undefined);
    };
    await this.until(tell);
  }

  private get over(): boolean {
    const { object, gone } = this.source.pod();
    return gone || object.status.phase === 'Failed' || object.status.phase === 'Succeeded';
  }

  private status(container: string): ContainerStatus | undefined {
    return statusesOf(this.pod).find(({ name }) => name === container);
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!this.signal.aborted && !holds()) { await this.source.changes.next(); }
  }
}

/** The cluster's time, or this machine's where the cluster tells none. */
function time(text: string | null | undefined): Date {
  return text === undefined || text === null ? new Date() : new Date(text);
}
