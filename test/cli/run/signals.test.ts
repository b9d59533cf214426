import { ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leastYaml } from '../../parameters/base';

// A process of its own, with an engine that says what it does and waits: what signals do cannot be seen from within.
const CHILD = join(__dirname, 'signalled-child.ts');
const ROOT = join(__dirname, '..', '..', '..');

interface Ended { readonly code: number | null; readonly signal: string | null; readonly told: string }

/** Runs the child; `act` is called with it each time it has told something. */
function run(mode: string, act: (child: ChildProcess, told: string) => void, deleted = 'unused'): Promise<Ended> {
  const child = spawn(process.execPath, [require.resolve('ts-node/dist/bin'), '-T', '-P', join(ROOT, 'test/tsconfig.json'), CHILD, mode, deleted],
    { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
  let told = '';
  const note = (chunk: Buffer) => {
    told += chunk.toString();
    act(child, told);
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  child.stdin.end(leastYaml());
  return new Promise(resolve => child.on('close', (code, signal) => resolve({ code, signal, told })));
}

/** Sends signals, each once what was told so far has its mark. */
function sending(...signals: [mark: string, signal: NodeJS.Signals][]): (child: ChildProcess, told: string) => void {
  const left = [...signals];
  return (child, told) => {
    if (left.length > 0 && told.includes(left[0][0])) { child.kill(left.shift()![1]); }
  };
}

test('a signal ends the process with its exit code when all is deleted', async () => {
  const ended = await run('willing', sending(['building', 'SIGTERM']));
  expect(ended).toMatchObject({ code: 143, signal: null });
  expect(ended.told).toContain('deleted');
}, 60_000);

test('a second signal ends the process at once, although deleting takes forever', async () => {
  const ended = await run('stubborn', sending(['building', 'SIGINT'], ['deleting', 'SIGTERM']));
  expect(ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  expect(ended.told).not.toContain('deleted');
}, 60_000);

// So the agent of a cancelled pipeline leaves its script; the template's last step sends the signal.
test('a reader that is gone ends the process too, and one signal behind it does not keep it from deleting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signals-'));
  const deleted = join(folder, 'deleted');
  const ended = await run('talkative', (child, told) => {
    if (!told.includes('a line') || child.stderr!.destroyed) { return; }
    child.stdout!.destroy();
    child.stderr!.destroy();
    setTimeout(() => child.kill('SIGTERM'), 500);
  }, deleted);
  expect([ended.code, ended.signal, existsSync(deleted)]).toEqual([129, null, true]);
  rmSync(folder, { recursive: true });
}, 60_000);
