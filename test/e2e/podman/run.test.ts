/** Builds by the real podman: what they make, what they say when they fail, and that they leave nothing behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BASE_IMAGE, GIT_IMAGE, Machine } from './machine';
import { until } from '../cluster/processes';
import { PACKAGE, Packages } from '../services/packages';

let machine: Machine;

beforeAll(async () => { machine = await Machine.start(); });

test('builds and pushes with every kind of Secret and ConfigMap, shows none of them, and leaves nothing', async () => {
  const parameters = machine.project({
    Dockerfile: `FROM ${BASE_IMAGE}
ARG PRICE
RUN test "$PRICE" = '$5 $(id) $$' && test "$(cat /kaniko/secrets/jfrog-deb-user)" = apt-user && grep -q contoso /etc/pip.conf
RUN --mount=type=secret,id=token,target=/run/token test -s /run/token
RUN apt-get update && apt-get install -y ${PACKAGE.name}
COPY motd /etc/motd
`,
    motd: 'welcome\n',
  }, {
    aptSources: [`deb [trusted=yes] ${Packages.URL} bookworm main`], aptSecretName: 'jfrog', buildSecretName: 'jfrog',
    secrets: [{ id: 'token', secretName: 'git', key: 'password' }], mountedFiles: [{ path: '/etc/pip.conf', configMapName: 'pip', key: 'pip.conf' }],
    args: { PRICE: '$5 $(id) $$' }, nodeSelector: { disk: 'fast' },
  });
  const running = machine.start([parameters]);
  const commands = await watchCommands(running.ended);
  const { code, builds: [build], events, err } = await running.ended;

  expect([code, build, err]).toEqual([0, expect.objectContaining({ outcome: 'pushed' }), '']);
  const image = await machine.services.registry.pull(`docker-local/${String(parameters.name)}:latest`);
  expect(build.digest).toBe(image.digest);
  expect(image.file('etc/motd')).toMatchObject({ uid: 0, gid: 0 });
  expect(image.file(PACKAGE.program)).toBeDefined();
  expect(image.added.filter(path => /^(opt|kaniko|etc\/apt|etc\/pip|busybox)\b/.test(path) && !path.endsWith('/'))).toEqual([]);
  expect(events.filter(({ kind }) => kind === 'notice').map(({ message }) => message)).toEqual(['nodeSelector has no effect without a cluster']);
  for (const secret of machine.secrets) {
    expect(image.find(secret)).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(commands.filter(command => command.includes(secret))).toEqual([]);
  }
  expect(await machine.leftovers()).toEqual([]);
});

test('names why each of many builds failed, and leaves nothing', async () => {
  const failing = (name: string, dockerfile: string, own = {}) => machine.project({ Dockerfile: `FROM ${BASE_IMAGE}\n${dockerfile}\n` }, { imageTag: name, ...own });
  const { code, builds } = await machine.run([
    failing('run', 'RUN exit 42'),
    failing('memory', 'RUN tail /dev/zero', { memoryRequest: '64Mi', memoryLimit: '300Mi' }),
    failing('branch', 'RUN true', { branchName: 'no-such-branch' }),
    failing('push', 'RUN true', { registrySecretName: 'wrong' }),
    failing('image', 'RUN true', { prepareImage: `${GIT_IMAGE}-which-does-not-exist`, imagePullSecretNames: ['registry'] }),
    failing('deadline', 'RUN sleep 600', { timeoutMinutes: 1 }),
    failing('program', 'RUN true', { kanikoImage: BASE_IMAGE, kanikoVersion: 'v1.28.3', imagePullSecretNames: ['registry'] }),
  ], { arguments: ['--concurrency', '3'] });
  expect(builds.map(({ failure }) => failure)).toEqual([
    expect.objectContaining({ cause: 'run-failed', exitCode: 42, instruction: 'RUN exit 42', message: 'RUN exit 42 ended with exit code 42' }),
    expect.objectContaining({ cause: 'out-of-memory', message: 'kaniko was killed: it needed more memory than its limit, in RUN tail /dev/zero' }),
    expect.objectContaining({ cause: 'context-failed', exitCode: 32, message: expect.stringContaining('no-such-branch') }),
    expect.objectContaining({ cause: 'registry-denied', message: expect.stringContaining('UNAUTHORIZED') }),
    expect.objectContaining({ cause: 'image-pull', message: expect.stringContaining('manifest unknown') }),
    expect.objectContaining({ cause: 'deadline', message: 'not done within 60 s' }),
    expect.objectContaining({ cause: 'not-started', message: expect.stringContaining('/busybox/sh') }),
  ]);
  expect(code).toBe(3);
  expect(await machine.leftovers()).toEqual([]);
});

test('names everything that is missing before it makes anything', async () => {
  const parameters = machine.project({ Dockerfile: `FROM ${BASE_IMAGE}\n` }, {
    buildSecretName: 'registry', workloadIdentity: 'builder', gitSecretName: undefined, storageAccountName: 'contosobinaries', appFiles: [{ path: 'kubectl', name: 'kubectl' }],
  });
  const { code, events } = await machine.run([parameters], { secretFile: machine.secretFile(['authorities']) });
  const told = JSON.stringify(events);
  expect(told).toContain('the ConfigMap \\"authorities\\", which caCertificates names, is in no file');
  expect(told).toContain('the Secret \\"registry\\", which buildSecretName names, has no key \\"jfrog-deb-user\\" and \\"jfrog-deb-secret\\"');
  expect(told).toContain('gitSecretName');
  expect(told).toContain('appFiles are read as the workload identity');
  expect(events.map(({ kind }) => kind)).toEqual(['result']);
  expect(code).toBe(5);
  expect(await machine.leftovers()).toEqual([]);
});

test.each([['SIGINT', 130], ['SIGTERM', 143], ['SIGKILL', null]] as const)('leaves nothing when it is ended by %s', async (signal, expected) => {
  const running = machine.start([machine.project({ Dockerfile: `FROM ${BASE_IMAGE}\nRUN echo reached && sleep 600\n` })]);
  await running.line('reached');
  running.signal(signal);
  expect((await running.ended).code).toBe(expected);
  if (signal !== 'SIGKILL') {
    expect(await machine.leftovers()).toEqual([]);
  } else { // What removes the pod has to notice first.
    await until('removal', async () => (await machine.leftovers()).length === 0 || undefined);
  }
});

test('keeps pod and volumes where it should, and no file of a Secret', async () => {
  const { code } = await machine.run([machine.project({ Dockerfile: `FROM ${BASE_IMAGE}\nRUN exit 1\n` }, { name: 'kept' })], { arguments: ['--keep', '--run-id', '1'] });
  expect(code).toBe(3);
  await until('removal of the files', async () => !(await machine.leftovers()).some(line => line.startsWith('folder')) || undefined);
  expect(await machine.leftovers()).toEqual(expect.arrayContaining(['container developers.kept-1.kaniko', 'pod developers.kept-1', 'volume developers.kept-1.context']));
  expect(await machine.podman('logs', 'developers.kept-1.kaniko')).toContain('RUN exit 1');
  await machine.podman('pod', 'rm', '--force', 'developers.kept-1');
  await machine.podman('volume', 'prune', '--force');
  expect(await machine.leftovers()).toEqual([]);
});

test('pulls its own images with the account of a Secret, and uses the network of the machine where podman can make none', async () => {
  const parameters = machine.project({ Dockerfile: `FROM ${BASE_IMAGE}\nRUN true\n` }, { prepareImage: GIT_IMAGE, imagePullSecretNames: ['registry'] });
  const { code, events } = await machine.run([parameters], {
    environment: { CONTAINERS_CONF: machine.configure('no-plugins.conf', `cni_plugin_dirs = ["${machine.temporary}"]`) },
  });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'notice', message: expect.stringContaining('they use this machine\'s') }));
  expect(events).toContainEqual(expect.objectContaining({ kind: 'pulling', image: GIT_IMAGE }));
  expect(code).toBe(0);
  expect(await machine.leftovers()).toEqual([]);
});

/** Every command line that was seen until a promise resolves. */
async function watchCommands(ended: Promise<unknown>): Promise<string[]> {
  const seen = new Set<string>();
  let over = false;
  void ended.then(() => { over = true; });
  while (!over) {
    for (const process of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(join('/proc', process, 'cmdline'), 'utf8'));
      } catch {
        // It has ended since.
      }
    }
    await sleep(50);
  }
  return [...seen];
}
