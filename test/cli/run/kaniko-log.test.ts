import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kanikoLine } from './fake-engine';
import { KanikoLine, loggedLine, readKanikoLine } from '../../../src/cli/run/kaniko-log';

// Logs of real executors, all of the same Dockerfile with two stages: one that is built, one that fails in the second
// stage with 42, one whose layers are all in the cache (with v1.28's feature flags too). The registry's name was changed.
const LOGS = join(__dirname, 'kaniko-logs');
const read = (name: string) => readFileSync(join(LOGS, `${name}.txt`), 'utf8').trimEnd().split('\n');
const progress = (name: string) => read(name).flatMap(line => readKanikoLine(line) ?? []);
const told = (line: KanikoLine) => ('text' in line ? line.text : 'image' in line ? `${line.kind} ${line.image}` : line.kind);

const BASE = 'registry.contoso.example/docker-local/debian:bookworm';
const COMPILE = 'RUN echo compiling &&     sleep 1 &&     dd if=/dev/urandom of=/src/program bs=1M count=3 2>/dev/null';
const INSTALL = 'RUN echo "installing ##vso[task.complete]" && sleep 0.5 && date > /etc/installed';
const VERSIONS = ['v1.24.0', 'v1.27.5', 'v1.28.3'];

test.each(VERSIONS)('%s: a build, step by step', version => {
  expect(progress(`good.${version}`).map(told)).toEqual([
    `looking up ${BASE}`,
    `stage ${BASE}`, 'unpacking the base image', 'WORKDIR /src', 'COPY . .', COMPILE, 'saving files for later stages', 'clearing the file system',
    `stage ${BASE}`, 'unpacking the base image', 'ENV LANG=C.UTF-8     NAME=app', INSTALL,
    'COPY --from=build /src/program /usr/local/bin/program', 'LABEL team=wind', 'USER nobody', 'CMD ["/usr/local/bin/program"]',
    'pushing registry.contoso.example/docker-local/app:1',
  ]);
});

test.each(VERSIONS)('%s: a failing build ends with the step that failed', version => {
  expect(told(progress(`fail.${version}`).at(-1)!)).toMatch(/^RUN .*exit 42/);
});

test.each([...VERSIONS.map(version => `cached.${version}`), 'cached-flags.v1.28.3'])('%s: layers from the cache are told behind their instruction', name => {
  const lines = progress(name);
  const cached = lines.flatMap((line, index) => line.kind === 'cached' ? [told(lines[index - 1])] : []);
  expect(cached).toContain(INSTALL);
  expect(cached).toContain('COPY --from=build /src/program /usr/local/bin/program');
  expect(cached.filter(text => !/^(RUN|COPY|WORKDIR) /.test(text))).toEqual([]);
});

test('every log here is read by a test', () => {
  expect(readdirSync(LOGS).sort()).toEqual([
    'cached-flags.v1.28.3.txt', ...['cached', 'fail', 'good'].flatMap(kind => VERSIONS.map(version => `${kind}.${version}.txt`)),
  ]);
});

test.each([
  [kanikoLine('a "b" \\ \t é'), 'info', 'a "b" \\ \t é'],
  ['time="2026-11-23T12:00:00Z" level=warning msg=short', 'warning', 'short'],
  ['time="2026-11-23T12:00:00Z" level=info msg="\\x1b[31m \\u00e9 \\U0001f600"', 'info', '\u001b[31m é 😀'],
  ['INFO[0003] RUN make                                     ', 'info', 'RUN make'],
  ['\u001b[33mWARN\u001b[0m[0003] careful', 'warning', 'careful'],
  ['compiling', undefined, 'compiling'],
  ['', undefined, ''],
])('takes %j apart', (line, level, message) => {
  expect(loggedLine(line)).toEqual({ level, message });
});

test.each([
  ['output of RUN', 'RUN make'],
  ['a warning', kanikoLine('RUN make', 'warning')],
  ['a word that only begins like an instruction', kanikoLine('RUNNING')],
  ['a cut line', 'time="2026-11-23T12:00:00Z" level=info msg="RUN ma'],
])('%s is no step', (_what, line) => {
  expect(readKanikoLine(line)).toBeUndefined();
});

test('a line of a megabyte is read at once', () => {
  expect(readKanikoLine(kanikoLine(`RUN ${'\\'.repeat(1_000_000)}`))).toMatchObject({ kind: 'instruction' });
  expect(readKanikoLine(`time="x" level=info msg="${'\\'.repeat(1_000_001)}`)).toBeUndefined();
});
