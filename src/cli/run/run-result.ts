import { PlannedBuild } from './engine';
import { BuildEnd, EXIT_CODES, Failure } from './result';
import { PhaseName, Span, SpanOutcome, Timeline } from './timeline';
import { parseImageReference } from '../../checks';
import { Signal, SIGNALS } from '../command';

/** How the whole of `cdk-kaniko run` ended: the last line of `--output json`, and what `--report x.json` holds. */
export interface RunResult {
  readonly kind: 'result';
  /** `pushed` only where every image was. */
  readonly outcome: BuildEnd['outcome'];
  readonly seconds: number;
  /** What kept all builds from beginning; none of them ran. */
  readonly failures?: readonly Failure[];
  /** The builds, in the order of the files. */
  readonly builds: readonly BuildResult[];
}

/** How one build ended. */
export interface BuildResult {
  /** The Job's name. */
  readonly name: string;
  readonly namespace: string;
  readonly outcome: BuildEnd['outcome'];
  /** The first destination, with its tag. */
  readonly image: string;
  readonly destinations: readonly string[];
  /** Where it was pushed, as `sha256:…`. */
  readonly digest?: string;
  /** The first destination by digest: what to deploy. */
  readonly reference?: string;
  readonly seconds: number;
  /** How long the build was in each phase; they add up to the whole. */
  readonly phases: readonly { readonly name: PhaseName; readonly seconds: number }[];
  /** Phases and steps as they came. */
  readonly spans: readonly ResultSpan[];
  readonly failure?: Failure;
}

/** A phase, or a step of one. */
export interface ResultSpan {
  readonly kind: 'phase' | 'step';
  readonly phase: PhaseName;
  readonly title: string;
  readonly detail?: string;
  /** Which instruction of the Dockerfile it is, from 1. */
  readonly number?: number;
  /** When it began, in seconds after the build did. */
  readonly begin: number;
  readonly seconds: number;
  readonly outcome: SpanOutcome;
  /** Whether its layer came from the cache. */
  readonly cached?: boolean;
}

/** A build, its end and the times in between. */
export interface FinishedBuild {
  readonly build: PlannedBuild;
  readonly timeline: Timeline;
  readonly end: BuildEnd;
}

/** The result of all builds. */
export function runResult(finished: readonly FinishedBuild[], seconds: number): RunResult {
  const builds = finished.map(buildResult);
  const outcomes = builds.map(({ outcome }) => outcome);
  const outcome = outcomes.includes('cancelled') ? 'cancelled' : outcomes.includes('failed') ? 'failed' : 'pushed';
  return { kind: 'result', outcome, seconds: rounded(seconds), builds };
}

/** The result where nothing began. */
export function refusedResult(builds: readonly PlannedBuild[], failures: readonly Failure[], seconds: number): RunResult {
  const notBegun = builds.map(build => buildResult({ build, timeline: new Timeline(), end: { outcome: 'cancelled' } }));
  return { kind: 'result', outcome: 'failed', seconds: rounded(seconds), failures, builds: notBegun };
}

/** The process's exit code: the signal's, else that of the first failure in the order of the files. */
export function exitCode(result: RunResult, signal: Signal | undefined): number {
  if (signal !== undefined) { return SIGNALS[signal]; }
  const failure = result.failures?.[0] ?? result.builds.find(build => build.failure !== undefined)?.failure;
  if (failure !== undefined) { return EXIT_CODES[failure.cause]; }
  return result.outcome === 'pushed' ? 0 : SIGNALS.SIGINT;
}

function buildResult({ build, timeline, end }: FinishedBuild): BuildResult {
  const [image] = build.destinations;
  return {
    name: build.name,
    namespace: build.namespace,
    outcome: end.outcome,
    image,
    destinations: build.destinations,
    ...end.outcome === 'pushed' ? { digest: end.digest, reference: byDigest(image, end.digest) } : {},
    seconds: rounded(timeline.seconds),
    phases: phaseSums(timeline.phases),
    spans: [
      ...timeline.phases.map(span => resultSpan('phase', span, timeline)),
      ...timeline.steps.map(span => resultSpan('step', span, timeline)),
    ].sort((a, b) => a.begin - b.begin),
    ...end.outcome === 'failed' ? { failure: end.failure } : {},
  };
}

function byDigest(destination: string, digest: string): string {
  const { registry, path } = parseImageReference(destination)!;
  return `${registry}/${path}@${digest}`;
}

function phaseSums(phases: readonly Span[]): { name: PhaseName; seconds: number }[] {
  const sums = new Map<PhaseName, number>();
  for (const span of phases) { sums.set(span.phase, (sums.get(span.phase) ?? 0) + secondsOf(span)); }
  return [...sums].map(([name, seconds]) => ({ name, seconds: rounded(seconds) }));
}

function resultSpan(kind: 'phase' | 'step', span: Span, timeline: Timeline): ResultSpan {
  const { phase, title, detail, number, begin, outcome, cached } = span;
  const after = (begin.getTime() - timeline.phases[0].begin.getTime()) / 1000;
  return { kind, phase, title, detail, number, begin: rounded(after), seconds: rounded(secondsOf(span)), outcome, cached };
}

function secondsOf({ begin, end }: Span): number {
  return ((end ?? begin).getTime() - begin.getTime()) / 1000;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
