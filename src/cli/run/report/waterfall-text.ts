import { waterfallRows } from './waterfall';
import { duration } from '../amounts';
import { Printable } from '../printable';
import { BuildResult } from '../run-result';
import { fit, width } from '../width';

const LABEL_COLUMNS = 44;
const CHART_COLUMNS = 48;

/** A waterfall of plain characters, for where no picture is shown; each line is at most 108 columns wide. */
export function waterfallText(build: BuildResult, printable: Printable): string {
  const scale = build.seconds === 0 ? 0 : CHART_COLUMNS / build.seconds;
  return waterfallRows(build).map(({ label, step, begin, seconds, kind }) => {
    const text = fit(printable(`${step ? '  ' : ''}${label}`), LABEL_COLUMNS);
    const from = Math.min(Math.floor(begin * scale), CHART_COLUMNS - 1);
    const columns = Math.max(1, Math.min(Math.round(seconds * scale), CHART_COLUMNS - from));
    const bar = (kind === 'waiting' || kind === 'cached' ? '░' : '█').repeat(columns);
    const mark = kind === 'failed' ? ' ✗' : kind === 'cached' ? ' from the cache' : '';
    return `${text}${' '.repeat(LABEL_COLUMNS - width(text))} ${duration(seconds).padStart(12)}  ${' '.repeat(from)}${bar}${mark}`;
  }).map(line => `${line}\n`).join('');
}
