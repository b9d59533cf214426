import { at, FakeEngine, kanikoLine, log, STORY } from './fake-engine';
import { FakeScreen } from './fake-screen';
import { runOn } from './run-with';
import { BuildEvent } from '../../../src/cli/run/event';
import { LiveProgress } from '../../../src/cli/run/live-progress';
import { printable } from '../../../src/cli/run/printable';
import { BuildView } from '../../../src/cli/run/progress';
import { Screen } from '../../../src/cli/run/screen';
import { Timeline } from '../../../src/cli/run/timeline';
import { fit, width } from '../../../src/cli/run/width';
import { leastYaml } from '../../parameters/base';

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

function viewOf(label: string): BuildView {
  return { label, timeline: new Timeline(), build: { name: label, namespace: 'builds', destinations: [], job: {} as never, others: [] } };
}

interface Live { readonly progress: LiveProgress; readonly tell: (view: BuildView, event: BuildEvent) => void }

function liveOn(screen: FakeScreen, labels: readonly string[], coloured = false): Live {
  const progress = new LiveProgress(new Screen(screen.write, () => screen.columns, coloured), printable, labels);
  return { progress, tell: (view, event) => progress.told(view, event, view.timeline.tell(event)) };
}

test('what is done stays with its time; what runs is drawn again with the time it takes and its last line', () => {
  const screen = new FakeScreen(80);
  const view = viewOf('app');
  const { progress, tell } = liveOn(screen, ['app']);
  STORY.slice(0, 11).forEach(event => tell(view, event));
  jest.advanceTimersByTime(2300);
  expect(screen.lines).toEqual([
    '✓        1.0 s  queued',
    '✓        0.5 s  scheduled on node-1',
    '✓        2.5 s  pulling docker.io/library/buildpack-deps:bookworm-scm',
    '✓        0.9 s  cloning branch \'main\' of https://git.contoso.example/wind/imag…',
    '✓        1.0 s  FROM debian:bookworm',
    '⠸        2.3 s  step 1 RUN make (2.3 s in all)',
    '                cc -o app main.c',
  ]);
  STORY.slice(11).forEach(event => tell(view, event));
  view.timeline.finish('done', 0);
  progress.ended(view, { outcome: 'pushed', digest: 'sha256:x' });
  progress.close();
  expect(screen.lines.slice(5)).toEqual([
    '✓        2.0 s  step 1 RUN make',
    '✓        1.0 s  step 2 COPY . .',
    '✓        2.0 s  pushing registry.contoso.example/docker-local/app:1.0',
    '✓         12 s  pushed',
  ]);
});

test('several builds have a line each, marked with their names, and stay apart', () => {
  const screen = new FakeScreen(80);
  const views = ['app', 'tools'].map(viewOf);
  const { tell } = liveOn(screen, ['app', 'tools']);
  views.forEach(view => STORY.slice(0, 2).forEach(event => tell(view, event)));
  tell(views[1], { kind: 'notice', at: at(2), message: 'the connection is lost' });
  jest.advanceTimersByTime(100);
  expect(screen.lines).toEqual([
    'app   ✓        1.0 s  queued',
    'tools ✓        1.0 s  queued',
    'tools !               the connection is lost',
    'app   ⠙        0.1 s  scheduled on node-1 (0.1 s in all)',
    'tools ⠙        0.1 s  scheduled on node-1 (0.1 s in all)',
  ]);
});

test('more builds than fit are counted', () => {
  const screen = new FakeScreen(80);
  const labels = Array.from({ length: 11 }, (_, index) => `app-${index}`);
  const { tell } = liveOn(screen, labels);
  labels.map(viewOf).forEach(view => tell(view, STORY[0]));
  jest.advanceTimersByTime(100);
  expect(screen.lines).toHaveLength(9);
  expect(screen.lines.at(-1)).toBe('and 3 more');
});

