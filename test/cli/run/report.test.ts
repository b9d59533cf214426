import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, DIGEST, FakeEngine, kanikoLine, log, playStory } from './fake-engine';
import { runOn } from './run-with';
import { printable, printableFor } from '../../../src/cli/run/printable';
import { ImageDetails } from '../../../src/cli/run/registry/image-details';
import { Report, reportText } from '../../../src/cli/run/report/report';
import { shownParameters } from '../../../src/cli/run/report/shown-parameters';
import { ticks, waterfallRows } from '../../../src/cli/run/report/waterfall';
import { waterfallText } from '../../../src/cli/run/report/waterfall-text';
import { BuildEnd } from '../../../src/cli/run/result';
import { runResult } from '../../../src/cli/run/run-result';
import { Timeline } from '../../../src/cli/run/timeline';
import { BuildParameters } from '../../../src/parameters/build-parameters';
import { leastYaml } from '../../parameters/base';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'report-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const PARAMETERS: BuildParameters = { namespace: 'builds', imagePath: 'app', registry: 'registry.contoso.example', imageName: 'app', imageTag: '1' };
const IMAGE: ImageDetails = {
  bytes: 52_300_000,
  layers: [
    { digest: `sha256:${'1'.repeat(64)}`, bytes: 48_100_000, createdBy: '/bin/sh -c #(nop) ADD file:x in / ' },
    { digest: `sha256:${'2'.repeat(64)}`, bytes: 4_200_000 },
  ],
};

/** A report on one build that was told these lines of kaniko's. */
function reportOn(lines: readonly string[], end: BuildEnd = { outcome: 'pushed', digest: DIGEST }, more: Partial<Report> = {}): Report {
  const timeline = new Timeline();
  timeline.tell({ kind: 'queued', at: at(0) });
  timeline.tell({ kind: 'started', at: at(1), container: 'kaniko' });
  lines.forEach((line, index) => timeline.tell(log(index + 2, line)));
  timeline.finish(end.outcome === 'pushed' ? 'done' : end.outcome, 1000);
  const build = { name: 'app-1', namespace: 'builds', destinations: ['registry.contoso.example/app:1'], job: {} as never, others: [] };
  return { result: runResult([{ build, timeline, end }], timeline.seconds), begun: at(0), parameters: [PARAMETERS], images: [IMAGE], ...more };
}

const RUNS = [kanikoLine('RUN make'), kanikoLine('COPY . .'), kanikoLine('Found cached layer, extracting to filesystem'), kanikoLine('USER app')];

test('the summary in Markdown', () => {
  expect(reportText('x.md', reportOn(RUNS), printable)).toBe(`# Image builds: pushed in 6.0 s

**app-1**: pushed in 6.0 s

| | |
|---|---|
| image | registry.contoso.example/app:1 |
| digest | ${DIGEST} |
| size | 52.3 MB, 2 layers |
| Job | builds/app-1 |

~~~~text
queued                                              1.0 s  ████████
building                                            5.0 s          ████████████████████████████████████████
  1 RUN make                                        1.0 s                  ████████
  2 COPY . .                                        2.0 s                          ░░░░░░░░░░░░░░░░ from the cache
  3 USER app                                        1.0 s                                          ████████
~~~~

| layer | size | made by |
|---|---:|---|
| 111111111111 | 48.1 MB | /bin/sh -c &#35;&#40;nop&#41; ADD file:x in /  |
| 222222222222 | 4.2 MB |  |

| parameter | value |
|---|---|
| namespace | builds |
| imagePath | app |
| registry | registry.contoso.example |
| imageName | app |
| imageTag | 1 |
`.replace('queued                                              1.0 s  ████████', 'queued                                              1.0 s  ░░░░░░░░'));
});

test('the page is whole without network and runs nothing', () => {
  const page = reportText('x.html', reportOn(RUNS), printable);
  expect(page).toContain('<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;">');
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import/);
  for (const told of [DIGEST, '52.3 MB, 2 layers', 'registry.contoso.example/app:1', 'RUN make', 'imagePath']) { expect(page).toContain(told); }
});

const HOSTILE = '"><script>alert(1)</script><img src=x onerror=y> \' | `~~~~` [a](b) ##vso[task.complete] \u001b[31m\u202e ]]> -->';

function hostileReport(): Report {
  return reportOn(
    [kanikoLine(`RUN ${HOSTILE}`), kanikoLine(`RUN ${'~'.repeat(5)}`)],
    { outcome: 'failed', failure: { cause: 'run-failed', message: `${HOSTILE}\n${HOSTILE}`, remedy: HOSTILE } },
    {
      images: [{ unknown: HOSTILE }],
      parameters: [{ ...PARAMETERS, args: [HOSTILE], labels: { [HOSTILE]: HOSTILE } } as BuildParameters],
    },
  );
}

test('a page takes everything from outside as text', () => {
  const page = reportText('x.html', hostileReport(), printable);
  expect(page).not.toMatch(/<script|<img|onerror=y>|[\u001b\u202e]/);
  expect(page.match(/<[a-z][^>]*>/g)!.filter(tag => tag.includes('script') || tag.includes('vso'))).toEqual([]);
  expect(page).toContain('&#60;script&#62;');
});

