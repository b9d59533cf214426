/**
 * What the Azure half costs: loading it and synthesizing a stack, against the same resources written plainly with
 * deep imports and with the provider's root import. Every figure is of a whole Node process; the programs take
 * turns, so that a busy machine slows all of them alike. Needs a compiled library.
 *
 * Usage: ts-node bench/azure-synth.ts [--runs 15] [--json]
 * Fails where ours needs more than 1.1 times the processor time of the plain program, or declares other resources.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';

const GOAL = 1.1;
const FILE_BYTES = 4 * 1024 * 1024;

interface Run { readonly seconds: number; readonly cpuSeconds: number; readonly modules: number; readonly mebibytes: number }

const PROGRAMS: { [name: string]: { readonly script: string; readonly from?: string } } = {
  'ours': { script: 'ours.js' },
  'plain, deep imports': { script: 'plain.js' },
  'plain, root import': { script: 'plain.js', from: 'root' },
};

// Runs in the measured process, around the program.
const PROBE = `
  const [, script] = process.argv; require(script);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ seconds: performance.now() / 1e3, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    modules: Object.keys(require.cache).length, mebibytes: maxRSS / 1024 }));`;

function run(program: string, outdir: string, file: string): Run {
  const { script, from } = PROGRAMS[program];
  const args = ['-e', PROBE, join(__dirname, 'azure-synth', script), outdir, file, ...from === undefined ? [] : [from]];
  const result = spawnSync(process.execPath, args, { cwd: __dirname, encoding: 'utf8' });
  if (result.status !== 0) { throw new Error(`${program} failed:\n${result.stderr}`); }
  return JSON.parse(result.stdout.trim().split('\n').pop()!);
}

/** The attributes of all resources and outputs, whatever they are called: what both programs must have in common. */
function resources(outdir: string): unknown {
  const { resource, provider, output } = JSON.parse(readFileSync(join(outdir, 'stacks/builds/cdk.tf.json'), 'utf8'));
  const attributes = Object.entries<any>(resource).map(([type, all]) => [type, Object.values<any>(all).map(({ '//': _, ...rest }) => rest)]);
  const values = Object.entries<any>(output).map(([name, { value }]) => [name, value]);
  const text = JSON.stringify({ attributes: attributes.sort(), values: values.sort(), provider });
  // References and asset folders hold the constructs' names, which differ.
  return JSON.parse(text.replace(/azurerm_(\w+?)\.[-\w]+(\.\w+)?/g, 'azurerm_$1$2').replace(/assets\/[-\w]+\//g, 'assets/'));
}

function median(values: number[]): number { return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]; }

function main(): void {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' }, json: { type: 'boolean', default: false } } });
  const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-bench-'));
  try {
    const file = join(folder, 'tool');
    writeFileSync(file, Buffer.alloc(FILE_BYTES, 'x'));
    const names = Object.keys(PROGRAMS);
    const outdirs = names.map((_, i) => join(folder, String(i)));
    names.forEach((name, i) => run(name, outdirs[i], file));
    outdirs.slice(1).forEach((outdir, i) => {
      if (!isDeepStrictEqual(resources(outdirs[0]), resources(outdir))) {
        throw new Error(`ours and "${names[i + 1]}" declare different resources; a comparison would say nothing`);
      }
    });

    const runs: { [name: string]: Run[] } = Object.fromEntries(names.map(name => [name, []]));
    for (let n = 0; n < Number(values.runs); n++) { names.forEach((name, i) => runs[name].push(run(name, outdirs[i], file))); }

    const rows = names.map(name => ({
      'program': name,
      'cpu s': median(runs[name].map(({ cpuSeconds }) => cpuSeconds)),
      'wall s': median(runs[name].map(({ seconds }) => seconds)),
      'modules': median(runs[name].map(({ modules }) => modules)),
      'MiB': median(runs[name].map(({ mebibytes }) => mebibytes)),
    }));
    const ratio = rows[0]['cpu s'] / rows[1]['cpu s'];
    if (values.json) {
      console.log(JSON.stringify({ name: 'azure-synth', runs: Number(values.runs), node: process.version, ratio, goal: GOAL, rows }));
    } else {
      console.table(rows.map(row => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? +value.toFixed(3) : value]))));
      console.log(`ours / plain, processor time: ${ratio.toFixed(3)} (goal: at most ${GOAL})`);
    }
    if (ratio > GOAL) { process.exitCode = 1; }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
