/** Figures as people read them. */
import { Goal, Measure, Row, Table } from '../benchmark';
import { median } from '../measure';

/** Three digits that mean something, without an exponent. */
function digits(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(Math.abs(value) < 1 ? 2 : 3);
}

/** A figure with its unit. */
export function figure(value: number, { unit }: Measure): string {
  switch (unit) {
    case 's': return value < 1 ? `${Math.round(value * 1000)} ms` : `${digits(value)} s`;
    case 'MiB': return `${Math.round(value).toLocaleString('en')} MiB`;
    case 'bytes': return value < 1000 ? `${Math.round(value)} B` : value < 1e6 ? `${digits(value / 1e3)} kB` : `${digits(value / 1e6)} MB`;
    case 'count': return Math.round(value).toLocaleString('en');
  }
}

/** Median and spread: `1.2 s (1.1 s–1.4 s)`. */
export function spread(values: readonly number[], write: (value: number) => string): string {
  const [from, middle, to] = [Math.min(...values), median(values), Math.max(...values)].map(write);
  return from === to ? middle : `${middle} (${from}–${to})`;
}

/** A ratio: two digits behind the point, or two that mean something where these are none. */
export function times(value: number): string {
  return value >= 10 ? digits(value) : value >= 0.1 || value === 0 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

/** The ratio of medians, and how far the ratios of single turns lie apart. */
export function ratioText(row: Row, base: Row, measure: string): string {
  const own = row.samples[measure];
  const others = base.samples[measure];
  const turns = own.slice(0, others.length).map((value, turn) => value / others[turn]);
  const [from, middle, to] = [Math.min(...turns), median(own) / median(others), Math.max(...turns)].map(times);
  return from === to ? middle : `${middle} (${from}–${to})`;
}

/** A table's header and rows: ratios first. Where it has groups, each row names its own. */
export function cells(table: Table): string[][] {
  const { measures, baseline, rows } = table;
  const groups = new Set(rows.map(({ group }) => group)).size > 1;
  const header = [...groups ? [''] : [], '', ...measures.map(({ name }) => `${name}, ratio`), ...measures.map(({ name }) => name), 'runs'];
  return [header, ...rows.map(row => {
    const base = rows.find(({ group, subject }) => group === row.group && subject === baseline)!;
    const measured = measures.filter(({ name }) => row.samples[name] !== undefined);
    const cell = (write: (measure: Measure) => string) => measures.map(measure => measured.includes(measure) ? write(measure) : '');
    return [
      ...groups ? [row.group] : [],
      row.subject,
      ...cell(({ name }) => row === base ? '1' : base.samples[name] === undefined ? '' : ratioText(row, base, name)),
      ...cell(measure => spread(row.samples[measure.name], value => figure(value, measure))),
      String(Math.max(...Object.values(row.samples).map(({ length }) => length))),
    ];
  })];
}

/** Whether a goal is met. */
export function isMet({ value, atMost }: Goal): boolean {
  return value <= atMost;
}

/** A goal in a line. */
export function goalText(goal: Goal): string {
  return `${goal.name}: ${times(goal.value)}, at most ${Number(goal.atMost.toPrecision(3))}`;
}
