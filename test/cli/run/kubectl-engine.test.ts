import { Asked, PlayedApiServer, Stream } from './kubectl/played-api-server';
import { PlannedBuild } from '../../../src/cli/run/engine';
import { BuildEvent, LONGEST_LINE } from '../../../src/cli/run/event';
import { ClusterError } from '../../../src/cli/run/kubectl/cluster-error';
import { Kubectl } from '../../../src/cli/run/kubectl/kubectl';
import { KubectlEngine } from '../../../src/cli/run/kubectl-engine';

const NAME = 'app-1-x1';
const DIGEST = `sha256:${'1'.repeat(64)}`;
const metadata = (name: string) => ({ name, namespace: 'builds' });
const BUILD: PlannedBuild = {
  name: NAME, namespace: 'builds', destinations: ['registry.contoso.example/app:1'],
  job: {
    apiVersion: 'batch/v1', kind: 'Job', metadata: metadata(NAME),
    spec: {
      template: {
        metadata: {}, spec: {
          containers: [{ name: 'kaniko', image: 'k' }], volumes: [
            { name: 'script', configMap: { name: 'cdk-kaniko-prepare-1f2e' } }, { name: 'certificates', configMap: { name: 'authorities' } },
          ],
        },
      },
    },
  } as PlannedBuild['job'],
  others: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('cdk-kaniko-prepare-1f2e') },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('builder') },
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadata(NAME) },
  ],
};

const POD = `${NAME}-abcde`;
const pod = (status: object, more: object = {}) => ({
  metadata: { ...metadata(POD), uid: 'pod-1', resourceVersion: '7', creationTimestamp: '2026-11-23T12:00:01Z', labels: { 'batch.kubernetes.io/job-name': NAME }, ...more },
  spec: { nodeName: 'node-1', containers: [{ name: 'kaniko', image: 'k' }] },
  status: { phase: 'Running', ...status },
});
const kaniko = (state: object) => pod({ containerStatuses: [{ name: 'kaniko', image: 'k', state }] });
const RUNNING = { running: { startedAt: '2026-11-23T12:00:02Z' } };
const PUSHED = { terminated: { exitCode: 0, reason: 'Completed', message: DIGEST, startedAt: '2026-11-23T12:00:02Z', finishedAt: '2026-11-23T12:00:09Z' } };
const job = (status: object = {}) => ({
  metadata: { ...metadata(NAME), uid: 'job-1', resourceVersion: '5', creationTimestamp: '2026-11-23T12:00:00Z', annotations: {} }, spec: {}, status,
});
const added = (object: object) => ({ type: 'ADDED', object });
const modified = (object: object) => ({ type: 'MODIFIED', object });

const EMPTY = { metadata: { resourceVersion: '3' }, items: [] };
const SILENT: Kubectl = { run: async () => ({ output: '', errors: '' }) };

/** What the cluster answers where a test says nothing else. */
const usual = ({ method, path }: Asked) => path.includes('/selfsubjectaccessreviews') ? { status: { allowed: true } }
  : isCreation({ method, path }, '/jobs') ? job() : method === 'GET' ? EMPTY : {};
const isCreation = ({ method, path }: Asked, of = '') => method === 'POST' && path.includes(of) && !/dryRun|selfsubject/.test(path);

/** A build on a cluster that answers what is asked; the test plays its watches and logs. */
async function begin(answer: (asked: Asked) => unknown = () => undefined) {
  const api = new PlayedApiServer(asked => answer(asked) ?? usual(asked));
  const engine = new KubectlEngine({}, api, SILENT);
  await engine.check([BUILD]);
  const abort = new AbortController();
  const events: BuildEvent[] = [];
  const end = engine.build(BUILD, event => { events.push(event); }, abort.signal);
  const pods = async (count = 1): Promise<Stream> => api.begun(/namespaces\/builds\/pods\?.*watch=true/, count);
  const log = async (count = 1): Promise<Stream> => api.begun(/\/log\?/, count);
  const lines = () => events.flatMap(event => event.kind === 'log' ? [event.line] : []);
  const notices = () => events.flatMap(event => event.kind === 'notice' ? [event.message] : []);
  return { api, engine, abort, events, end, pods, log, lines, notices };
}

type Begun = Awaited<ReturnType<typeof begin>>;
const created = ({ api }: Begun) => api.asked.filter(asked => isCreation(asked)).map(({ path, body }) => ({ path, object: body }));
const deleted = ({ api }: Begun) => api.asked.filter(({ method }) => method === 'DELETE');