test('a summary takes everything from outside as text, and holds no command of an agent', () => {
  const text = reportText('x.md', hostileReport(), printableFor({ TF_BUILD: 'True' }));
  expect(text).not.toMatch(/##|[\u001b\u202e]/);
  const [before, fenced, after] = text.split(/^~~~~.*$/m);
  expect(`${before}${after}`).not.toMatch(/<|`|\]\(|\[a/);
  expect(fenced).toContain('<script>');
  expect(text.match(/^~~~~/gm)).toHaveLength(2);
  // Each row of a table has its two cells still.
  expect(text.split('\n').filter(line => line.startsWith('| args')).map(line => line.split('|').length)).toEqual([4]);
});

test('the report of a page with an agent around holds no command of it', () => {
  expect(reportText('x.html', hostileReport(), printableFor({ TF_BUILD: 'True' }))).not.toContain('##');
});

test('why nothing is known of an image is said', () => {
  const report = reportOn(RUNS, undefined, { images: [{ unknown: 'registry.contoso.example wants a login' }] });
  for (const file of ['x.html', 'x.md']) { expect(reportText(file, report, printable)).toContain('unknown: registry.contoso.example wants a login'); }
});

test.each([
  ['args', ['VERSION=1', 'NPM_TOKEN=abc', '--build-arg=DB_PASSWORD=x', '--cache'], '["VERSION=1","NPM_TOKEN=(not shown)","--build-arg=DB_PASSWORD=(not shown)","--cache"]'],
  ['args', ['KEY=ghp_0123456789012345678901234'], '["(not shown)"]'],
  ['registrySecretName', 'jfrog-docker', 'jfrog-docker'],
  ['secrets', [{ id: 'npm', secretName: 'npm-login', key: 'token' }], '[{"id":"npm","secretName":"npm-login","key":"token"}]'],
  ['labels', { apiToken: 'x', team: 'wind' }, '{"apiToken":"(not shown)","team":"wind"}'],
  ['imageTag', '1', '1'],
  ['args', ['NOTE=no secret'], '["NOTE=no secret"]'],
  ['cache', true, 'true'],
])('shows %s %j as %s', (name, value, shown) => {
  expect(shownParameters({ [name]: value } as unknown as BuildParameters)).toEqual([{ name, value: shown }]);
});

test('a waterfall has each step below its phase, also where a phase comes twice', () => {
  const { result } = reportOn(RUNS);
  expect(waterfallRows(result.builds[0]).map(({ label, step, kind }) => [label, step, kind])).toEqual([
    ['queued', false, 'waiting'], ['building', false, 'working'],
    ['1 RUN make', true, 'working'], ['2 COPY . .', true, 'cached'], ['3 USER app', true, 'working'],
  ]);
});

test('a step that began at the very moment at which the next phase did is no less a step', () => {
  const { result: { builds: [build] } } = reportOn(RUNS);
  const [queued, building, step] = build.spans;
  const rows = waterfallRows({ ...build, spans: [queued, building, { ...building, phase: 'pushing', title: 'pushing', begin: 2 }, { ...step, begin: 2 }, { ...step, begin: 0.9 }] });
  expect(rows.map(({ label }) => label)).toEqual(['queued', 'building', '1 RUN make', '1 RUN make', 'pushing']);
});

test('a waterfall in text is never wider than a page, even where labels are', () => {
  const { result } = reportOn([kanikoLine(`RUN ${'漢'.repeat(300)}`)]);
  expect(waterfallText(result.builds[0], printable).split('\n').filter(line => [...line].length > 108)).toEqual([]);
});

test.each([[0, 1], [3, 4], [59, 6], [600, 6], [5000, 6], [100_000, 7]])('an axis of %i s has round numbers, %i of them', (seconds, count) => {
  const marks = ticks(seconds, 8);
  expect(marks[0]).toBe(0);
  expect(marks.length).toBeLessThanOrEqual(9);
  expect(marks).toHaveLength(count);
});

test('--report writes every kind, and each build is in it', async () => {
  const files = ['a.html', 'b.md', 'c.json'].map(name => join(folder, 'sub', name));
  const engine = new FakeEngine({
    plays: async (build, tell) => {
      await playStory(build, tell);
      return { outcome: 'failed', failure: { cause: 'registry-denied', message: 'denied' } };
    },
  });
  const { code } = await runOn(engine,
    ['-f', '-', '--run-id', 'x1', ...files.flatMap(file => ['--report', file])],
    { stdin: `${leastYaml()}---\n${leastYaml('imageName: other')}` });
  expect(code).toBe(8);
  const [page, summary, json] = files.map(file => readFileSync(file, 'utf8'));
  for (const text of [page, summary, json]) { expect(text).toMatch(/app-1-0-x1[^]*other-1-0-x1/); }
  expect(JSON.parse(json)).toMatchObject({ kind: 'result', builds: [{ name: 'app-1-0-x1' }, { name: 'other-1-0-x1' }] });
});

test('a report that cannot be written is a mistake, and does not hide what was pushed', async () => {
  writeFileSync(join(folder, 'taken'), '');
  const report = join(folder, 'taken', 'x.json');
  const engine = new FakeEngine({ plays: async () => ({ outcome: 'failed', failure: { cause: 'deadline', message: 'm' } }) });
  const { code, err } = await runOn(engine, ['-f', '-', '--quiet', '--report', report], { stdin: leastYaml() });
  expect(code).toBe(7);
  expect(err).toMatch(/x\.json: cannot be written \((EEXIST|ENOTDIR)\); name another file by --report\n$/);
});
