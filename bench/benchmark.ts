/** What a benchmark is, and what comes of one: rows of samples, and goals that they meet or miss. */
import { median } from './measure';

/** What is measured: a name for people, and how its figures are written. */
export interface Measure {
  readonly name: string;
  readonly unit: 's' | 'MiB' | 'bytes' | 'count';
}

/** One way to do something, with every sample that was taken. */
export interface Row {
  /** What the compared ways have in common, such as `1,000 builds`. */
  readonly group: string;
  /** The way. */
  readonly subject: string;
  /** By the measure's name. The n-th samples of a group's rows were taken in the same turn. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** Ways that are compared. */
export interface Table {
  readonly title: string;
  /** The subject that the ratios are to, in each group. */
  readonly baseline: string;
  readonly measures: readonly Measure[];
  readonly rows: readonly Row[];
  /**
   * How the first measure is drawn: a bar a row, or a line a subject over the number that a group's name begins with.
   * @default - not at all
   */
  readonly plot?: 'bars' | 'growth';
}

/** A figure and the most that it may be. */
export interface Goal {
  /** What the figure is, such as `processor time of 1,000 builds, ours / plain cdk8s-plus`. */
  readonly name: string;
  readonly value: number;
  readonly atMost: number;
}

export interface Outcome {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** What a reader has to know: what was left out, what holds a figure back, where the other way is better. */
  readonly notes?: readonly string[];
  /** What was compared with, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Options {
  /** How often each way is measured; by default each benchmark knows how many runs its noise needs. */
  readonly runs?: number;
}

/** What each says of itself. */
export interface Described {
  /** What `npm run bench -- <name>` takes. */
  readonly name: string;
  readonly title: string;
  /** What is measured against what, and why that is fair: a paragraph for `docs/benchmarks.md`. */
  readonly about: string;
  /** What this machine lacks, a sentence each with its remedy. */
  problems(): string[];
}

/** A benchmark of programs on this machine. */
export interface Benchmark extends Described {
  run(options: Options): Promise<Outcome>;
}

/** A row of a table. @throws if there is none */
export function rowOf({ title, rows }: Table, group: string, subject: string): Row {
  const row = rows.find(candidate => candidate.group === group && candidate.subject === subject);
  if (!row) { throw new Error(`"${title}" has no row "${subject}" of "${group}"`); }
  return row;
}

/** The median of a row's samples. */
export function middle(row: Row, measure: string): number {
  return median(row.samples[measure]);
}

/** The ratio of two rows' medians, in one group. */
export function ratio(table: Table, group: string, measure: string, subject: string, to = table.baseline): number {
  return middle(rowOf(table, group, subject), measure) / middle(rowOf(table, group, to), measure);
}