/** Lets the build end well: each of its logs is whole, and empty from here on. */
async function finish({ api, pods, end }: Begun): Promise<void> {
  (await pods()).line(modified(kaniko(PUSHED)));
  let over = false;
  void end.then(() => { over = true; });
  while (!over) {
    api.streams.filter(({ path }) => path.includes('/log?')).forEach(stream => stream.end());
    await new Promise(resolve => { setImmediate(resolve); });
  }
  expect(await end).toEqual({ outcome: 'pushed', digest: DIGEST });
}

test('makes the Job after it is being watched, and all that belongs to it as its property, the program last', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  await finish(build);
  const [first, ...owned] = created(build);
  expect([first, ...owned].map(({ path, object }) => `${path} ${object.metadata.name}`)).toEqual([
    `/apis/batch/v1/namespaces/builds/jobs ${NAME}`,
    `/apis/networking.k8s.io/v1/namespaces/builds/networkpolicies ${NAME}`,
    `/api/v1/namespaces/builds/configmaps ${NAME}-prepare-1f2e`,
  ]);
  expect(first.object.spec.template.spec.volumes.map(({ configMap }: any) => configMap.name)).toEqual([`${NAME}-prepare-1f2e`, 'authorities']);
  for (const { object } of owned) {
    expect(object.metadata.ownerReferences).toEqual([{ apiVersion: 'batch/v1', kind: 'Job', name: NAME, uid: 'job-1', controller: false }]);
  }
  const applied = build.api.asked.filter(({ method }) => method === 'APPLY');
  expect(applied.map(({ path, body }) => `${path} ${body.kind}`)).toEqual(['/api/v1/namespaces/builds/serviceaccounts/builder?fieldManager=cdk-kaniko&force=true ServiceAccount']);
});

test('tells what happens in its order, a container\'s end after its log', async () => {
  const build = await begin();
  const pods = await build.pods();
  pods.line(added(kaniko(RUNNING)));
  const log = await build.log();
  log.line('2026-11-23T12:00:03Z one');
  pods.line(modified(kaniko(PUSHED)));
  log.line('2026-11-23T12:00:04Z two');
  log.end();
  const rest = await build.log(2);
  for (const line of ['03Z one', '04Z two', '05Z three']) { rest.line(`2026-11-23T12:00:${line}`); }
  rest.end('2026-11-23T12:00:06Z without an end');
  await build.end;
  expect(build.events.map(event => event.kind === 'log' ? event.line : event.kind)).toEqual(
    ['queued', 'scheduled', 'started', 'one', 'two', 'three', 'without an end', 'ended']);
});

test('reads a log anew as soon as its container has ended, although the kubelet has not yet seen that it follows it in vain', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  const followed = await build.log();
  followed.line('2026-11-23T12:00:03Z one');
  (await build.pods()).line(modified(kaniko(PUSHED)));
  const whole = await build.log(2); // and the first has no end
  for (const line of ['03Z one', '04Z two']) { whole.line(`2026-11-23T12:00:${line}`); }
  whole.end();
  expect(await build.end).toEqual({ outcome: 'pushed', digest: DIGEST });
  expect([build.lines(), followed.path.includes('follow=true'), whole.path.includes('follow')]).toEqual([['one', 'two'], true, false]);
});

test('does not wait for what the cluster puts into the pod beside the build', async () => {
  const build = await begin();
  const meshed = (state: object) => {
    const { spec, ...rest } = kaniko(state);
    const also = (name: string, of: object) => ({ name, image: 'mesh', state: of });
    return {
      ...rest,
      spec: { ...spec, initContainers: [{ name: 'mesh-init', image: 'mesh' }], containers: [...spec.containers, { name: 'mesh-proxy', image: 'mesh' }] },
      status: {
        ...rest.status,
        initContainerStatuses: [also('mesh-init', { terminated: { exitCode: 0, startedAt: '2026-11-23T12:00:01Z', finishedAt: '2026-11-23T12:00:01Z' } })],
        containerStatuses: [{ name: 'kaniko', image: 'k', state }, also('mesh-proxy', RUNNING)],
      },
    };
  };
  (await build.pods()).line(added(meshed(RUNNING)));
  const log = await build.log();
  (await build.pods()).line(modified(meshed(PUSHED)));
  log.end();
  (await build.log(2)).end();
  expect(await build.end).toEqual({ outcome: 'pushed', digest: DIGEST });
  expect(build.events.flatMap(event => event.kind === 'started' ? [event.container] : [])).toEqual(['kaniko']);
});

