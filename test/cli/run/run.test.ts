import { at, DIGEST, FakeEngine, kanikoLine, log, playStory } from './fake-engine';
import { runOn } from './run-with';
import { Signal } from '../../../src/cli/command';
import { BuildEvent } from '../../../src/cli/run/event';
import { EXIT_CODES, Failure, FailureCause } from '../../../src/cli/run/result';
import { leastYaml } from '../../parameters/base';

const ONE = ['-f', '-', '--run-id', 'x1'];
const REFERENCE = `registry.contoso.example/docker-local/app@${DIGEST}`;
const three = ['one', 'two', 'three'].map(name => leastYaml(`imageName: ${name}`)).join('---\n');
const parsed = (lines: string) => lines.trimEnd().split('\n').map(line => JSON.parse(line));

const failure = (cause: FailureCause): Failure => ({ cause, message: 'what happened', remedy: 'what to do' });
const failing = (cause: FailureCause) => new FakeEngine({ plays: async () => ({ outcome: 'failed', failure: failure(cause) }) });

/** Waits until it is told to end. */
const endless = async (_build: unknown, tell: (event: BuildEvent) => void, signal: AbortSignal) => {
  tell({ kind: 'queued', at: at(0) });
  await new Promise(resolve => signal.addEventListener('abort', resolve));
  return { outcome: 'cancelled' as const };
};

test('a pushed image: its reference and a table on stdout, progress on stderr, nothing left behind', async () => {
  const engine = new FakeEngine();
  const { code, out, err } = await runOn(engine, ONE, { stdin: leastYaml() });
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    REFERENCE,
    '',
    'app-1-0-x1: pushed in 12 s',
    '  queued            1.0 s  ===',
    '  scheduled         0.5 s  =',
    '  pulling           2.5 s  =======',
    '  preparing         1.5 s  ====',
    '  building          4.5 s  ============',
    '  pushing           2.0 s  =====',
    '',
  ]);
  expect(err.split('\n')).toEqual([
    '    0.0 queued',
    '    1.0 scheduled on node-1',
    '    1.5 pulling docker.io/library/buildpack-deps:bookworm-scm',
    '    4.0 preparing',
    '    4.1   prepare-context: clone: branch \'main\' of https://git.contoso.example/wind/images ...',
    '    5.0   prepare-context: clone: commit 1f2e, fetched 0.2 MB, work tree 0.1 MB (0.9 s)',
    '    5.5 building',
    '    6.0 FROM debian:bookworm',
    '    7.0 step 1 RUN make',
    '    8.0   cc -o app main.c',
    '    9.0 step 2 COPY . .',
    '   10.0 pushing registry.contoso.example/docker-local/app:1.0',
    '   12.0 pushed',
    '',
  ]);
  expect(engine.removed).toEqual(['app-1-0-x1']);
});

test('a line that overwrites itself is told as it would be seen, in its place', async () => {
  const engine = new FakeEngine({
    plays: async (_build, tell) => {
      tell({ kind: 'started', at: at(0), container: 'kaniko' });
      tell(log(1, '10 %\r50 %\r100 %\r'));
      return { outcome: 'pushed', digest: DIGEST };
    },
  });
  const { err } = await runOn(engine, ONE, { stdin: leastYaml() });
  expect(err).toContain('\n    1.0   100 %\n');
});

test('without a run id, each run has names of its own', async () => {
  const engine = new FakeEngine();
  await runOn(engine, ['-f', '-'], { stdin: leastYaml() });
  await runOn(engine, ['-f', '-'], { stdin: leastYaml() });
  const [first, second] = engine.built.map(({ name }) => name);
  expect(first).toMatch(/^app-1-0-[a-z0-9]{6}$/);
  expect(second).not.toBe(first);
});

test('a build gets its Job and what the Job depends on, and nothing of other builds', async () => {
  const engine = new FakeEngine();
  await runOn(engine, ONE, { stdin: `${leastYaml('egress: [{addressBlock: 10.0.0.0/8}]')}---\n${leastYaml('imageName: other')}` });
  const [app, other] = engine.built;
  expect(app.job).toMatchObject({ kind: 'Job', metadata: { name: 'app-1-0-x1', namespace: 'builds' } });
  expect(app.others.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'NetworkPolicy']);
  expect(other.others.map(({ kind }) => kind)).toEqual(['ConfigMap']);
  expect(app.destinations).toEqual(['registry.contoso.example/docker-local/app:1.0']);
});

test('several builds: each line is marked, references come in the order of the file', async () => {
  const { code, out, err } = await runOn(new FakeEngine(), ONE, { stdin: three });
  expect(code).toBe(0);
  expect(out.split('\n').slice(0, 3)).toEqual(['one', 'two', 'three'].map(name => `registry.contoso.example/docker-local/${name}@${DIGEST}`));
  expect(err.trimEnd().split('\n').filter(line => !/^(one|two|three)-1-0-x1 +\d/.test(line))).toEqual([]);
});

