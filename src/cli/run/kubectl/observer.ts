import { ApiServer } from './api-server';
import { Connection } from './connection';
import { ClusterEvent, Job, KubernetesObject, Pod, Seen } from './objects';
import { watch, Watcher } from './watch';

/**
 * What a namespace's builds look like right now: their Jobs, their pods and what the cluster says about them. The
 * watches are shared by all builds that run at once.
 */
export class Observer {
  private readonly jobs = new Map<string, Seen<Job>>();
  private readonly pods = new Map<string, Seen<Pod>>();
  private readonly events = new Map<string, ClusterEvent>();
  private readonly listed = new Set<unknown>();
  private readonly listeners = new Set<() => void>();
  private readonly connection = new Connection(() => this.changed());
  private readonly stop = new AbortController();

  /**
   * Watches until `close`.
   *
   * @param names of the builds' Jobs
   */
  public constructor(private readonly api: ApiServer, private readonly namespace: string, private readonly names: readonly string[]) {
    this.watchAll(this.stop.signal);
  }

  /** @param listener is told of every change. @returns what ends the listening */
  public listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  /** Watches no more. */
  public close(): void {
    this.stop.abort();
  }

  /** Whether the cluster answers. */
  public get line(): Pick<Connection, 'lost' | 'givenUp'> {
    return this.connection;
  }

  /** Whether all is watched, so that nothing is missed that happens from now on. */
  public get ready(): boolean {
    return this.listed.size === 3;
  }

  /** A build's Job as it was last seen. */
  public job(name: string): Seen<Job> | undefined {
    return this.jobs.get(name);
  }

  /** A Job's pods as they were last seen, the oldest first. */
  public podsOf(job: string): Seen<Pod>[] {
    return [...this.pods.values()]
      .filter(({ object }) => object.metadata.labels?.['batch.kubernetes.io/job-name'] === job)
      .sort((a, b) => a.object.metadata.creationTimestamp.localeCompare(b.object.metadata.creationTimestamp));
  }

  /** What was said about a Job and its pods, in the order in which it was said last. */
  public eventsOf(job: string): ClusterEvent[] {
    const pods = this.podsOf(job).map(({ object }) => object.metadata.name);
    return [...this.events.values()].filter(({ involvedObject: { kind, name } }) =>
      kind === 'Job' ? name === job : kind === 'Pod' && pods.includes(name));
  }

  private watchAll(signal: AbortSignal): void {
    const ours = { labelSelector: `app.kubernetes.io/instance in (${this.names.join(',')})` };
    const all = <T extends KubernetesObject>(seen: Map<string, Seen<T>>, key: (object: T) => string) => ({
      list: (objects: readonly T[]) => {
        for (const [known, { object }] of seen) { seen.set(known, { object, gone: true }); }
        for (const object of objects) { seen.set(key(object), { object, gone: false }); }
        this.listed.add(seen);
        this.changed();
      },
      change: (object: T, gone: boolean) => {
        seen.set(key(object), { object, gone });
        this.changed();
      },
    });
    const jobs = all(this.jobs, (job: Job) => job.metadata.name);
    const pods = all(this.pods, (pod: Pod) => pod.metadata.uid);
    void watch(this.api, { path: `/apis/batch/v1/namespaces/${this.namespace}/jobs`, query: ours }, jobs, this.connection, signal);
    void watch(this.api, { path: `/api/v1/namespaces/${this.namespace}/pods`, query: ours }, pods, this.connection, signal);
    void this.watchEvents(signal);
  }

  /** Events help to say why; a build can be followed without them, where the user may not read them. */
  private async watchEvents(signal: AbortSignal): Promise<void> {
    const change = (event: ClusterEvent) => {
      if (!this.names.some(name => event.involvedObject.name.startsWith(name))) { return; }
      this.events.delete(event.metadata.uid); // what is said again is said last
      this.events.set(event.metadata.uid, event);
      this.changed();
    };
    const watcher: Watcher<ClusterEvent> = {
      list: events => {
        events.forEach(change);
        this.listed.add(watcher);
        this.changed();
      },
      change,
    };
    // A namespace has many events, and those before the build are of no use: the first list is only for the place in time.
    const watched = { path: `/api/v1/namespaces/${this.namespace}/events`, query: {}, firstQuery: { limit: '1' }, optional: true };
    await watch(this.api, watched, watcher, this.connection, signal);
  }

  private changed(): void {
    for (const listener of [...this.listeners]) { listener(); }
  }
}
