import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstalledKubectl, saidFor } from '../../../../src/cli/run/kubectl/kubectl';

const never = new AbortController().signal;

let folder: string;
const { PATH } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  process.env.PATH = `${folder}:${PATH}`;
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** A kubectl of a few lines of shell. */
function kubectl(script: string): InstalledKubectl {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
  return new InstalledKubectl({ kubeconfig: '/home/user/kube config', context: 'builds' });
}

test('hands the user\'s cluster and each argument on as they are', async () => {
  expect((await kubectl('printf "[%s]" "$@"').run(['get', '--output=$(id)'], never)).output).toBe(
    '[--kubeconfig=/home/user/kube config][--context=builds][--request-timeout=30s][get][--output=$(id)]');
});

test('answers what was printed beside an error', async () => {
  expect(await kubectl('echo found; echo "Error from server (NotFound): no" >&2; exit 1').run(['get'], never)).toEqual({ output: 'found\n', errors: 'Error from server (NotFound): no\n' });
});

test('ends by the signal, although a plugin of it waits for somebody to log in', async () => {
  const abort = new AbortController();
  const waiting = kubectl('tail -f /dev/null & echo $! >"$0.pid.new"; mv "$0.pid.new" "$0.pid"; wait').run(['get'], abort.signal);
  while (!existsSync(join(folder, 'kubectl.pid'))) { await new Promise(resolve => { setTimeout(resolve, 20); }); }
  abort.abort();
  expect(await waiting).toEqual({ output: '', errors: '' });
  process.kill(Number(readFileSync(join(folder, 'kubectl.pid'), 'utf8')));
});

test('answers when it has ended, although a login has left something behind that keeps its outputs open', async () => {
  const { output, errors } = await kubectl('tail -f /dev/null & echo $!; echo said >&2').run(['get'], never);
  expect(errors).toBe('said\n');
  process.kill(Number(output));
});

test('prints nothing where there is no kubectl', async () => {
  process.env.PATH = folder;
  expect(await new InstalledKubectl({}).run(['get'], never)).toEqual({ output: '', errors: '' });
});

test.each([
  ['error: context "nope" does not exist\n', 'context "nope" does not exist'],
  ['Warning: old\nE1123 12:00:00.000000   1 proxy_server.go:147] "Error"\nplease log in\nplease log in\n', 'please log in'],
])('of %j a person is told %j', (text, said) => {
  expect(saidFor(text)).toBe(said);
});