test('a line that is too long for an eye is told in pieces, an empty one as it is', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  const log = await build.log();
  log.line('2026-11-23T12:00:03Z ');
  log.line(`2026-11-23T12:00:03Z ${'x'.repeat(LONGEST_LINE)}y`);
  await finish(build);
  expect(build.lines()).toEqual(['', 'x'.repeat(LONGEST_LINE), 'y']);
});

test('takes up a log where it broke off, without loss or repetition', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  const first = await build.log();
  first.line('2026-11-23T12:00:03.1Z one');
  first.line('2026-11-23T12:00:04.1Z two');
  first.fail('unexpected EOF');
  const second = await build.log(2);
  expect(second.path).toContain('sinceTime=2026-11-23T12%3A00%3A03Z');
  for (const line of ['03.1Z one', '04.1Z two', '04.1Z two', '05Z three']) { second.line(`2026-11-23T12:00:${line}`); }
  (await build.pods()).line(modified(kaniko(PUSHED)));
  second.end();
  (await build.log(3)).end();
  await build.end;
  expect(build.lines()).toEqual(['one', 'two', 'two', 'three']);
});

test('lists again where the API server has forgotten the place, and misses nothing that happened meanwhile', async () => {
  let listed: object[] = [];
  const build = await begin(({ method, path }) => method === 'GET' && /\/pods\?/.test(path) && listed.length > 0
    ? { metadata: { resourceVersion: '90' }, items: listed } : undefined);
  const pods = await build.pods();
  listed = [kaniko(PUSHED)];
  pods.line({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  pods.end();
  (await build.log()).end();
  expect(await build.end).toEqual({ outcome: 'pushed', digest: DIGEST });
  expect(pods.path).toContain('resourceVersion=3&');
});

test.each(['<html>Bad Gateway</html>', 'null', '{"error":"timeout"}', ''])('lists again where %j comes instead of a change', async text => {
  let listed: object[] = [];
  const build = await begin(({ method, path }) => method === 'GET' && /\/pods\?/.test(path) && listed.length > 0
    ? { metadata: { resourceVersion: '90' }, items: listed } : undefined);
  const pods = await build.pods();
  listed = [kaniko(PUSHED)];
  pods.line(text);
  pods.line(added(kaniko(RUNNING)));
  (await build.log()).end();
  expect(await build.end).toEqual({ outcome: 'pushed', digest: DIGEST });
});

test('says that the cluster does not answer, and that it answers again', async () => {
  let away = false;
  const build = await begin(({ method }) => away && method === 'GET' ? new ClusterError('connect: connection refused') : undefined);
  const pods = await build.pods();
  pods.line(added(kaniko(RUNNING)));
  away = true;
  pods.fail('unexpected EOF');
  while (build.notices().length === 0) { await new Promise(resolve => { setImmediate(resolve); }); }
  away = false;
  await build.pods(2);
  await finish(build);
  expect(build.notices()).toEqual([expect.stringMatching(/^the cluster does not answer: /), expect.stringMatching(/^the cluster answers again, after \d+ s$/)]);
});

test('a digest counts only where kaniko ended well', async () => {
  const build = await begin();
  const failed = { terminated: { ...PUSHED.terminated, exitCode: 1, reason: 'Error' } };
  (await build.pods()).line(added(kaniko(failed)));
  (await build.log()).line('2026-11-23T12:00:03Z error pushing image: failed to push to destination registry.contoso.example/app:1: DENIED: no');
  (await build.log()).end();
  const condition = { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message: 'Container kaniko failed' };
  (await build.api.begun(/\/jobs\?/)).line(modified(job({ conditions: [condition] })));
  expect(await build.end).toMatchObject({ outcome: 'failed', failure: { cause: 'registry-denied', exitCode: 1 } });
});

test('a kaniko that ended well without a digest has not pushed', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko({ terminated: { ...PUSHED.terminated, message: 'done' } })));
  (await build.log()).end();
  expect(await build.end).toMatchObject({ outcome: 'failed', failure: { cause: 'kaniko-failed', message: expect.stringContaining('holds no digest') } });
});

test('ends at once on the signal, and all that it reads when it is closed', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  const log = await build.log();
  build.abort.abort();
  expect(await build.end).toEqual({ outcome: 'cancelled' });
  await log.whole();
  await build.engine.close();
  await Promise.all(build.api.streams.map(async stream => stream.whole()));
  expect(build.api.closed).toBe(true);
});

const JOB_PATH = `/apis/batch/v1/namespaces/builds/jobs/${NAME}`;
const POD_PATH = `/api/v1/namespaces/builds/pods/${POD}`;
const BY_UID = /\/pods\?labelSelector=batch.kubernetes.io%2Fcontroller-uid%3Djob-1$/;