test('never more builds at once than --concurrency says, and all of them in the end', async () => {
  let now = 0;
  let most = 0;
  const engine = new FakeEngine({
    plays: async (build, tell) => {
      most = Math.max(most, ++now);
      await new Promise(resolve => setImmediate(resolve));
      now--;
      return playStory(build, tell);
    },
  });
  await runOn(engine, [...ONE, '--concurrency', '2'], { stdin: three });
  expect([most, engine.built.length, engine.removed.length]).toEqual([2, 3, 3]);
});

test.each(Object.entries(EXIT_CODES) as [FailureCause, number][])('%s: exit code %i, the message and its remedy', async (cause, code) => {
  const engine = failing(cause);
  const ran = await runOn(engine, [...ONE, '--quiet'], { stdin: leastYaml() });
  expect(ran).toEqual({ code, out: '', err: `app-1-0-x1: ${cause}: what happened\n  what to do\n` });
  expect(engine.removed).toEqual(['app-1-0-x1']);
});

test('of several failures the first one in the order of the file gives the exit code; the others run to their end', async () => {
  const causes: Record<string, FailureCause> = { 'two-1-0-x1': 'deadline', 'three-1-0-x1': 'run-failed' };
  const engine = new FakeEngine({
    plays: async ({ name }) => {
      if (name === 'two-1-0-x1') { await new Promise(resolve => setImmediate(resolve)); }
      return name in causes ? { outcome: 'failed', failure: failure(causes[name]) } : { outcome: 'pushed', digest: DIGEST };
    },
  });
  const { code, out } = await runOn(engine, [...ONE, '--quiet'], { stdin: three });
  expect([code, out]).toEqual([7, `registry.contoso.example/docker-local/one@${DIGEST}\n`]);
  expect(engine.removed.sort()).toEqual(['one-1-0-x1', 'three-1-0-x1', 'two-1-0-x1']);
});

test('what keeps builds from running is told before anything is made', async () => {
  const engine = new FakeEngine({ problems: [failure('missing-object'), failure('no-connection')] });
  const { code, out, err } = await runOn(engine, ONE, { stdin: leastYaml() });
  expect([code, out]).toEqual([5, '']);
  expect(err).toBe('missing-object: what happened\n  what to do\nno-connection: what happened\n  what to do\n');
  expect([engine.built, engine.removed]).toEqual([[], []]);
  const json = await runOn(engine, [...ONE, '--output', 'json'], { stdin: leastYaml() });
  expect(parsed(json.out)).toMatchObject([{
    kind: 'result', outcome: 'failed', failures: [{ cause: 'missing-object' }, { cause: 'no-connection' }], builds: [{ outcome: 'cancelled' }],
  }]);
});

