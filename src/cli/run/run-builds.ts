import { Engine, PlannedBuild } from './engine';
import { BuildEvent, TRACE_CONTAINER } from './event';
import { inPool } from './in-pool';
import { BuildView, Progress } from './progress';
import { BuildEnd } from './result';
import { FinishedBuild } from './run-result';
import { Timeline } from './timeline';
import { TraceLog } from './trace/trace-log';

/** How builds are to run. */
export interface RunOptions {
  /** How many at once. */
  readonly concurrency: number;
  /** Whether what was made stays. */
  readonly keep: boolean;
  /** Ends all builds. */
  readonly signal: AbortSignal;
}

/** Runs builds side by side; what each made is deleted when it is over. The answer is in the order of the builds. */
export async function runBuilds(engine: Engine, builds: readonly PlannedBuild[], progress: Progress, options: RunOptions): Promise<FinishedBuild[]> {
  const labels = buildLabels(builds);
  return inPool(builds, options.concurrency, async (build, index) => {
    const view: BuildView = { build, label: labels[index], timeline: new Timeline() };
    const end = options.signal.aborted ? { outcome: 'cancelled' as const } : await runOne(engine, view, progress, options);
    progress.ended(view, end);
    return { build, timeline: view.timeline, end };
  });
}

/** What builds are called beside each other: by name, and with the namespace where one name comes twice. */
export function buildLabels(builds: readonly PlannedBuild[]): string[] {
  const names = builds.map(({ name }) => name);
  return builds.map(({ name, namespace }) => names.indexOf(name) === names.lastIndexOf(name) ? name : `${namespace}/${name}`);
}

async function runOne(engine: Engine, view: BuildView, progress: Progress, { keep, signal }: RunOptions): Promise<BuildEnd> {
  let heard = Date.now();
  const trace = new TraceLog();
  const tell = (event: BuildEvent): void => {
    heard = Date.now();
    if ('container' in event && event.container === TRACE_CONTAINER) {
      if (event.kind === 'log') { trace.tell(event.line); }
      return;
    }
    progress.told(view, event, view.timeline.tell(event));
  };
  try {
    const end = await engine.build(view.build, tell, signal);
    // By this machine's clock only how long nothing was heard: the events have the cluster's.
    view.timeline.finish(end.outcome === 'pushed' ? 'done' : end.outcome, Date.now() - heard);
    view.timeline.refine(trace.spans);
    return end;
  } finally {
    if (!keep) { await remove(engine, view, progress); }
  }
}

async function remove(engine: Engine, { build, label }: BuildView, progress: Progress): Promise<void> {
  try {
    await engine.remove(build);
  } catch (error) {
    progress.note(`${label}: ${(error as Error).message}`);
  }
}