test('removes its own Job, and once; a pod that has ended goes with it', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  await finish(build);
  await build.engine.remove(BUILD);
  await build.engine.remove(BUILD);
  expect(deleted(build)).toMatchObject([{ path: JOB_PATH, body: { preconditions: { uid: 'job-1' }, propagationPolicy: 'Background' } }]);
  expect(build.api.asked.filter(({ path }) => BY_UID.test(path))).toEqual([]);
});

test('removes the pod with the Job where it still runs, at once and not within half a minute', async () => {
  const build = await begin();
  (await build.pods()).line(added(kaniko(RUNNING)));
  await build.log();
  build.abort.abort();
  await build.end;
  await build.engine.remove(BUILD);
  expect(deleted(build)).toMatchObject([{ path: JOB_PATH }, { path: POD_PATH, body: { gracePeriodSeconds: 1, preconditions: { uid: 'pod-1' } } }]);
});

test('looks for a pod that it has not seen, after the Job is gone that would make another', async () => {
  const build = await begin(({ path }) => BY_UID.test(path) ? { items: [kaniko(RUNNING)] } : undefined);
  while (created(build).length < 3) { await new Promise(resolve => { setImmediate(resolve); }); }
  build.abort.abort();
  await build.end;
  await build.engine.remove(BUILD);
  expect(build.api.asked.slice(-3).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)).toEqual([
    `DELETE ${JOB_PATH}`, 'GET /api/v1/namespaces/builds/pods', `DELETE ${POD_PATH}`,
  ]);
});

test.each([['the service account', '/serviceaccounts', 0], ['the Job', '/jobs', 1], ['the program', '/configmaps', 1]])(
  'a signal that comes while %s is being made leaves no Job', async (_, of, deletions) => {
    let release!: () => void;
    const held = new Promise<void>(resolve => { release = resolve; });
    let asked = false;
    const build = await begin(({ method, path }) => {
      if (!['POST', 'APPLY'].includes(method) || !path.includes(of) || path.includes('dryRun')) { return undefined; }
      asked = true;
      return held.then(() => of === '/jobs' ? job() : {});
    });
    while (!asked) { await new Promise(resolve => { setImmediate(resolve); }); }
    build.abort.abort();
    release();
    expect(await build.end).toEqual({ outcome: 'cancelled' });
    await build.engine.remove(BUILD);
    expect(deleted(build).map(({ path }) => path)).toEqual(Array(deletions).fill(JOB_PATH));
  });

test('leaves a Job of that name alone that another run has made', async () => {
  const build = await begin(asked => isCreation(asked, '/jobs') ? new ClusterError(`jobs.batch "${NAME}" already exists`, 'AlreadyExists')
    : asked.method === 'GET' && asked.path === JOB_PATH ? job() : undefined);
  expect(await build.end).toMatchObject({ outcome: 'failed', failure: { cause: 'not-started', remedy: expect.stringContaining('--run-id') } });
  await build.engine.remove(BUILD);
  expect(deleted(build)).toEqual([]);
  expect(created(build)).toHaveLength(1);
});

test('knows its own Job again where the answer to its creation was lost', async () => {
  let sent: any;
  const build = await begin(asked => {
    if (isCreation(asked, '/jobs')) {
      const first = sent === undefined;
      sent = asked.body;
      return first ? new ClusterError('http2: client connection lost') : new ClusterError('already exists', 'AlreadyExists');
    }
    return asked.method === 'GET' && asked.path === JOB_PATH ? { ...job(), metadata: { ...job().metadata, annotations: sent.metadata.annotations } } : undefined;
  });
  (await build.pods()).line(added(kaniko(RUNNING)));
  await finish(build);
});

test.each([['its answer was lost', new ClusterError('http2: client connection lost'), 'pushed'], ['it is somebody else\'s', undefined, 'failed']])(
  'a program that is there already: %s', async (_, lost, outcome) => {
    let tries = 0;
    const build = await begin(asked => !isCreation(asked, '/configmaps') ? undefined
      : ++tries === 1 && lost !== undefined ? lost : new ClusterError('configmaps already exists', 'AlreadyExists'));
    if (outcome === 'pushed') {
      (await build.pods()).line(added(kaniko(RUNNING)));
      await finish(build);
    }
    expect(await build.end).toMatchObject({ outcome });
  });

