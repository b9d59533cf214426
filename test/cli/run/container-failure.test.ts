import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerFailure, EndedContainer } from '../../../src/cli/run/container-failure';

/** The end of a log of kaniko's: an instruction that prints, and the last line. */
function kaniko(lastLine: string, ended: Partial<EndedContainer> = {}): EndedContainer {
  return {
    container: 'kaniko', exitCode: 1, reason: 'Error', message: 'sha256:0000 was written before the push',
    lines: ['time="2026-11-23T13:12:29Z" level=info msg="RUN make all"', 'output of make', lastLine, ''], ...ended,
  };
}

test.each(['v1.24.0', 'v1.27.5', 'v1.28.3'])('names the RUN that failed in a log of %s, and its exit code', version => {
  const lines = readFileSync(join(__dirname, 'kaniko-logs', `fail.${version}.txt`), 'utf8').split('\n');
  const failure = containerFailure({ container: 'kaniko', exitCode: 42, reason: 'Error', message: '', lines });
  expect(failure).toMatchObject({ cause: 'run-failed', exitCode: 42, container: 'kaniko' });
  expect(failure.instruction).toMatch(/^RUN .*exit 42/);
  expect(failure.message).toBe(`${failure.instruction} ended with 42`);
});

test.each([
  ['error building image: error building stage: failed to execute command: waiting for process to exit: exit status 2',
    { cause: 'run-failed', message: 'RUN make all ended with 2', instruction: 'RUN make all' }],
  ['error building image: error building stage: failed to execute command: waiting for process to exit: signal: terminated',
    { cause: 'run-failed', message: 'RUN make all was ended by the signal terminated' }],
  ['error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: '
    + 'checking push permission for "registry.contoso.example/app:1": POST https://registry.contoso.example/v2/app/blobs/uploads/: UNAUTHORIZED: authentication required; []',
  { cause: 'registry-denied', remedy: expect.stringContaining('may push') }],
  ['error building image: GET https://registry.contoso.example/v2/debian/manifests/bookworm: DENIED: requested access to the resource is denied',
    { cause: 'registry-denied', remedy: expect.stringContaining('may pull') }],
  ['error pushing image: failed to push to destination registry.contoso.example/app:1: PUT https://registry.contoso.example/v2/app/manifests/1: unexpected status code 403 Forbidden',
    { cause: 'registry-denied', remedy: expect.stringContaining('may push') }],
  ['error building image: parsing dockerfile: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)',
    { cause: 'kaniko-failed', message: 'parsing dockerfile: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)' }],
  ['error building image: unable to complete operation after 3 attempts, last error: GET https://registry.contoso.example/v2/debian/manifests/bookwormx: MANIFEST_UNKNOWN: manifest unknown; map[Tag:bookwormx]',
    { cause: 'kaniko-failed', message: expect.stringContaining('MANIFEST_UNKNOWN') }],
  ['error building image: error building stage: failed to execute command: open /root/file: permission denied', { cause: 'kaniko-failed' }],
  ['error building image: error building stage: failed to take snapshot: write /opt/kaniko/layer: no space left on device',
    { cause: 'evicted', message: expect.stringContaining('no space left on device') }],
])('reads kaniko\'s last line: %s', (line, expected) => {
  expect(containerFailure(kaniko(line))).toMatchObject(expected);
});

test('does not believe what a RUN prints before kaniko\'s last line', () => {
  const lines = ['error checking push permissions: UNAUTHORIZED: authentication required', 'error building image: waiting for process to exit: exit status 3'];
  expect(containerFailure(kaniko('', { lines }))).toMatchObject({ cause: 'run-failed', message: 'a RUN ended with 3' });
});

test('names the instruction and the limit where memory ran out', () => {
  expect(containerFailure(kaniko('Killed', { reason: 'OOMKilled', exitCode: 137, memoryLimit: '300Mi' }))).toMatchObject({
    cause: 'out-of-memory', message: 'RUN make all needed more memory than the limit of 300Mi', remedy: 'raise memoryLimit', exitCode: 137,
  });
});

test('lets the init container speak for itself', () => {
  const message = 'prepare-context: error: the branch \'no-such\' does not exist; check branchName (exit code 32)\n';
  expect(containerFailure({ container: 'prepare-context', exitCode: 32, reason: 'Error', message, lines: ['other'] })).toEqual({
    cause: 'context-failed', container: 'prepare-context', exitCode: 32, message: 'the branch \'no-such\' does not exist; check branchName',
  });
});

test('takes the last line of an init container that wrote no message', () => {
  const lines = ['cp: cannot stat \'/kaniko/executor\'', ''];
  expect(containerFailure({ container: 'install-executor', exitCode: 1, reason: 'Error', message: '', lines })).toMatchObject({
    cause: 'context-failed', message: 'cp: cannot stat \'/kaniko/executor\'',
  });
});

test('has words for a container that said nothing', () => {
  expect(containerFailure({ container: 'kaniko', exitCode: 2, reason: 'Error', message: '', lines: [] }).message).toBe('kaniko ended with 2 and said nothing');
});
