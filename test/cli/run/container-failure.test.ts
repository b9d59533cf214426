import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerFailure, FailedContainer } from '../../../src/cli/run/container-failure';
import { LogTail } from '../../../src/cli/run/log-tail';

function logOf(...lines: string[]): LogTail {
  const log = new LogTail();
  lines.forEach(line => log.add(line));
  return log;
}

/** kaniko at the end of a log: an instruction that prints, and the last line. */
function kaniko(lastLine: string, failed: Partial<FailedContainer> = {}): FailedContainer {
  return {
    container: 'kaniko', image: 'kaniko:v1.28.3-debug', exitCode: 1, reason: 'Error', message: 'sha256:0000, written before the push',
    log: logOf('time="2026-11-23T13:12:29Z" level=info msg="RUN make all"', 'output of make', lastLine), ...failed,
  };
}

test.each(['v1.24.0', 'v1.27.5', 'v1.28.3'])('names the RUN that failed in a log of %s, and its exit code', version => {
  const lines = readFileSync(join(__dirname, 'kaniko-logs', `fail.${version}.txt`), 'utf8').trim().split('\n');
  const failure = containerFailure({ container: 'kaniko', image: 'kaniko', exitCode: 42, reason: 'Error', log: logOf(...lines) });
  expect(failure).toMatchObject({ cause: 'run-failed', exitCode: 42, container: 'kaniko', instruction: expect.stringMatching(/^RUN .*exit 42/) });
  expect(failure.message).toContain('ended with exit code 42');
});

test.each([
  ['error building image: error building stage: failed to execute command: waiting for process to exit: exit status 2',
    { cause: 'run-failed', message: 'RUN make all ended with exit code 2\noutput of make', instruction: 'RUN make all' }],
  ['error building image: error building stage: failed to execute command: waiting for process to exit: signal: terminated',
    { cause: 'run-failed', message: expect.stringContaining('signal: terminated') }],
  ['error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: '
    + 'checking push permission for "registry.contoso.example/app:1": POST https://registry.contoso.example/v2/app/blobs/uploads/: UNAUTHORIZED: authentication required; []',
  { cause: 'registry-denied', remedy: expect.stringContaining('push') }],
  ['error building image: GET https://registry.contoso.example/v2/debian/manifests/bookworm: DENIED: requested access to the resource is denied',
    { cause: 'registry-denied', remedy: expect.stringContaining('base image') }],
  ['error building image: parsing dockerfile: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)',
    { cause: 'kaniko-failed', message: expect.stringContaining('unknown instruction: RUNN') }],
  ['error building image: error building stage: failed to take snapshot: open /root/file: permission denied', { cause: 'kaniko-failed' }],
  ['error building image: error building stage: failed to take snapshot: write /opt/kaniko/layer: no space left on device', { cause: 'evicted' }],
])('reads kaniko\'s last line: %s', (line, expected) => {
  expect(containerFailure(kaniko(line))).toMatchObject(expected);
});

test('does not believe what a RUN prints before kaniko\'s last line', () => {
  const log = logOf('error checking push permissions: UNAUTHORIZED: authentication required',
    'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 3');
  expect(containerFailure(kaniko('', { log }))).toMatchObject({ cause: 'run-failed' });
});

test('names the instruction in which memory ran out', () => {
  expect(containerFailure(kaniko('Killed', { reason: 'OOMKilled', exitCode: 137 }))).toMatchObject({
    cause: 'out-of-memory', message: 'kaniko was killed: it needed more memory than its limit, in RUN make all', exitCode: 137, remedy: expect.stringContaining('memoryLimit'),
  });
});

test('lets the init container speak for itself', () => {
  const message = 'prepare-context: error: the branch \'no-such\' does not exist; check branchName (exit code 32)\n';
  expect(containerFailure({ container: 'prepare-context', image: 'git', exitCode: 32, reason: 'Error', message, log: logOf('other') })).toEqual({
    cause: 'context-failed', container: 'prepare-context', exitCode: 32, message: message.trim(),
  });
});

test('shows the log of a container that wrote no message', () => {
  const log = logOf('sh: out of memory');
  expect(containerFailure({ container: 'prepare-context', image: 'git', exitCode: 1, reason: 'Error', message: '', log })).toMatchObject({
    cause: 'context-failed', message: 'prepare-context ended with exit code 1\nsh: out of memory',
  });
});

test.each([
  ['cp: write error: No space left on device', 'evicted', 'ephemeralStorageLimit'],
  ['cp: can\'t stat \'/kaniko/executor\': No such file or directory', 'not-started', '-debug'],
  ['sh: /busybox/cp: not found', 'not-started', '-debug'],
])('says why the executor could not be copied: %s', (why, cause, remedy) => {
  const error = `error copying the executor to /opt/kaniko: ${why}`;
  expect(containerFailure({ container: 'kaniko', image: 'kaniko:v1', exitCode: 1, reason: 'Error', message: error, log: logOf(error) }))
    .toEqual({ cause, container: 'kaniko', exitCode: 1, message: error, remedy: expect.stringContaining(remedy) });
});

test('says which image lacks what a container starts', () => {
  expect(containerFailure({ container: 'kaniko', image: 'kaniko:v1', exitCode: 128, reason: 'StartError', message: 'stat /busybox/sh: no such file', log: logOf() }))
    .toMatchObject({ cause: 'not-started', message: 'kaniko could not be started from kaniko:v1: stat /busybox/sh: no such file', remedy: expect.stringContaining('-debug') });
});
