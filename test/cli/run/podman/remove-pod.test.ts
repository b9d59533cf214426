import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PodmanDouble } from './podman-double';

jest.setTimeout(120_000); // programs are begun, and the machine may be busy

const PROGRAM = resolve(__dirname, '../../../../assets/remove-pod.sh');

/** Starts the program, does something to it, and waits for its end. */
async function remove(double: PodmanDouble, label: string | undefined, act: (program: ReturnType<typeof spawn>) => void) {
  const folder = join(double.temporary, 'a folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'secret'), 'geheim');
  const program = spawn('sh', [PROGRAM, double.podman.program, folder, ...label === undefined ? [] : [label]], { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  program.stdout.on('data', (data: Buffer) => { out += data.toString(); });
  act(program);
  const code = await new Promise(done => { program.once('close', done); });
  return { code, out, folder: existsSync(folder) };
}

const PODS = { 'pod ps *': { out: 'one\ntwo' }, 'volume ls *': { out: 'files' } };

test('removes what has the label when it is told to', async () => {
  const double = new PodmanDouble(PODS);
  expect(await remove(double, 'l=1', program => program.stdin!.end('remove\n'))).toEqual({ code: 0, out: '', folder: false });
  expect(double.calls).toEqual(['pod ps --quiet --filter label=l=1', 'pod rm --force --time 0 one', 'pod rm --force --time 0 two',
    'volume ls --quiet --filter label=l=1', 'volume rm --force files']);
});

test('removes it too when the program on the other end is gone, and takes no signal for an answer', async () => {
  const double = new PodmanDouble(PODS);
  const removed = await remove(double, 'l=1', program => {
    (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).forEach(signal => setTimeout(() => program.kill(signal), 200));
    setTimeout(() => program.stdin!.destroy(), 400);
  });
  expect(removed).toMatchObject({ code: 0, folder: false });
  expect(double.calls).toContain('volume rm --force files');
});

test('removes the folder alone without a label', async () => {
  const double = new PodmanDouble(PODS);
  expect(await remove(double, undefined, program => program.stdin!.end('remove\n'))).toEqual({ code: 0, out: '', folder: false });
  expect(double.calls).toEqual([]);
});

test('goes on where something cannot be removed, and says what podman says', async () => {
  const double = new PodmanDouble({ ...PODS, 'pod rm * one': { err: 'Error: one is stuck\n', exitCode: 125 } });
  expect(await remove(double, 'l=1', program => program.stdin!.end('remove\n'))).toEqual({ code: 1, out: 'Error: one is stuck\n', folder: false });
  expect(double.calls).toContain('pod rm --force --time 0 two');
});
