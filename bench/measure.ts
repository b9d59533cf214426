/** What the benchmarks of the Kubernetes half share: programs that take turns, medians, a table, a goal. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What one process needed for one piece of work. Processor time: the wall's also holds what else the machine does. */
export interface Run { readonly cpuMilliseconds: number; readonly mebibytes: number; readonly modules: number }

/** A ratio and the most that it may be. */
export interface Goal { readonly name: string; readonly ratio: number; readonly atMost: number }

/**
 * Runs each program in a fresh Node, in turn, so that a busy machine slows all of them alike. A program is an expression
 * that is measured, after a preparation that is not.
 */
export function takeTurns(
  programs: { [name: string]: { readonly before?: string; readonly work: string } }, runs: number,
): { [name: string]: Run[] } {
  const names = Object.keys(programs);
  const results: { [name: string]: Run[] } = Object.fromEntries(names.map(name => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const name of names) {
      const result = runOnce(name, programs[name].before ?? '', programs[name].work);
      // The first fills the file system's cache.
      if (run >= 0) { results[name].push(result); }
    }
  }
  return results;
}

function runOnce(name: string, before: string, work: string): Run {
  const program = `${before};
    const start = process.cpuUsage();
    ${work};
    const { user, system } = process.cpuUsage(start);
    console.log(JSON.stringify({ cpuMilliseconds: (user + system) / 1e3, mebibytes: process.resourceUsage().maxRSS / 1024,
      modules: Object.keys(require.cache).length }));`;
  const result = spawnSync(process.execPath, ['-e', program], { cwd: join(__dirname, '..'), encoding: 'utf8' });
  if (result.status !== 0) { throw new Error(`${name} failed:\n${result.stderr}`); }
  return JSON.parse(result.stdout.trim().split('\n').pop()!);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Prints medians, spread and goals, and lets the process fail where a goal is missed. */
export function report(name: string, results: { [name: string]: Run[] }, goals: readonly Goal[], json: boolean): void {
  const rows = Object.entries(results).map(([program, runs]) => {
    const times = runs.map(run => run.cpuMilliseconds);
    return {
      'program': program,
      'cpu ms': Math.round(median(times)),
      'from': Math.round(Math.min(...times)),
      'to': Math.round(Math.max(...times)),
      'MiB': Math.round(median(runs.map(run => run.mebibytes))),
      'modules': median(runs.map(run => run.modules)),
    };
  });
  if (json) {
    console.log(JSON.stringify({ name, node: process.version, rows, goals }));
  } else {
    console.table(rows);
    for (const { name: goal, ratio, atMost } of goals) {
      console.log(`${goal}: ${ratio.toFixed(2)} (goal: at most ${atMost}${ratio > atMost ? ', MISSED' : ''})`);
    }
  }
  if (goals.some(({ ratio, atMost }) => ratio > atMost)) { process.exitCode = 1; }
}

/** The ratio of two programs' medians. */
export function ratioOf(results: { [name: string]: Run[] }, dividend: string, divisor: string): number {
  return median(results[dividend].map(run => run.cpuMilliseconds)) / median(results[divisor].map(run => run.cpuMilliseconds));
}