test('says which Job stays where it cannot be deleted', async () => {
  const build = await begin(({ method }) => method === 'DELETE' ? new ClusterError('jobs.batch is forbidden', 'Forbidden') : undefined);
  (await build.pods()).line(added(kaniko(RUNNING)));
  await finish(build);
  await expect(build.engine.remove(BUILD)).rejects.toThrow(`the Job builds/${NAME} could not be deleted: jobs.batch is forbidden`);
});

test('a cluster that is not there is one failure', async () => {
  const api = new PlayedApiServer(() => new ClusterError('kubectl does not reach the API server: dial tcp 127.0.0.1:8080: connect: connection refused'));
  const engine = new KubectlEngine({}, api, SILENT);
  expect(await engine.check([BUILD])).toMatchObject([{ cause: 'no-connection', remedy: expect.stringContaining('--engine podman') }]);
  await engine.close();
});

test('asks for the version once, and all at once: nothing waits for another answer', async () => {
  const api = new PlayedApiServer(async () => new Promise(() => undefined));
  const engine = new KubectlEngine({}, api, SILENT);
  void engine.takesSidecars();
  void engine.check([BUILD]);
  const asked = (text: RegExp) => api.asked.filter(({ path }) => text.test(path)).length;
  expect([/^\/version$/, /selfsubjectaccessreviews/, /\/jobs\?dryRun=All/, /\/pods\?dryRun=All/, /\/(jobs|pods|events)\?(label|limit)/].map(asked)).toEqual([1, 12, 1, 1, 3]);
  await engine.close();
});

test('begins a build when all is known and watched, without a further question', async () => {
  const build = await begin();
  expect(build.api.asked.at(-1)!.method).toBe('APPLY');
  build.abort.abort();
  await build.end;
});

test('finds all that is missing, forbidden or refused at once, and asks for names alone', async () => {
  const refusals: Record<string, Error> = {
    '/pods?dryRun=All app-1-x1': new ClusterError('pods "app-1-x1" is forbidden: no PriorityClass with name high was found', 'Forbidden'),
    '/pods?dryRun=All app-2': new ClusterError('pods "app-2" is forbidden: User "a" cannot create resource "pods"', 'Forbidden'),
    '/jobs?dryRun=All app-2': new ClusterError('admission webhook "labels.contoso.example" does not support dry run', 'BadRequest'),
  };
  const forbidden = ['get pods log', 'delete jobs '];
  const api = new PlayedApiServer(({ path, body }) => {
    const { verb, resource, subresource = '' } = body?.spec.resourceAttributes ?? {};
    if (verb !== undefined) { return { status: { allowed: !forbidden.includes(`${verb} ${resource} ${subresource}`) } }; }
    if (path.endsWith('/configmaps/authorities')) { return new ClusterError('configmaps "authorities" not found', 'NotFound'); }
    return refusals[`${path.replace(/.*(?=\/)/, '')} ${body?.metadata.name}`] ?? EMPTY;
  });
  const asked: (readonly string[])[] = [];
  const engine = new KubectlEngine({}, api, {
    run: async args => {
      asked.push(args);
      return { output: 'registry .dockerconfigjson other\n', errors: 'Error from server (NotFound): secrets "jfrog" not found\n' };
    },
  });
  const volumes = [
    { name: 'a', secret: { secretName: 'registry', items: [{ key: 'config.json' }] } }, { name: 'b', secret: { secretName: 'jfrog' } },
    { name: 'c', secret: { secretName: 'may-be', optional: true } },
  ];
  const spec = { template: { metadata: {}, spec: { containers: [{ name: 'kaniko', image: 'k' }], volumes } } };
  const second: PlannedBuild = { ...BUILD, name: 'app-2', job: { ...BUILD.job, metadata: metadata('app-2'), spec } as PlannedBuild['job'] };
  expect((await engine.check([BUILD, second])).map(({ cause, message }) => `${cause}: ${message}`)).toEqual([
    'admission: kubectl\'s user may not delete jobs, get pods/log in the namespace builds',
    'missing-object: pods "app-1-x1" is forbidden: no PriorityClass with name high was found',
    'missing-object: the ConfigMap builds/authorities does not exist',
    'missing-object: the Secret builds/registry has no key config.json',
    'missing-object: the Secret builds/jfrog does not exist',
  ]);
  expect(asked.map(args => args.slice(0, 4))).toEqual([['get', 'secret', 'registry', 'jfrog']]);
  expect(asked[0].at(-1)).toMatch(/^--output=go-template=/);
  expect(api.asked.filter(({ path }) => path.includes('/secrets'))).toEqual([]);
  await engine.close();
});
