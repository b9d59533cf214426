import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstalledKubectl, kubectlError, KubectlError } from '../../../../src/cli/run/kubectl/kubectl';

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

const never = new AbortController().signal;

test('hands the user\'s cluster, each argument and the input on as they are', async () => {
  const printing = kubectl('printf "[%s]" "$@"; cat');
  expect(await printing.run(['create', '--raw=/x?a=b&c=$(id)', '--filename=-'], '{"a":1}')).toBe(
    '[--kubeconfig=/home/user/kube config][--context=builds][--request-timeout=30s][create][--raw=/x?a=b&c=$(id)][--filename=-]{"a":1}');
});

test('tells whole lines, wherever the pipe cuts them, and what stands behind the last one', async () => {
  const lines: string[] = [];
  const rest = await kubectl('printf "one\\r\\ntw"; sleep 0.2; printf "o \\303"; sleep 0.2; printf "\\244\\n\\nrest"').follow(['logs'], line => lines.push(line), never);
  expect([lines, rest]).toEqual([['one\r', 'two ä', ''], 'rest']);
});

test('is stopped by the signal, without an error', async () => {
  const abort = new AbortController();
  const lines: string[] = [];
  await kubectl('echo $$; exec sleep 600').follow(['logs'], line => { lines.push(line); abort.abort(); }, abort.signal);
  expect(() => process.kill(Number(lines[0]), 0)).toThrow('ESRCH');
});

test('says what the server said, and by which reason', async () => {
  const failing = kubectl('echo "Warning: old" >&2; echo "Error from server (NotFound): jobs.batch \\"x\\" not found" >&2; exit 1');
  await expect(failing.run(['get'])).rejects.toMatchObject({ message: 'jobs.batch "x" not found', reason: 'NotFound', missing: false });
  await expect(failing.follow(['get'], () => undefined, never)).rejects.toMatchObject({ reason: 'NotFound' });
});

test('keeps what was printed beside an error', async () => {
  await expect(kubectl('echo found; echo "error: no" >&2; exit 1').run(['get'])).rejects.toMatchObject({ output: 'found\n', message: 'no' });
});

test('says that there is no kubectl', async () => {
  process.env.PATH = folder;
  await expect(new InstalledKubectl({}).run(['version'])).rejects.toMatchObject({ missing: true });
});

test('a kubectl that ends without a word is named by its end', async () => {
  await expect(kubectl('exit 7').run([])).rejects.toThrow('kubectl ended with exit code 7');
  await expect(kubectl('kill -9 $$').run([])).rejects.toThrow('kubectl ended with SIGKILL');
});

test('does not mind a kubectl that does not read', async () => {
  expect(await kubectl('exec 0<&-; echo done').run(['create'], 'x'.repeat(1 << 20))).toBe('done\n');
});

test('a command that changes something outlives the Ctrl-C of the terminal, in a process group of its own', async () => {
  const group = 'cut -d " " -f 5 /proc/$$/stat; echo $$';
  const [own, pid] = (await kubectl(group).run(['create'], '{}')).trim().split('\n');
  expect(own).toBe(pid);
  const [shared] = (await kubectl(group).run(['get'])).trim().split('\n');
  expect(shared).toBe(readFileSync('/proc/self/stat', 'utf8').split(' ')[4]);
});

test.each([
  ['', 'x', [['kubectl ended with x', undefined]]],
  ['error: context "nope" does not exist\n', '', [['context "nope" does not exist', undefined]]],
  ['Error from server: etcdserver: request timed out', '', [['etcdserver: request timed out', undefined]]],
  ['E1123 12:00:00.000000   1 memcache.go:265] "Unhandled Error" err="x"\nThe connection to the server localhost:8080 was refused - did you specify the right host or port?\n', '',
    [['The connection to the server localhost:8080 was refused - did you specify the right host or port?', undefined]]],
  ['Error from server (Forbidden): error when creating "STDIN": pods "a" is forbidden: no\nand more\nError from server (NotFound): secrets "b" not found\n', '',
    [['pods "a" is forbidden: no\nand more', 'Forbidden'], ['secrets "b" not found', 'NotFound']]],
])('reads %j', (text, otherwise, errors) => {
  const error: KubectlError = kubectlError(text, otherwise);
  expect(error.all.map(({ message, reason }) => [message, reason])).toEqual(errors);
});
