import { escapeHtml } from './escape-html';
import { ticks, WaterfallRow, waterfallRows } from './waterfall';
import { duration } from '../amounts';
import { Printable } from '../printable';
import { BuildResult } from '../run-result';
import { fit } from '../width';

const WIDTH = 960;
const LABELS = 330;
const CHART = WIDTH - LABELS - 80;
const ROW = 22;
const TOP = 26;
const LABEL_CHARACTERS = 48;

/** A waterfall as a picture: a row a phase and step, time from left to right. Colours are the page's. */
export function waterfallSvg(build: BuildResult, printable: Printable): string {
  const rows = waterfallRows(build);
  const height = TOP + rows.length * ROW + 6;
  const x = (seconds: number) => Math.round((LABELS + (build.seconds === 0 ? 0 : seconds / build.seconds * CHART)) * 10) / 10;
  const grid = ticks(build.seconds, 8).map(second =>
    `<line class="grid" x1="${x(second)}" y1="${TOP - 6}" x2="${x(second)}" y2="${height}"/>`
    + `<text class="tick" x="${x(second)}" y="14">${second < 60 ? `${second} s` : duration(second)}</text>`);
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Where the time went">\n${
    [...grid, ...rows.map((row, index) => rowSvg(row, TOP + index * ROW, x, printable))].join('\n')}\n</svg>`;
}

function rowSvg(row: WaterfallRow, y: number, x: (seconds: number) => number, printable: Printable): string {
  const { label, step, whole, begin, seconds, kind, phase } = row;
  const text = printable(label);
  const bar = Math.max(1.5, x(begin + seconds) - x(begin));
  return `<g class="${kind} ${phase}${step ? ' step' : ''}${whole ? ' whole' : ''}"><title>${escapeHtml(text)}: ${duration(seconds)}</title>`
    + `<rect class="row" x="0" y="${y}" width="${WIDTH}" height="${ROW}"/>`
    + `<text x="${step ? 22 : 8}" y="${y + 15}">${escapeHtml(fit(text, step ? LABEL_CHARACTERS : LABEL_CHARACTERS - 6))}</text>`
    + `<rect class="bar" x="${x(begin)}" y="${y + 4}" width="${bar}" height="${ROW - 8}" rx="2"/>`
    + `<text class="time" x="${x(begin) + bar + 5}" y="${y + 15}">${duration(seconds)}${kind === 'cached' ? ' cached' : ''}</text></g>`;
}
