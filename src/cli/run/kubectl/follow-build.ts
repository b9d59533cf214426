import { BuildEvent } from '../event';
import { pushedEnd } from '../pushed-end';
import { BuildEnd, Failure } from '../result';
import { ApiServer } from './api-server';
import { Changes } from './changes';
import { Evidence } from './evidence';
import { failureOf } from './failures';
import { conditionOf, Pod, Seen, statusesOf } from './objects';
import { Observer } from './observer';
import { PodStory } from './pod-story';
import { troublesOf } from './troubles';

/** How long what only time changes may go unnoticed. */
const WAKE_MILLISECONDS = 1000;

/** How long the logs of a failed build are waited for before it is judged without them. */
const LOGS_MILLISECONDS = 15_000;

/** What is followed, and to whom it is told. */
export interface Followed {
  readonly api: ApiServer;
  readonly observer: Observer;
  /** The Job's name. */
  readonly job: string;
  /** Makes the Job, once its namespace is being watched: what is said before would be missed. */
  readonly make: () => Promise<void>;
  /** How long a node is waited for that the pod fits on. */
  readonly nodePatience: number;
  readonly tell: (event: BuildEvent) => void;
}

/**
 * Makes a build's Job and follows it to its end, whatever that is.
 *
 * @throws what `make` throws
 */
export async function followBuild(followed: Followed, signal: AbortSignal): Promise<BuildEnd> {
  const changes = new Changes(WAKE_MILLISECONDS);
  const silence = followed.observer.listen(changes.announce);
  const over = new AbortController();
  const stop = () => { over.abort(); changes.announce(); };
  signal.addEventListener('abort', stop);
  try {
    return await new Following(followed, changes, over.signal).end(signal);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    silence();
  }
}

class Following {
  private readonly stories = new Map<string, PodStory>();
  /** When each trouble was first seen, by its pod and name. */
  private readonly troubles = new Map<string, number>();
  private lost?: number;

  public constructor(private readonly followed: Followed, private readonly changes: Changes, private readonly over: AbortSignal) {}

  public async end(signal: AbortSignal): Promise<BuildEnd> {
    let made = false;
    while (!signal.aborted) {
      if (!made && this.followed.observer.ready) {
        await this.followed.make();
        made = true;
      }
      this.beginStories();
      this.tellConnection();
      const end = await this.endNow();
      if (end !== undefined) { return signal.aborted ? { outcome: 'cancelled' } : end; }
      if (!signal.aborted) { await this.changes.next(); } // the signal may have come while something was made
    }
    return { outcome: 'cancelled' };
  }

  private get pods(): Seen<Pod>[] {
    return this.followed.observer.podsOf(this.followed.job);
  }

  private evidence(): Evidence {
    const { observer, job } = this.followed;
    return {
      job: observer.job(job),
      pods: this.pods.map(pod => ({ ...pod, logs: this.stories.get(pod.object.metadata.uid)?.logs ?? new Map() })),
      events: observer.eventsOf(job),
    };
  }

  private beginStories(): void {
    for (const { object: { metadata: { uid } } } of this.pods) {
      if (this.stories.has(uid)) { continue; }
      this.stories.set(uid, new PodStory({
        api: this.followed.api,
        pod: () => this.pods.find(({ object }) => object.metadata.uid === uid)!,
        events: () => this.followed.observer.eventsOf(this.followed.job).filter(({ involvedObject }) => involvedObject.uid === uid),
        changes: this.changes,
        tell: this.followed.tell,
      }, this.over));
    }
  }

  private tellConnection(): void {
    const { lost } = this.followed.observer.line;
    if (lost !== undefined && this.lost === undefined) {
      this.lost = Date.now();
      this.notice(`the cluster does not answer: ${lost}; the build goes on, and is taken up again when it does`);
    } else if (lost === undefined && this.lost !== undefined) {
      this.notice(`the cluster answers again, after ${Math.round((Date.now() - this.lost) / 1000)} s`);
      this.lost = undefined;
    }
  }

  /** The build's end, if it has one by now. */
  private async endNow(): Promise<BuildEnd | undefined> {
    const { observer } = this.followed;
    if (observer.line.givenUp) { return failed(connectionFailure(observer.line.lost!)); }
    const pushed = this.pods.find(({ object }) => kanikoEnded(object)?.exitCode === 0);
    if (pushed !== undefined) {
      await this.stories.get(pushed.object.metadata.uid)!.told;
      return pushedEnd(kanikoEnded(pushed.object)!.message);
    }
    const job = observer.job(this.followed.job);
    if (job !== undefined && (job.gone || conditionOf(job.object, 'Failed', 'FailureTarget') !== undefined)) {
      await this.waitForStories();
      return failed(failureOf(this.evidence()));
    }
    return this.failedByTrouble();
  }

  /** A trouble is told when it is first seen, and ends the build when it has lasted for longer than it may. */
  private failedByTrouble(): BuildEnd | undefined {
    const now = Date.now();
    for (const { name, notice, failure, patience } of troublesOf(this.evidence(), this.followed.nodePatience)) {
      const key = `${this.pods.at(-1)?.object.metadata.uid} ${name}`;
      const since = this.troubles.get(key);
      if (now - (since ?? now) >= patience) { return failed(failure); }
      if (since === undefined) {
        this.troubles.set(key, now);
        if (notice !== '') { this.notice(notice); }
      }
    }
    return undefined;
  }

  /** What the logs say matters to the failure's name, but a node that is gone may never send them. */
  private async waitForStories(): Promise<void> {
    const end = Date.now() + LOGS_MILLISECONDS;
    let told = false;
    void Promise.all([...this.stories.values()].map(story => story.told)).then(() => { told = true; this.changes.announce(); });
    while (!told && Date.now() < end && !this.over.aborted) { await this.changes.next(); }
  }

  private notice(message: string): void {
    this.followed.tell({ kind: 'notice', at: new Date(), message });
  }
}

function kanikoEnded(pod: Pod) {
  return statusesOf(pod).find(({ name }) => name === 'kaniko')?.state.terminated;
}

function connectionFailure(reason: string): Failure {
  return {
    cause: 'no-connection',
    message: `the cluster has not answered for 5 minutes: ${reason}`,
    remedy: 'the Job goes on without you, and its time to live removes it; look for it when the cluster answers again',
  };
}

function failed(failure: Failure): BuildEnd {
  return { outcome: 'failed', failure };
}
