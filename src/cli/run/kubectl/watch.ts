import { setTimeout as sleep } from 'node:timers/promises';
import { address, ApiServer } from './api-server';
import { ClusterError } from './cluster-error';
import { Connection } from './connection';
import { KubernetesObject } from './objects';

/** A watch is begun anew now and then: one whose line has died in silence would tell nothing for ever. */
const WATCH_SECONDS = 120;

const LONGEST_PAUSE_MILLISECONDS = 10_000;

/** What is watched. */
export interface Watched {
  /** Of the list, such as `/api/v1/namespaces/builds/pods`. */
  readonly path: string;
  /** Of the list and the watch. */
  readonly query: Readonly<Record<string, string>>;
  /** Of the first list, where another one; the watch begins where that was. */
  readonly firstQuery?: Readonly<Record<string, string>>;
  /** Whether it can be done without, where the user may not read it: then nothing is there. */
  readonly optional?: boolean;
}

/** Who is told what is there, and what becomes of it. */
export interface Watcher<T> {
  /** All that is there; told first, and again after changes may have been missed. */
  list(objects: readonly T[]): void;
  change(object: T, gone: boolean): void;
}

/**
 * Watches objects until the signal: lists, watches from there on, and lists again where the connection was lost or the
 * API server has forgotten the place.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function watch<T extends KubernetesObject>(
  api: ApiServer, { path, query, firstQuery = query, optional = false }: Watched, watcher: Watcher<T>, connection: Connection, signal: AbortSignal,
): Promise<void> {
  let listQuery = firstQuery;
  let version: string | undefined;
  let pause = 500;
  while (!signal.aborted) {
    const begin = Date.now();
    try {
      if (version === undefined) {
        const list = await api.request('GET', address(path, listQuery)) as List<T>;
        if (signal.aborted) { break; }
        version = list.metadata.resourceVersion;
        listQuery = query;
        connection.works(watcher);
        watcher.list(list.items);
      }
      const watching = { ...query, watch: 'true', allowWatchBookmarks: 'true', resourceVersion: version, timeoutSeconds: String(WATCH_SECONDS) };
      const dropped = new AbortController();
      await api.stream(address(path, watching), line => {
        if (dropped.signal.aborted) { return; }
        const change = changeIn<T>(line);
        version = change?.object.metadata.resourceVersion;
        if (change === undefined) { dropped.abort(); } else if (change.type !== 'BOOKMARK') { watcher.change(change.object, change.type === 'DELETED'); }
      }, AbortSignal.any([signal, dropped.signal]));
    } catch (error) {
      const { message, reason } = error as ClusterError;
      if (optional && reason === 'Forbidden') {
        watcher.list([]);
        break;
      }
      version = undefined;
      if (!signal.aborted) { connection.failed(watcher, message); }
    }
    pause = Date.now() - begin > LONGEST_PAUSE_MILLISECONDS ? 500 : Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  connection.works(watcher);
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

interface Change<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/** What a line of a watch tells; undefined for an error and for what is no line of a watch, such as the text of a proxy on the way. */
function changeIn<T extends KubernetesObject>(line: string): Change<T> | undefined {
  try {
    const said = JSON.parse(line) as { readonly type: string; readonly object: T };
    return said.type === 'ERROR' || said.object.metadata === undefined ? undefined : said as Change<T>;
  } catch {
    return undefined;
  }
}
