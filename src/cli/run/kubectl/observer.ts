import { Connection } from './connection';
import { Kubectl, KubectlError } from './kubectl';
import { ClusterEvent, Job, KubernetesObject, Pod, Seen } from './objects';
import { address, watch } from './watch';

/**
 * What a namespace's builds look like right now: their Jobs, their pods and what the cluster says about them. The
 * watches are shared by all builds that run at once.
 */
export class Observer {
  private readonly jobs = new Map<string, Seen<Job>>();
  private readonly pods = new Map<string, Seen<Pod>>();
  private readonly events = new Map<string, ClusterEvent>();
  private readonly listeners = new Set<() => void>();
  private readonly connection = new Connection(() => this.changed());
  private users = 0;
  private stop = new AbortController();

  /**
   * @param names of the builds' Jobs
   */
  public constructor(private readonly kubectl: Kubectl, private readonly namespace: string, private readonly names: readonly string[]) {}

  /** Watches for as long as anybody listens. @param listener is told of every change. @returns what ends the listening */
  public listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.users++ === 0) { this.begin(); }
    return () => {
      this.listeners.delete(listener);
      if (--this.users === 0) { this.stop.abort(); }
    };
  }

  /** Whether the cluster answers. */
  public get line(): Pick<Connection, 'lost' | 'givenUp'> {
    return this.connection;
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

  /** What was said about a Job and its pods, in the order in which it was said first. */
  public eventsOf(job: string): ClusterEvent[] {
    const pods = this.podsOf(job).map(({ object }) => object.metadata.name);
    return [...this.events.values()].filter(({ involvedObject: { kind, name } }) =>
      kind === 'Job' ? name === job : kind === 'Pod' && pods.includes(name));
  }

  private begin(): void {
    this.stop = new AbortController();
    const { signal } = this.stop;
    const ours = { labelSelector: `app.kubernetes.io/instance in (${this.names.join(',')})` };
    const all = <T extends KubernetesObject>(seen: Map<string, Seen<T>>, key: (object: T) => string) => ({
      list: (objects: readonly T[]) => {
        for (const [known, { object }] of seen) { seen.set(known, { object, gone: true }); }
        for (const object of objects) { seen.set(key(object), { object, gone: false }); }
        this.changed();
      },
      change: (object: T, gone: boolean) => {
        seen.set(key(object), { object, gone });
        this.changed();
      },
    });
    const { connection, kubectl } = this;
    void watch<Job>(kubectl, `/apis/batch/v1/namespaces/${this.namespace}/jobs`, ours, all(this.jobs, job => job.metadata.name), connection, signal);
    void watch<Pod>(kubectl, `/api/v1/namespaces/${this.namespace}/pods`, ours, all(this.pods, pod => pod.metadata.uid), connection, signal);
    void this.watchEvents(signal);
  }

  /** Events help to say why; a build can be followed without them, where the user may not read them. */
  private async watchEvents(signal: AbortSignal): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}/events`;
    try {
      await this.kubectl.run(['get', '--raw', address(path, { limit: '1' })]);
    } catch (error) {
      if ((error as KubectlError).reason === 'Forbidden') { return; }
    }
    // A namespace has many events, and those before this build are of no use: only the place in time is listed.
    await watch<ClusterEvent>(this.kubectl, path, { limit: '1' }, {
      list: () => undefined,
      change: event => {
        if (this.names.some(name => event.involvedObject.name.startsWith(name))) {
          this.events.set(event.metadata.uid, event);
          this.changed();
        }
      },
    }, this.connection, signal);
  }

  private changed(): void {
    for (const listener of [...this.listeners]) { listener(); }
  }
}
