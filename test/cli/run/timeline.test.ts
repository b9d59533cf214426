import { at, kanikoLine, log, STORY } from './fake-engine';
import { BuildEvent } from '../../../src/cli/run/event';
import { Span, Timeline } from '../../../src/cli/run/timeline';

function timelineOf(events: readonly BuildEvent[]): Timeline {
  const timeline = new Timeline();
  for (const event of events) { timeline.tell(event); }
  return timeline;
}

const seconds = (date?: Date) => date === undefined ? undefined : (date.getTime() - at(0).getTime()) / 1000;
const shown = ({ title, begin, end, outcome }: Span) => [title, seconds(begin), seconds(end), outcome];
const started = (second: number, container: 'prepare-context' | 'kaniko'): BuildEvent => ({ kind: 'started', at: at(second), container });
const prepare = (second: number, line: string) => log(second, `prepare-context: ${line}`, 'prepare-context');

test('phases follow each other without a gap', () => {
  const timeline = timelineOf(STORY);
  timeline.finish('done', 0);
  expect(timeline.phases.map(shown)).toEqual([
    ['queued', 0, 1, 'done'], ['scheduled', 1, 1.5, 'done'], ['pulling', 1.5, 4, 'done'],
    ['preparing', 4, 5.5, 'done'], ['building', 5.5, 10, 'done'], ['pushing', 10, 12, 'done'],
  ]);
  expect(timeline.seconds).toBe(12);
});

test('steps of kaniko follow each other; instructions are numbered', () => {
  const timeline = timelineOf(STORY);
  expect(timeline.steps.map(shown)).toEqual([
    ['cloning', 4.1, 5, 'done'], ['FROM debian:bookworm', 6, 7, 'done'], ['RUN make', 7, 9, 'done'], ['COPY . .', 9, 10, 'done'],
  ]);
  expect(timeline.steps.map(({ number }) => number)).toEqual([undefined, undefined, 1, 2]);
});

test('clone and downloads run side by side', () => {
  const timeline = timelineOf([started(0, 'prepare-context'), prepare(1, 'clone: branch \'main\' of x ...'), prepare(2, 'files: 2 from y ...')]);
  expect(timeline.running.map(({ title }) => title)).toEqual(['cloning', 'downloading']);
  timeline.tell(prepare(3, 'clone: commit 1f2e (2.0 s)'));
  timeline.tell(prepare(4, 'files: \'kubectl\', 1.0 MB (0.5 s)'));
  expect(timeline.running.map(({ title }) => title)).toEqual(['downloading']);
  timeline.tell(prepare(5, 'files: 2 from y (3.0 s)'));
  expect(timeline.running.map(({ title }) => title)).toEqual(['preparing']);
});

test('of two tokens that are asked for at once, each ends for itself', () => {
  const timeline = timelineOf([started(0, 'prepare-context'), prepare(1, 'identity: asking for a token for devops ...'),
    prepare(1, 'identity: asking for a token for storage ...'), prepare(2, 'identity: token for storage (0.1 s)'), prepare(3, 'identity: token for devops (0.2 s)')]);
  expect(timeline.steps.map(shown)).toEqual([
    ['identity: asking for a token for devops', 1, 3, 'done'], ['identity: asking for a token for storage', 1, 2, 'done'],
  ]);
});

test('the step that failed is marked, and the phase with it', () => {
  const timeline = timelineOf([started(0, 'kaniko'), log(1, kanikoLine('COPY . .')), log(2, kanikoLine('RUN make')),
    { kind: 'ended', at: at(3), container: 'kaniko', exitCode: 2, reason: 'Error' }]);
  timeline.finish('failed', 500);
  expect(timeline.steps.map(shown)).toEqual([['COPY . .', 1, 2, 'done'], ['RUN make', 2, 3, 'failed']]);
  expect(timeline.phases.map(shown)).toEqual([['building', 0, 3.5, 'failed']]);
});

const counted = (...lines: string[]) => timelineOf([
  prepare(0, 'dockerfile: instructions by stage: 2 3'), started(1, 'kaniko'), ...lines.map((line, index) => log(index + 2, kanikoLine(line))),
]).steps.filter(({ number }) => number !== undefined).map(({ number, of }) => `${number}/${of}`);

test('steps are counted against the Dockerfile', () => {
  expect(counted('Building stage \'a\' [idx: \'0\']', 'RUN a', 'RUN b', 'Building stage \'b\' [idx: \'1\']', 'RUN c')).toEqual(['1/5', '2/5', '3/5']);
});

test('what a stage did not need is passed over; what the Dockerfile does not have is not counted against it', () => {
  expect(counted('Building stage \'a\' [idx: \'0\']', 'RUN a', 'Building stage \'b\' [idx: \'1\']', 'RUN c', 'RUN d', 'RUN e', 'RUN f'))
    .toEqual(['1/5', '3/5', '4/5', '5/5', '6/undefined']);
});

test('a layer from the cache is marked', () => {
  const timeline = timelineOf([started(0, 'kaniko'), log(1, kanikoLine('RUN make')), log(1, kanikoLine('Found cached layer, extracting to filesystem')),
    log(2, kanikoLine('COPY . .'))]);
  expect(timeline.steps.map(({ cached }) => cached)).toEqual([true, undefined]);
});

test('a second pod begins anew: what the first one did is lost, and instructions are counted from 1', () => {
  const timeline = timelineOf([...STORY.slice(0, -2), { kind: 'scheduled', at: at(20), pod: 'app-2', node: 'node-2' }, started(21, 'kaniko'), log(22, kanikoLine('RUN make'))]);
  expect(timeline.phases.map(({ phase, outcome }) => `${phase} ${outcome}`)).toEqual([
    'queued done', 'scheduled done', 'pulling done', 'preparing done', 'building lost', 'scheduled done', 'building running',
  ]);
  expect(timeline.steps.at(-1)).toMatchObject({ title: 'RUN make', number: 1 });
});

test('another image is another pull; the same one told again is not', () => {
  const pulling = (second: number, image: string): BuildEvent => ({ kind: 'pulling', at: at(second), image });
  const timeline = timelineOf([pulling(0, 'a'), pulling(1, 'a'), pulling(2, 'b')]);
  expect(timeline.phases.map(({ detail, begin }) => [detail, seconds(begin)])).toEqual([['a', 0], ['b', 2]]);
});

test('time does not run backwards, whichever clock an event has', () => {
  const timeline = timelineOf([{ kind: 'queued', at: at(5.7) }, { kind: 'scheduled', at: at(5), pod: 'p', node: 'n' }, started(4, 'kaniko'), log(7, kanikoLine('RUN make'))]);
  expect(timeline.phases.map(shown)).toEqual([['queued', 5.7, 5.7, 'done'], ['scheduled', 5.7, 5.7, 'done'], ['building', 5.7, undefined, 'running']]);
  expect(timeline.seconds).toBeCloseTo(1.3);
});

test('a notice has this machine\'s clock and moves nothing', () => {
  const timeline = timelineOf([{ kind: 'queued', at: at(0) }, { kind: 'notice', at: at(3600), message: 'x' }, started(1, 'kaniko')]);
  expect(timeline.seconds).toBe(1);
});

test('a build of which nothing was heard has no time', () => {
  const timeline = new Timeline();
  timeline.finish('cancelled', 1000);
  expect([timeline.seconds, timeline.phases]).toEqual([0, []]);
});
