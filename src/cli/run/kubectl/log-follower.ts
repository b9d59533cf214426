import { setTimeout as sleep } from 'node:timers/promises';
import { address, ApiServer } from './api-server';
import { ClusterError } from './cluster-error';
import { LogPosition } from './log-position';
import { LONGEST_LINE } from '../event';

/** Which log. */
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** What a follower knows of its container, and whom it tells. */
export interface LogListener {
  readonly line: (at: Date, line: string) => void;
  readonly notice: (message: string) => void;
  /** Whether the container has ended, so that its log is whole. */
  readonly ended: () => boolean;
  /** Whether the pod is gone, and its logs with it. */
  readonly gone: () => boolean;
  /** Resolves when one of the two may have become so, or somewhat later. */
  readonly changed: () => Promise<void>;
}

/** Reads of a log that nobody can read any more: its node is lost, perhaps. */
const TRIES_AFTER_THE_END = 5;

/**
 * Tells a container's log to its end, each line once. A read that breaks off is taken up where it stopped; the log is
 * whole when a read has ended well that was begun after the container had ended. A kubelet looks once a second whether a
 * log that is being followed has ended, so one is read anew as soon as its container is known to have.
 */
export async function followLog(api: ApiServer, source: LogSource, listener: LogListener, signal: AbortSignal): Promise<void> {
  const position = new LogPosition();
  const take = (raw: string) => {
    const taken = position.take(raw);
    if (taken === undefined) { return; }
    if (taken.gap) { listener.notice(`lines of the log of ${source.container} are missing here: the node rotated it while the connection was lost`); }
    for (const piece of piecesOf(taken.line)) { listener.line(taken.at, piece); }
  };
  let failures = 0;
  while (!signal.aborted) {
    const whole = listener.ended();
    const since = position.begin();
    const reading = new AbortController();
    if (!whole) { void stopAtTheEnd(listener, reading); }
    try {
      const rest = await api.stream(path(source, since, !whole), take, AbortSignal.any([signal, reading.signal]));
      if (signal.aborted) { return; }
      if (whole) {
        if (rest !== '') { take(rest); }
        return;
      }
      failures = 0;
      if (!listener.ended()) { await listener.changed(); }
    } catch (error) {
      if (listener.gone()) { return; }
      if (whole && ++failures >= TRIES_AFTER_THE_END) {
        listener.notice(`the rest of the log of ${source.container} cannot be read: ${(error as ClusterError).message}`);
        return;
      }
      await sleep(1000, undefined, { signal }).catch(() => undefined);
    } finally {
      reading.abort();
    }
  }
}

function piecesOf(line: string): string[] {
  const count = Math.max(1, Math.ceil(line.length / LONGEST_LINE)); // an empty line is one too
  return Array.from({ length: count }, (_, index) => line.slice(index * LONGEST_LINE, (index + 1) * LONGEST_LINE));
}

/** Stops reading when the container has ended. */
async function stopAtTheEnd(listener: LogListener, reading: AbortController): Promise<void> {
  while (!listener.ended() && !reading.signal.aborted) { await listener.changed(); }
  reading.abort();
}

function path({ namespace, pod, container }: LogSource, since: string | undefined, follow: boolean): string {
  return address(`/api/v1/namespaces/${namespace}/pods/${pod}/log`, {
    container, timestamps: 'true', ...follow ? { follow: 'true' } : {}, ...since === undefined ? {} : { sinceTime: since },
  });
}
