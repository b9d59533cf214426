import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstalledKubectl, saidFor } from '../../../../src/cli/run/kubectl/kubectl';

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
  expect((await kubectl('printf "[%s]" "$@"').run(['get', '--output=$(id)'])).output).toBe(
    '[--kubeconfig=/home/user/kube config][--context=builds][--request-timeout=30s][get][--output=$(id)]');
});

test('answers what was printed beside an error', async () => {
  expect(await kubectl('echo found; echo "Error from server (NotFound): no" >&2; exit 1').run(['get'])).toEqual({ output: 'found\n', errors: 'Error from server (NotFound): no\n' });
});

test('prints nothing where there is no kubectl', async () => {
  process.env.PATH = folder;
  expect(await new InstalledKubectl({}).run(['get'])).toEqual({ output: '', errors: '' });
});

test.each([
  ['error: context "nope" does not exist\n', 'context "nope" does not exist'],
  ['Warning: old\nE1123 12:00:00.000000   1 proxy_server.go:147] "Error"\nplease log in\nplease log in\n', 'please log in'],
])('of %j a person is told %j', (text, said) => {
  expect(saidFor(text)).toBe(said);
});
