import { Answer, PlayedApiServer } from './played-api-server';
import { BuildEvent } from '../../../../src/cli/run/event';
import { ClusterError } from '../../../../src/cli/run/kubectl/cluster-error';
import { followBuild } from '../../../../src/cli/run/kubectl/follow-build';
import { Observer } from '../../../../src/cli/run/kubectl/observer';
import { BuildEnd } from '../../../../src/cli/run/result';

const JOB = 'app-1-x1';
const MINUTE = 60_000;
const EMPTY = { metadata: { resourceVersion: '3' }, items: [] };

const pod = (status: object) => ({
  metadata: {
    name: `${JOB}-abcde`, namespace: 'builds', uid: 'pod-1', resourceVersion: '7', creationTimestamp: '2026-11-23T12:00:01Z',
    labels: { 'batch.kubernetes.io/job-name': JOB },
  },
  spec: { containers: [{ name: 'kaniko', image: 'k' }] },
  status: { phase: 'Pending', ...status },
});
const waiting = (reason: string) => pod({ containerStatuses: [{ name: 'kaniko', image: 'k', state: { waiting: { reason, message: 'said so' } } }] });
const UNSCHEDULED = pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.' }] });

// Time passes only where a test says so; the pause between two tries of a watch is real.
beforeEach(() => { jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }); });
const observers: Observer[] = [];
const aborts: AbortController[] = [];
afterEach(() => {
  aborts.splice(0).forEach(abort => abort.abort());
  observers.splice(0).forEach(observer => observer.close());
  jest.useRealTimers();
});

/** Follows a build whose watches the test plays. */
function follow(answer: Answer = () => EMPTY) {
  const api = new PlayedApiServer(answer);
  const observer = new Observer(api, 'builds', [JOB]);
  observers.push(observer);
  const events: BuildEvent[] = [];
  const followed = { made: 0, end: undefined as BuildEnd | undefined };
  const abort = new AbortController();
  aborts.push(abort);
  void followBuild({
    api, observer, job: JOB, nodePatience: 2 * MINUTE,
    make: async () => { followed.made++; }, tell: event => { events.push(event); },
  }, abort.signal).then(end => { followed.end = end; });
  return { api, followed, notices: () => events.flatMap(event => event.kind === 'notice' ? [event.message] : []) };
}

/** Lets all happen that needs no time. */
async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) { await new Promise(resolve => { setImmediate(resolve); }); }
}

test.each([
  ['a name that is missing', waiting('CreateContainerConfigError'), 30_000, 'missing-object'],
  ['an image that cannot be pulled', waiting('ErrImagePull'), 40_000, 'image-pull'],
  ['a container that does not start', waiting('CreateContainerError'), 30_000, 'not-started'],
  ['a node that does not come', UNSCHEDULED, 2 * MINUTE, 'unschedulable'],
])('%s is told once, and ends the build when it has lasted too long, not before', async (_, object, patience, cause) => {
  const { api, followed, notices } = follow();
  (await api.begun(/\/pods\?.*watch=true/)).line({ type: 'ADDED', object });
  await settle();
  await jest.advanceTimersByTimeAsync(patience - 2000);
  expect([followed.end, notices().length]).toEqual([undefined, 1]);
  await jest.advanceTimersByTimeAsync(4000);
  expect(followed.end).toMatchObject({ outcome: 'failed', failure: { cause } });
});

test('a trouble that passes in time ends no build', async () => {
  const { api, followed } = follow();
  const pods = await api.begun(/\/pods\?.*watch=true/);
  pods.line({ type: 'ADDED', object: waiting('CreateContainerConfigError') });
  await settle();
  await jest.advanceTimersByTimeAsync(28_000);
  pods.line({ type: 'MODIFIED', object: waiting('ContainerCreating') });
  await jest.advanceTimersByTimeAsync(MINUTE);
  expect(followed.end).toBeUndefined();
});

test.each(['/jobs?', '/pods?', '/events?'])('makes the Job when all is watched, %s too', async path => {
  let release!: () => void;
  const held = new Promise<object>(resolve => { release = () => resolve(EMPTY); });
  const { api, followed } = follow(asked => asked.path.includes(path) ? held : EMPTY);
  await settle();
  await jest.advanceTimersByTimeAsync(5000);
  expect([followed.made, api.streams.length]).toEqual([0, 2]);
  release();
  await settle();
  await jest.advanceTimersByTimeAsync(5000);
  expect(followed.made).toBe(1);
});

test('follows a build of somebody who may not read events', async () => {
  const { api, followed, notices } = follow(({ path }) => path.includes('/events') ? new ClusterError('events is forbidden', 'Forbidden') : EMPTY);
  await settle();
  await jest.advanceTimersByTimeAsync(MINUTE);
  expect([followed.made, notices(), api.asked.filter(({ path }) => path.includes('/events')).length]).toEqual([1, [], 1]);
});

test('gives up a cluster that has not answered for 5 minutes, not before', async () => {
  const { api, followed } = follow();
  const watched = await api.begun(/\/pods\?.*watch=true/);
  await settle();
  watched.fail('unexpected EOF');
  await settle();
  await jest.advanceTimersByTimeAsync(5 * MINUTE - 2000);
  expect(followed.end).toBeUndefined();
  await jest.advanceTimersByTimeAsync(4000);
  expect(followed.end).toMatchObject({ outcome: 'failed', failure: { cause: 'no-connection', message: expect.stringContaining('unexpected EOF') } });
});

test('counts anew where the cluster has answered in between', async () => {
  const { api, followed } = follow();
  for (const count of [1, 2]) {
    const watched = await api.begun(/\/pods\?.*watch=true/, count);
    await settle();
    watched.fail('unexpected EOF');
    await settle();
    await jest.advanceTimersByTimeAsync(4 * MINUTE);
  }
  expect(followed.end).toBeUndefined();
});
