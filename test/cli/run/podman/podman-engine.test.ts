import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planned } from './build';
import { Answer, INFO, PodmanDouble, state } from './podman-double';
import { PlannedBuild } from '../../../../src/cli/run/engine';
import { BuildEvent } from '../../../../src/cli/run/event';
import { Podman } from '../../../../src/cli/run/podman/podman';
import { PodmanEngine } from '../../../../src/cli/run/podman-engine';
import { BuildEnd } from '../../../../src/cli/run/result';

jest.setTimeout(120_000); // programs are begun, and the machine may be busy

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const PUSHED: Answer = { out: 'time="2026-11-23T12:00:00Z" level=info msg="RUN make"\nmade\n', terminationLog: DIGEST };
const BUILD = planned();
const PLUGIN_MISSING = 'time="2026-11-23T12:40:00Z" level=error msg="validating network configs"\n'
  + 'Error: plugin type="bridge" failed (add): cni plugin bridge failed: failed to locate iptables: exec: "iptables": executable file not found in $PATH\n';
const LIMITS = 'Error: runc: runc create failed: unable to start container process: error during container init: '
  + 'error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: OCI permission denied\n';

let environment: NodeJS.ProcessEnv;
const begun: Array<{ readonly engine: PodmanEngine; readonly build: PlannedBuild }> = [];
beforeEach(() => { environment = { ...process.env }; });
afterEach(async () => {
  process.env = environment;
  // Some of them cannot be removed on purpose.
  await Promise.allSettled(begun.splice(0).map(async ({ engine, build }) => engine.remove(build)));
});

/** A run of one build. */
interface Run {
  readonly end: BuildEnd;
  readonly events: BuildEvent[];
  readonly double: PodmanDouble;
  readonly engine: PodmanEngine;
}

interface RunOptions {
  readonly build?: PlannedBuild;
  readonly secretFiles?: readonly string[];
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
  readonly listen?: (event: BuildEvent, double: PodmanDouble) => void;
}

async function run(answers: Readonly<Record<string, Answer>>, options: RunOptions = {}): Promise<Run> {
  const double = new PodmanDouble(answers);
  process.env.XDG_RUNTIME_DIR = double.temporary;
  const engine = new PodmanEngine({ secretFiles: options.secretFiles ?? [], keep: options.keep ?? false, podman: double.podman });
  const build = options.build ?? BUILD;
  expect(await engine.check([build])).toEqual([]);
  begun.push({ engine, build });
  const events: BuildEvent[] = [];
  const end = await engine.build(build, event => {
    events.push(event);
    options.listen?.(event, double);
  }, options.signal ?? new AbortController().signal);
  return { end, events, double, engine };
}

const short = (events: readonly BuildEvent[]) => events.map(event => 'container' in event ? `${event.kind} ${event.container}` : event.kind);

test('runs the two containers in turn, tells what they print, and takes the digest from the termination log', async () => {
  const { end, events, double, engine } = await run({ '* start *.kaniko': PUSHED });
  await engine.remove(BUILD);
  expect(end).toEqual({ outcome: 'pushed', digest: DIGEST });
  expect(short(events)).toEqual([
    'queued', 'scheduled', 'started prepare-context', 'ended prepare-context',
    'started kaniko', 'log kaniko', 'log kaniko', 'ended kaniko',
  ]);
  expect(events.filter(({ kind }) => kind === 'log').map(event => 'line' in event ? event.line : '')).toEqual(['time="2026-11-23T12:00:00Z" level=info msg="RUN make"', 'made']);
  expect(double.calls.filter(call => /^(pod create|create|init|.* start )/.test(call)).map(call => call.split(' ')[0])).toEqual(
    ['pod', ...Array.from({ length: 2 }, () => ['create', 'init', '--log-level=fatal']).flat()]);
});

test('calls nothing a digest that is none: RUN can write to the termination log too', async () => {
  const { end } = await run({ 'start *.kaniko': { ...PUSHED, terminationLog: `${DIGEST}\u001b[2J` } });
  expect(end).toMatchObject({ outcome: 'failed', failure: { cause: 'kaniko-failed', exitCode: 0, message: expect.stringContaining('holds no digest') } });
});

