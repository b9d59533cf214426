/** Taking samples: ways that take turns, programs of Node and others. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Measure, Row } from './benchmark';

/** The checkout. */
export const ROOT = join(__dirname, '..');

/** The most that a program which is measured may print. */
export const OUTPUT_BYTES = 64 * 1024 * 1024;

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)];
}

/** What one run of one way cost, by the measure's name. */
export type Sample = Readonly<Record<string, number>>;

/** Does one thing once. */
export type Way = () => Sample | Promise<Sample>;

export interface Turns {
  readonly runs: number;
  /**
   * Whether a round before those that count fills the file system's cache.
   * @default true
   */
  readonly warmUp?: boolean;
  /**
   * Whether each sample is told as it is taken, to who waits for minutes.
   * @default false
   */
  readonly tell?: boolean;
}

/**
 * Runs the ways of a group in turn, again and again, so that a busy machine slows all of them alike.
 * @returns a row a way
 */
export async function takeTurns(group: string, ways: Readonly<Record<string, Way>>, { runs, warmUp = true, tell = false }: Turns): Promise<Row[]> {
  const samples: Record<string, Record<string, number[]>> = Object.fromEntries(Object.keys(ways).map(subject => [subject, {}]));
  for (let run = warmUp ? -1 : 0; run < runs; run++) {
    for (const [subject, way] of Object.entries(ways)) {
      const sample = await way();
      if (tell) { console.error(`  ${group}, ${subject}${run < 0 ? ', warming up' : ''}: ${sampleText(sample)}`); }
      if (run < 0) { continue; }
      for (const [measure, value] of Object.entries(sample)) { (samples[subject][measure] ??= []).push(value); }
    }
  }
  return Object.entries(samples).map(([subject, all]) => ({ group, subject, samples: all }));
}

function sampleText(sample: Sample): string {
  return Object.entries(sample).map(([measure, value]) => `${measure} ${Number(value.toPrecision(4))}`).join(', ');
}

/** Works in a folder that is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `measureExpression` measures. Processor time: the wall's also holds what else the machine does. */
export const NODE_MEASURES: readonly Measure[] = [
  { name: 'processor time', unit: 's' }, { name: 'memory', unit: 'MiB' }, { name: 'modules', unit: 'count' },
];

/** Evaluates an expression in a fresh Node. @returns its processor time, and the whole process's peak memory and modules */
export function measureExpression(expression: string): Sample {
  const program = `
    const start = process.cpuUsage();
    ${expression};
    const { user, system } = process.cpuUsage(start);
    console.log(JSON.stringify({ 'processor time': (user + system) / 1e6, 'memory': process.resourceUsage().maxRSS / 1024,
      'modules': Object.keys(require.cache).length }));`;
  const result = spawnSync(process.execPath, ['-e', program], { cwd: ROOT, encoding: 'utf8' });
  if (result.status !== 0) { throw new Error(`${expression} failed:\n${result.stderr}`); }
  return JSON.parse(result.stdout.trim().split('\n').pop()!) as Sample;
}

/** What `measureProgram` measures, of the program and all that it starts. */
export const PROGRAM_MEASURES: readonly Measure[] = [
  { name: 'time', unit: 's' }, { name: 'processor time', unit: 's' }, { name: 'memory', unit: 'MiB' },
];

/** Bash tells processor time in milliseconds, GNU time only in hundredths of a second. */
const TIMED = 'TIMEFORMAT="%3U %3S"; { time "${@:2}" 2>&3; } 3>&2 2>"$1"';

/** Runs a program to its end. Node does not tell what a child needed: bash knows its time, GNU time its memory. */
export function measureProgram(command: readonly string[], cwd: string): Sample {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-bench-'));
  try {
    const [time, memory] = [join(folder, 'time'), join(folder, 'memory')];
    const start = performance.now();
    const result = spawnSync('/usr/bin/time', ['--format=%M', `--output=${memory}`, 'bash', '-c', TIMED, 'timed', time, ...command], {
      cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8',
    });
    const seconds = (performance.now() - start) / 1000;
    if (result.status !== 0) { throw new Error(`${command.join(' ')} failed:\n${result.stderr}`); }
    const [user, system] = readFileSync(time, 'utf8').split(' ').map(Number);
    return { 'time': seconds, 'processor time': user + system, 'memory': Number(readFileSync(memory, 'utf8')) / 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The version of an installed package. */
export function packageVersion(name: string): string {
  return (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}
