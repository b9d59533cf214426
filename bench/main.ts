/**
 * `npm run bench [-- [<name> …] [--runs N] [--json FILE] [--record] [--render]]`: measures, prints a table each, and
 * ends with 1 where a goal is missed. docs/benchmarks.md says more, and is written here.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Benchmark, Described, Options, Outcome } from './benchmark';
import { clone } from './clone';
import { CLUSTER_BENCHMARKS, runOnCluster } from './cluster';
import { downloads } from './downloads';
import { load } from './load';
import { ROOT } from './measure';
import { markdown } from './report/markdown';
import { plot } from './report/plots';
import { terminalText } from './report/terminal';
import { goalText, isMet } from './report/text';
import { machine, merged, Result } from './result';
import { synth } from './synth';
import { terraform } from './terraform';

const LOCAL: readonly Benchmark[] = [load, synth, terraform, clone, downloads];
const BENCHMARKS: readonly Described[] = [...LOCAL, ...CLUSTER_BENCHMARKS];
const KEPT = join(__dirname, 'results.json');
const PAGE = join(ROOT, 'docs/benchmarks.md');
const PLOTS = join(ROOT, 'docs/benchmarks');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string' }, json: { type: 'string' }, record: { type: 'boolean' }, render: { type: 'boolean' } },
  });
  if (values.render) {
    render(kept());
    return 0;
  }
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  const chosen = positionals.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => positionals.includes(name));
  const problems = [
    ...positionals.filter(name => !BENCHMARKS.some(benchmark => benchmark.name === name))
      .map(name => `there is no benchmark '${name}'; there are ${BENCHMARKS.map(benchmark => benchmark.name).join(', ')}`),
    ...runs !== undefined && !(Number.isInteger(runs) && runs > 0) ? [`--runs takes a number above 0, got '${values.runs}'`] : [],
    ...chosen.flatMap(benchmark => benchmark.problems().map(problem => `${benchmark.name}: ${problem}`)),
  ];
  if (problems.length > 0) {
    problems.forEach(problem => console.error(`bench: ${problem}`));
    return 2;
  }
  const { results, unmeasured } = await measure(chosen, { runs });
  if (values.json !== undefined) { writeJson(values.json, results); }
  if (values.record) {
    const all = merged(kept(), results, BENCHMARKS.map(({ name }) => name));
    writeJson(KEPT, all);
    render(all);
  }
  const missed = results.flatMap(({ name, goals }) => goals.filter(goal => !isMet(goal)).map(goal => `${name}: ${goalText(goal)}`));
  unmeasured.forEach(name => console.error(`bench: ${name} was not measured; the reason stands above`));
  missed.forEach(goal => console.error(`bench: goal missed: ${goal}`));
  return unmeasured.length + missed.length > 0 ? 1 : 0;
}

/** Runs benchmarks one after another, those on the cluster last. */
async function measure(benchmarks: readonly Described[], options: Options): Promise<{ results: Result[]; unmeasured: string[] }> {
  const results: Result[] = [];
  const finish = (name: string, outcome: Outcome) => {
    results.push({ name, machine: machine(), date: new Date().toISOString().slice(0, 10), ...outcome });
    process.stdout.write(terminalText(results[results.length - 1]));
  };
  for (const benchmark of LOCAL.filter(local => benchmarks.includes(local))) { finish(benchmark.name, await benchmark.run(options)); }
  const onCluster = CLUSTER_BENCHMARKS.filter(benchmark => benchmarks.includes(benchmark)).map(({ name }) => name);
  const outcomes = onCluster.length > 0 ? await runOnCluster(onCluster, options) : {};
  Object.entries(outcomes).forEach(([name, outcome]) => finish(name, outcome));
  return { results, unmeasured: onCluster.filter(name => !(name in outcomes)) };
}

/** The results of the runs before. */
function kept(): Result[] {
  return existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) as Result[] : [];
}

function writeJson(file: string, results: readonly Result[]): void {
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
}

/** Writes the page and its plots. */
function render(results: readonly Result[]): void {
  mkdirSync(PLOTS, { recursive: true });
  readdirSync(PLOTS).forEach(name => rmSync(join(PLOTS, name)));
  writeFileSync(PAGE, markdown(BENCHMARKS, results, (name, index) => {
    const svg = plot(results.find(result => result.name === name)!.tables[index]);
    if (svg === undefined) { return undefined; }
    const file = join(PLOTS, `${name}-${index + 1}.svg`);
    writeFileSync(file, svg);
    return relative(join(ROOT, 'docs'), file);
  }));
}

main().then(code => { process.exitCode = code; }, (error: Error) => {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
});