test('puts Secrets into files that the containers may read and others on the machine may not reach, and removes them', async () => {
  const secrets = join(new PodmanDouble().temporary, 'secrets.yaml');
  writeFileSync(secrets, 'kind: Secret\nmetadata: { name: registry }\nstringData: { .dockerconfigjson: geheim }\n');
  const build = planned({ registrySecretName: 'registry' });
  let seen: unknown;
  const { double, engine } = await run({ '* start *.kaniko': PUSHED }, {
    build,
    secretFiles: [secrets],
    listen: (event, { temporary }) => {
      if (event.kind !== 'started' || event.container !== 'kaniko') { return; }
      const folder = join(temporary, readdirSync(temporary)[0]);
      const file = join(folder, 'docker-config', 'config.json');
      seen = { folder: statSync(folder).mode & 0o777, mode: statSync(file).mode & 0o777, content: readFileSync(file, 'utf8') };
    },
  });
  expect(seen).toEqual({ folder: 0o700, mode: 0o644, content: 'geheim' });
  await engine.remove(build);
  expect(readdirSync(double.temporary)).toEqual([]);
  expect(double.calls.join('\n')).not.toContain('geheim');
});

test('removes pods and volumes by their label, once', async () => {
  const { double, engine } = await run({ '* start *.kaniko': PUSHED, 'pod ps *': { out: '0123' }, 'volume ls *': { out: 'one\ntwo' } });
  await engine.remove(BUILD);
  await engine.remove(BUILD);
  const label = /--label=(\S+)/.exec(double.calls.find(call => call.startsWith('pod create'))!)![1];
  expect(double.calls.filter(call => /^(pod|volume) (ps|ls|rm)/.test(call))).toEqual([
    `pod ps --quiet --filter label=${label}`, 'pod rm --force --time 0 0123', `volume ls --quiet --filter label=${label}`, 'volume rm --force one', 'volume rm --force two',
  ]);
});

test('says what podman says where something cannot be removed', async () => {
  const { engine } = await run({ '* start *.kaniko': PUSHED, 'pod ps *': { out: '0123' }, 'pod rm *': { err: 'Error: device or resource busy\n', exitCode: 125 } });
  await expect(engine.remove(BUILD)).rejects.toThrow(
    /^what was made for the pod developers\.app-1 could not be removed: Error: device or resource busy; remove it yourself: podman pod rm --force developers\.app-1; podman volume prune --filter label=\S+; rm -rf \S+$/);
});

test('leaves pod and volumes where they are to be kept, and no Secret', async () => {
  const { double, engine } = await run({ '* start *.kaniko': PUSHED, 'pod ps *': { out: '0123' } }, { keep: true });
  await engine.remove(BUILD);
  expect(double.calls.filter(call => call.startsWith('pod rm'))).toEqual([]);
  expect(readdirSync(double.temporary)).toEqual([]);
});

test('uses the network of the machine where podman has no plugins for another, and says so', async () => {
  const { end, events, double } = await run({ 'init *.prepare-context': { err: PLUGIN_MISSING, exitCode: 125, once: true }, '* start *.kaniko': PUSHED });
  expect(end.outcome).toBe('pushed');
  expect(events).toContainEqual(expect.objectContaining({ kind: 'notice', message: expect.stringContaining('failed to locate iptables') }));
  expect(double.calls.filter(call => call.startsWith('create')).map(call => call.includes('--network=host'))).toEqual([false, true, true]);
  expect(double.calls.filter(call => call.startsWith('rm'))).toEqual(['rm --force --volumes developers.app-1.prepare-context']);
});

test('names the limits that a machine may not raise', async () => {
  const { end } = await run({ 'init *': { err: LIMITS, exitCode: 126 } });
  expect(end).toMatchObject({ failure: { cause: 'no-engine', message: expect.stringContaining('rlimit'), remedy: expect.stringContaining('default_ulimits') } });
});