test.each<[Signal, number]>([['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])('%s: exit code %i, and what was made is deleted', async (signal, code) => {
  const engine = new FakeEngine({ plays: endless });
  const ran = await runOn(engine, [...ONE, '--concurrency', '2'], {
    stdin: three, signals: send => setTimeout(() => send(signal), 10),
  });
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(`note: ${signal}: deleting what was made; once more ends at once and leaves it\n`);
  expect(engine.built).toHaveLength(2);
  expect(engine.removed.sort()).toEqual(['one-1-0-x1', 'two-1-0-x1']);
});

test('a line of carriage returns without end is told like any other', async () => {
  const engine = new FakeEngine({
    plays: async (build, tell) => {
      const end = await playStory(build, tell);
      tell(log(12, `one${'\r'.repeat(1_000_000)}two`));
      return end;
    },
  });
  expect((await runOn(engine, ONE, { stdin: leastYaml() })).err).toMatch(/\btwo\n/);
});

test('a signal ends it at once while the cluster is still being asked, and nothing is made', async () => {
  const engine = new FakeEngine();
  engine.check = async () => new Promise(() => undefined);
  const ran = await runOn(engine, ONE, { stdin: leastYaml(), signals: send => setTimeout(() => send('SIGINT'), 10) });
  expect([ran.code, engine.built, engine.closed]).toEqual([130, [], 1]);
});

test('--keep deletes nothing, not even on a signal', async () => {
  const kept = new FakeEngine();
  await runOn(kept, [...ONE, '--keep'], { stdin: leastYaml() });
  const interrupted = new FakeEngine({ plays: endless });
  const { code, err } = await runOn(interrupted, [...ONE, '--keep'], { stdin: leastYaml(), signals: send => setTimeout(() => send('SIGINT'), 10) });
  expect([code, kept.removed, interrupted.removed]).toEqual([130, [], []]);
  expect(err).toContain('note: SIGINT: what was made is kept\n');
});

test('what cannot be deleted is named, and does not hide that the image is pushed', async () => {
  const engine = new FakeEngine({ removes: async () => { throw new Error('the Job could not be deleted: no answer'); } });
  const { code, out, err } = await runOn(engine, [...ONE, '--quiet'], { stdin: leastYaml() });
  expect([code, out]).toEqual([0, `${REFERENCE}\n`]);
  expect(err).toBe('note: app-1-0-x1: the Job could not be deleted: no answer\n');
});

test('a fault of the engine stops no other build, leaves nothing behind, and is not hidden', async () => {
  const engine = new FakeEngine({
    plays: async (build, tell) => {
      if (build.name === 'one-1-0-x1') { throw new TypeError('a fault'); }
      return playStory(build, tell);
    },
  });
  await expect(runOn(engine, ONE, { stdin: three })).rejects.toThrow('a fault');
  expect(engine.removed.sort()).toEqual(['one-1-0-x1', 'three-1-0-x1', 'two-1-0-x1']);
});

test.each([
  ['a build that is pushed', leastYaml(), {}, 0],
  ['a build that fails', leastYaml(), { plays: async () => ({ outcome: 'failed' as const, failure: failure('lost') }) }, 5],
  ['a cluster that refuses', leastYaml(), { problems: [failure('admission')] }, 5],
])('the engine is closed once, after %s', async (_, stdin, behaviour, code) => {
  const engine = new FakeEngine(behaviour);
  expect([(await runOn(engine, ONE, { stdin })).code, engine.closed]).toEqual([code, 1]);
});

test.each([
  ['the parameters have mistakes', 'imageName: app', /namespace is required/],
  ['something goes wrong that nobody thought of', leastYaml(), /unthought of/],
])('the engine is closed where %s', async (_, stdin, message) => {
  const engine = new FakeEngine({ plays: async () => { throw new TypeError('unthought of'); } });
  await expect(runOn(engine, ONE, { stdin })).rejects.toThrow(message);
  expect(engine.closed).toBe(1);
});

test('--output json: every event on one line with its build, the result last, and nothing on stderr', async () => {
  const { code, out, err } = await runOn(new FakeEngine(), [...ONE, '--output', 'json'], { stdin: leastYaml() });
  expect([code, err]).toEqual([0, '']);
  const lines = parsed(out);
  expect(lines[0]).toEqual({ build: 'app-1-0-x1', namespace: 'builds', kind: 'queued', at: '2026-11-23T12:00:00.000Z' });
  expect(lines.filter(({ kind }) => kind === 'log')).toHaveLength(7);
  expect(lines.at(-1)).toMatchObject({
    kind: 'result',
    outcome: 'pushed',
    builds: [{
      name: 'app-1-0-x1', namespace: 'builds', outcome: 'pushed', image: 'registry.contoso.example/docker-local/app:1.0',
      destinations: ['registry.contoso.example/docker-local/app:1.0'], digest: DIGEST, reference: REFERENCE, seconds: expect.closeTo(12, 1),
      phases: [
        { name: 'queued', seconds: 1 }, { name: 'scheduled', seconds: 0.5 }, { name: 'pulling', seconds: 2.5 },
        { name: 'preparing', seconds: 1.5 }, { name: 'building', seconds: 4.5 }, { name: 'pushing', seconds: expect.closeTo(2, 1) },
      ],
    }],
  });
});

const HOSTILE = ['##vso[task.complete]', '\u001b[2J\u001b]0;title\u0007', '\u009b31m', '###[error]', '\u202e'].join(' ');
const hostile = () => new FakeEngine({
  plays: async (_build, tell) => {
    tell({ kind: 'scheduled', at: at(0), pod: 'p', node: HOSTILE });
    tell(log(1, kanikoLine(`RUN ${HOSTILE}`)));
    tell(log(2, HOSTILE));
    tell({ kind: 'notice', at: at(3), message: HOSTILE });
    return { outcome: 'failed', failure: { cause: 'run-failed', message: `${HOSTILE}\n${HOSTILE}`, remedy: HOSTILE } };
  },
});

test.each([[[]], [['--quiet']], [['--output', 'json']]])('%j: nothing from outside reaches the terminal or the agent as a command', async more => {
  const { out, err } = await runOn(hostile(), [...ONE, ...more], { stdin: leastYaml(), environment: { TF_BUILD: 'True' } });
  expect(`${out}${err}`).not.toMatch(/##|[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(`${out}${err}`).toContain('vso[task.complete]');
});

test('--output json keeps what a line says byte for byte', async () => {
  const { out } = await runOn(hostile(), [...ONE, '--output', 'json'], { stdin: leastYaml(), environment: { TF_BUILD: 'True' } });
  expect(parsed(out).find(({ kind }) => kind === 'notice').message).toBe(HOSTILE);
});

test.each([
  [['--engine', 'docker'], '--engine needs one of kubectl, podman, got "docker"'],
  [['--output', 'yaml'], '--output needs one of text, json, got "yaml"'],
  [['--concurrency', '0'], '--concurrency needs a number from 1 to 9999, got "0"'],
  [['--concurrency', 'x'], '--concurrency needs a number from 1 to 9999, got "x"'],
  [['--report', 'report.pdf'], '--report needs a file that ends with .html, .md, .json, got "report.pdf"'],
  [['--secret-file', 'secrets.yaml'], '--secret-file is for --engine podman; a cluster has its own Secrets'],
])('%j is wrong usage', async (argv, message) => {
  await expect(runOn(new FakeEngine(), [...ONE, ...argv], { stdin: leastYaml() })).rejects.toThrow(message);
});
