import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

function bench(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [join(ROOT, 'node_modules/ts-node/dist/bin.js'), '-T', '-P', 'test/tsconfig.json', 'bench/main.ts', ...args],
    { cwd: ROOT, encoding: 'utf8' });
}

test('a name that no benchmark has, and a number of runs that is none, are refused before anything is measured', () => {
  const { status, stderr } = bench('laod', '--runs', '0');
  expect(status).toBe(2);
  expect(stderr).toMatch(/there is no benchmark 'laod'; there are load, synth, /);
  expect(stderr).toContain("--runs takes a number above 0, got '0'");
}, 60_000);