test('names an image that cannot be pulled, with the registry\'s words', async () => {
  const { end, events } = await run({
    'image exists docker.io*': { exitCode: 1 },
    'pull *': { err: 'Trying to pull …\nError: initializing source docker://docker.io/library/buildpack-deps:bookworm-scm: unauthorized\n', exitCode: 125 },
  });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'pulling', image: 'docker.io/library/buildpack-deps:bookworm-scm' }));
  expect(end).toMatchObject({ failure: { cause: 'image-pull', message: expect.stringContaining('initializing source'), container: 'prepare-context' } });
});

test('takes SIGKILL for a lack of memory, which podman does not see on version 1 of control groups', async () => {
  const { end, events } = await run({ 'inspect *.kaniko': { out: state(137) } });
  expect(end).toMatchObject({ failure: { cause: 'out-of-memory', exitCode: 137 } });
  expect(events.at(-1)).toMatchObject({ kind: 'ended', reason: 'OOMKilled' });
});

test('lets the init container say why it failed, and starts nothing after it', async () => {
  const { end, double } = await run({
    'inspect *.prepare-context': { out: state(32) }, '* start *.prepare-context': { terminationLog: 'prepare-context: error: no such branch (exit code 32)' },
  });
  expect(end).toMatchObject({ failure: { cause: 'context-failed', exitCode: 32, message: expect.stringContaining('no such branch') } });
  expect(double.calls.filter(call => call.includes('.kaniko'))).toEqual([]);
});

test('ends at once when it is given up', async () => {
  const abort = new AbortController();
  const { end, events } = await run({ '* start *.kaniko': { out: 'working\n', seconds: 600 } }, {
    signal: abort.signal, listen: event => { if (event.kind === 'log') { abort.abort(); } },
  });
  expect(end).toEqual({ outcome: 'cancelled' });
  expect(events.at(-1)).toMatchObject({ kind: 'log', line: 'working' });
});

test('ends a build at its deadline', async () => {
  const build = planned();
  Object.assign((build.job as unknown as { spec: object }).spec, { activeDeadlineSeconds: 2 });
  const { end, double } = await run({ '* start *.kaniko': { seconds: 600 } }, { build });
  expect(end).toMatchObject({ failure: { cause: 'deadline', message: 'not done within 2 s', remedy: expect.stringContaining('timeoutMinutes') } });
  expect(double.calls).toContain('pod stop --time=0 developers.app-1');
});

test('says that memory cannot be limited', async () => {
  const info = { ...INFO, host: { ...INFO.host, cgroupControllers: [] } };
  const { events } = await run({ 'info *': { out: JSON.stringify(info) }, '* start *.kaniko': PUSHED });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'notice', message: 'podman cannot limit memory here: memoryLimit has no effect' }));
});

test('fails a build whose name another one has', async () => {
  const { end } = await run({ 'pod create *': { err: 'Error: adding pod to state: name "developers.app-1" is in use: pod already exists\n', exitCode: 125 } });
  expect(end).toMatchObject({ failure: { cause: 'not-started', message: expect.stringContaining('is in use') } });
});

test.each<[string, Answer, RegExp]>([
  ['podman does not work', { err: 'Error: cannot connect to Podman\n', exitCode: 125 }, /podman does not work: cannot connect to Podman/],
  ['podman is too old', { out: JSON.stringify({ ...INFO, version: { Version: '3.4.4' } }) }, /podman 3.4.4 is too old/],
  ['a user has no user ids', {
    out: JSON.stringify({
      ...INFO, host: { ...INFO.host, security: { rootless: true }, idMappings: { uidmap: [{ container_id: 0, host_id: 1000, size: 1 }] } },
    }),
  }, /may use 1 user ids/],
])('says before anything is made that %s', async (_, info, message) => {
  const double = new PodmanDouble({ 'info *': info });
  const failures = await new PodmanEngine({ secretFiles: [], keep: false, podman: double.podman }).check([BUILD]);
  expect(failures).toEqual([{ cause: 'no-engine', message: expect.stringMatching(message), remedy: expect.any(String) }]);
});

test('says that podman is not installed', async () => {
  const engine = new PodmanEngine({ secretFiles: [], keep: false, podman: new Podman('/nowhere/podman') });
  expect(await engine.check([BUILD])).toEqual([{ cause: 'no-engine', message: 'podman is not installed', remedy: expect.stringContaining('install') }]);
});