test('a failed build shows its failed step and what that step printed at last', () => {
  const screen = new FakeScreen(60);
  const view = viewOf('app');
  const { progress, tell } = liveOn(screen, ['app']);
  tell(view, { kind: 'started', at: at(0), container: 'kaniko' });
  tell(view, log(1, 'of the step before'));
  tell(view, log(2, kanikoLine('RUN make')));
  tell(view, log(2, kanikoLine('Running: [/bin/sh -c make]')));
  for (let line = 0; line < 30; line++) { tell(view, log(3, `line ${line}`)); }
  tell(view, log(3, kanikoLine('careful', 'warning')));
  view.timeline.finish('failed', 1000);
  progress.ended(view, { outcome: 'failed', failure: { cause: 'run-failed', message: 'RUN make ended with 2' } });
  progress.close();
  expect(screen.lines[0]).toBe('✗        2.0 s  step 1 RUN make');
  expect(screen.lines.slice(1, -1).map(line => line.trim())).toEqual([
    ...Array.from({ length: 19 }, (_, index) => `| line ${index + 11}`), '| warning: careful',
  ]);
  expect(screen.lines.at(-1)).toBe('✗        4.0 s  failed: RUN make ended with 2');
});

test.each([[20], [37], [200]])('no line is as wide as a terminal of %i columns, whatever is in it', columns => {
  const screen = new FakeScreen(columns);
  const { tell } = liveOn(screen, ['app'], true);
  const view = viewOf('app');
  tell(view, { kind: 'started', at: at(0), container: 'kaniko' });
  for (const text of ['x'.repeat(500), '漢字'.repeat(200), '👩‍👩‍👧‍👦'.repeat(100), 'e\u0301'.repeat(300), 'a\tb\u001b[2Jc\u0007\u009b5mx'.repeat(50), '\u202e'.repeat(9)]) {
    tell(view, log(1, kanikoLine(`RUN ${text}`)));
    tell(view, log(1, text));
    jest.advanceTimersByTime(100);
  }
  expect(screen.lines.filter(line => width(line) >= columns)).toEqual([]);
  // Nothing but our own movements and colours: the fake screen throws at others, and these would be text.
  expect(screen.lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test('a long step leaves room for the time of the whole', () => {
  const screen = new FakeScreen(80);
  const { tell } = liveOn(screen, ['app']);
  tell(viewOf('app'), { kind: 'pulling', at: at(0), image: `registry.contoso.example/${'docker-remote/'.repeat(5)}` });
  jest.advanceTimersByTime(100);
  expect(screen.lines).toEqual(['⠙        0.1 s  pulling registry.contoso.example/docker-remote/… (0.1 s in all)']);
});

test('a window that becomes narrower is drawn to its new width', () => {
  const screen = new FakeScreen(80);
  const { tell } = liveOn(screen, ['app']);
  tell(viewOf('app'), { kind: 'pulling', at: at(0), image: 'registry.contoso.example/docker-remote/kaniko' });
  screen.columns = 30;
  jest.advanceTimersByTime(100);
  expect(screen.lines).toEqual(['⠙        0.1 s  pulling regi…']);
});

test.each([
  ['abc', 3, 'abc'], ['abcd', 3, 'ab…'], ['漢字', 4, '漢字'], ['漢字', 3, '漢…'], ['漢字', 2, '…'], ['abc', 1, '…'], ['abc', 0, ''], ['', 0, ''],
])('fits %j into %i columns', (text, columns, fitted) => {
  expect(fit(text, columns)).toBe(fitted);
});

const colourful = /\u001b\[\d+m/;
const moving = /\u001b\[\d*[A-Z]/;

test.each<[string, Record<string, string>, number | undefined, [boolean, boolean]]>([
  ['a terminal', {}, 80, [true, true]],
  ['a terminal with NO_COLOR', { NO_COLOR: '1' }, 80, [true, false]],
  ['a terminal with an empty NO_COLOR', { NO_COLOR: '' }, 80, [true, true]],
  ['a dumb terminal', { TERM: 'dumb' }, 80, [false, false]],
  ['a terminal of a pipeline', { CI: 'true' }, 80, [false, false]],
  ['a terminal of Azure Pipelines', { TF_BUILD: 'True' }, 80, [false, false]],
  ['a file', {}, undefined, [false, false]],
])('%s gets what suits it', async (_what, environment, columns, expected) => {
  jest.useRealTimers();
  const { err, out } = await runOn(new FakeEngine(), ['-f', '-'], { stdin: leastYaml(), columns, environment });
  expect([moving.test(err), colourful.test(err)]).toEqual(expected);
  expect(out).not.toContain('\u001b');
});
