/** What the container `kaniko` runs first: the shell that starts the executor, run here with folders in place of the container's. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pod } from './fixture';
import { KanikoImage } from '../../src/kubernetes';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  mkdirSync(join(folder, 'opt/context'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts an executor in place that tells where it was started, as which process, and with which arguments. */
function installExecutor(): void {
  const executor = join(folder, 'executor');
  writeFileSync(executor, '#!/bin/sh\necho "$0" "process $$"\nprintf "<%s>\\n" "$@"\nexit 42\n');
  chmodSync(executor, 0o755);
}

interface Started { readonly status: number | null; readonly pid: number; readonly lines: string[] }

/** Runs the script as a user who need not be root. */
function start(version: string, args: readonly string[] = [], change = (script: string) => script): Started {
  const { command } = Pod.of({ image: KanikoImage.of(`kaniko:v${version}-debug`) }).container('kaniko');
  expect(command.slice(0, 2)).toEqual(['/busybox/sh', '-c']);
  expect(command.slice(3)).toEqual(['/opt/kaniko/executor']);
  // As Kubernetes hands it on: "$$" is one "$".
  const script = change(command[2].replaceAll('$$', '$'))
    .replaceAll('0:0', `${process.getuid!()}:${process.getgid!()}`)
    .replaceAll('/opt/kaniko', join(folder, 'opt')).replaceAll('/kaniko/executor', join(folder, 'executor')).replaceAll('/busybox/', '');
  const { status, pid, stdout, stderr } = spawnSync('sh', ['-c', script, 'executor', ...args], { encoding: 'utf8' });
  return { status, pid, lines: `${stdout}${stderr}`.trimEnd().split('\n').map(line => line.replaceAll(folder, '')) };
}

test.each(['1.24.0', '1.28.3'])('v%s becomes a copy of the executor, with its arguments and exit code as they are', version => {
  installExecutor();
  const { status, pid, lines } = start(version, ['--build-arg=A=$(id) `id`', '', '--destination=a b']);
  expect(lines).toEqual([`/opt/executor process ${pid}`, '<--build-arg=A=$(id) `id`>', '<>', '<--destination=a b>']);
  expect(status).toBe(42);
});

test('says what it could not copy, and why', () => {
  const { status, lines } = start('1.28.3');
  expect(lines).toEqual([expect.stringMatching(/^error copying the executor to \/opt: cp: .*\/executor.*: No such file or directory$/)]);
  expect(status).toBe(1);
});

test('says that the volume is full', () => {
  installExecutor();
  symlinkSync('/dev/full', join(folder, 'opt/executor'));
  expect(start('1.28.3').lines).toEqual([expect.stringMatching(/^error copying the executor to \/opt: cp: .*No space left on device$/)]);
});

test('hands the context to root where COPY would keep its owner, and only there', () => {
  installExecutor();
  rmSync(join(folder, 'opt/context'), { recursive: true });
  expect(start('1.28.3').status).toBe(42);
  const { status, lines } = start('1.24.0');
  expect(lines).toEqual([expect.stringMatching(/^error handing the context to root: chown: .*\/opt\/context.*: No such file or directory$/)]);
  expect(status).toBe(1);
});

test('ends when it is told to while it copies, which no first process of a container does by itself', () => {
  installExecutor();
  const { status, lines } = start('1.28.3', [], script => script.replace('\nexec ', () => '\nkill -TERM $$\nexec '));
  expect({ status, lines }).toEqual({ status: 143, lines: [''] });
});
