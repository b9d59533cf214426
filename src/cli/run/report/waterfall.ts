import { BuildResult, ResultSpan } from '../run-result';

/** A row of a waterfall. */
export interface WaterfallRow {
  readonly label: string;
  /** A step of the phase above it. */
  readonly step: boolean;
  /** A phase that the steps below it make up. */
  readonly whole: boolean;
  /** In seconds after the build began. */
  readonly begin: number;
  readonly seconds: number;
  readonly kind: 'waiting' | 'working' | 'cached' | 'failed';
  readonly phase: ResultSpan['phase'];
}

/** A build's phases, each with its steps below it. */
export function waterfallRows({ spans }: BuildResult): WaterfallRow[] {
  const phases = spans.filter(({ kind }) => kind === 'phase');
  const steps = spans.filter(({ kind }) => kind === 'step');
  // Of a phase that comes twice, the later one that had begun. Clocks differ: what is a little early belongs to the first.
  const home = (step: ResultSpan) => {
    const same = phases.filter(({ phase }) => phase === step.phase);
    return same.filter(({ begin }) => begin <= step.begin).at(-1) ?? same[0];
  };
  return phases.flatMap(phase => {
    const own = steps.filter(step => home(step) === phase);
    return [{ ...rowOf(phase), whole: own.length > 0 }, ...own.map(rowOf)];
  });
}

function rowOf(span: ResultSpan): WaterfallRow {
  const { title, detail, number, kind, phase, begin, seconds, outcome, cached } = span;
  const failed = outcome !== 'done';
  return {
    label: `${number === undefined ? '' : `${number} `}${title}${detail === undefined ? '' : ` ${detail}`}`,
    step: kind === 'step',
    whole: false,
    begin,
    seconds,
    kind: failed ? 'failed' : cached === true ? 'cached' : phase === 'queued' || phase === 'scheduled' ? 'waiting' : 'working',
    phase,
  };
}

/** Round numbers of seconds for an axis: at most `most` of them, from 0 on. */
export function ticks(seconds: number, most: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const step = steps.find(candidate => seconds / candidate <= most) ?? Math.ceil(seconds / most / 3600) * 3600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}
