/** `cdk-kaniko run` on the cluster, with the newest executor: what it tells, what it leaves, and what it calls what went wrong. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { LogLine } from '../../../src/cli/run/event';
import { FailureCause } from '../../../src/cli/run/result';
import { makePauseImage } from '../cluster/images';
import { KubernetesObject } from '../cluster/kubectl';
import { until } from '../cluster/processes';
import { Environment } from '../environment';
import { Ran, run, RunCommand } from '../run-command';
import { currentSandbox } from '../sandbox';
import { Scenario, Trial } from '../scenario';
import { BASE_IMAGE, Parameters, Team } from '../team';

/** How a build is spoilt, and what `run` then calls it. */
interface Failure {
  readonly title: string;
  readonly dockerfile?: string;
  readonly parameters?: Parameters;
  readonly args?: readonly string[];
  readonly spoil?: (environment: Environment, team: Team) => Promise<void>;
  readonly cause: FailureCause;
  readonly code: number;
  readonly message: RegExp;
  readonly instruction?: string;
  /** Whether it is found before anything is made. @default false */
  readonly before?: boolean;
  /** Whether `run` may read neither Secrets nor make pods, so that it learns of it from the cluster's events. @default false */
  readonly humble?: boolean;
}

const NUMBERS = 3000;

/** Lines at once and in pieces, on both outputs; 60 seconds in all would be too long for a trial, 12 are enough to take the API server away. */
const CHATTY = `FROM ${BASE_IMAGE}
RUN seq -f 'fast %g' ${NUMBERS}; for i in $(seq 60); do echo "slow $i"; sleep 0.2; done
`;

const FAILURES: readonly Failure[] = [
  {
    title: 'a failing RUN',
    dockerfile: `FROM ${BASE_IMAGE}\nRUN true\nRUN echo last words; exit 42\n`,
    cause: 'run-failed', code: 3, message: /^RUN echo last words; exit 42 ended with exit code 42\nlast words$/, instruction: 'RUN echo last words; exit 42',
  },
  { title: 'a Dockerfile with a mistake', dockerfile: `FROM ${BASE_IMAGE}\nRUNN true\n`, cause: 'kaniko-failed', code: 3, message: /unknown instruction: RUNN/ },
  {
    title: 'a base image that does not exist', dockerfile: 'FROM registry.contoso.example/docker-virtual/no-such:1\n',
    cause: 'kaniko-failed', code: 3, message: /MANIFEST_UNKNOWN|NAME_UNKNOWN/,
  },
  { title: 'a branch that does not exist', parameters: { branchName: 'no-such-branch' }, cause: 'context-failed', code: 4, message: /no-such-branch/ },
  {
    title: 'a RUN that needs more memory than there is', dockerfile: `FROM ${BASE_IMAGE}\nRUN tail /dev/zero\n`,
    parameters: { memoryRequest: '64Mi', memoryLimit: '300Mi' },
    cause: 'out-of-memory', code: 6, message: /needed more memory than its limit, in RUN tail/, instruction: 'RUN tail /dev/zero',
  },
  {
    title: 'a RUN that fills the disk', dockerfile: `FROM ${BASE_IMAGE}\nRUN head -c 400M /dev/zero >/big && sleep 120\n`,
    parameters: { ephemeralStorageRequest: '10Mi', ephemeralStorageLimit: '400Mi' },
    cause: 'evicted', code: 6, message: /ephemeral local storage usage exceeds/,
  },
  {
    title: 'a RUN that outlasts the deadline', dockerfile: `FROM ${BASE_IMAGE}\nRUN sleep 600\n`, parameters: { timeoutMinutes: 1 },
    cause: 'deadline', code: 7, message: /deadline of 1 min, in RUN sleep 600/, instruction: 'RUN sleep 600',
  },
  {
    title: 'a registry that refuses the password',
    spoil: (environment, team) => team.secret('registry', {
      '.dockerconfigjson': environment.services.registry.dockerConfig({ username: 'registry-user', password: 'wrong' }),
    }, 'kubernetes.io/dockerconfigjson'),
    cause: 'registry-denied', code: 8, message: /UNAUTHORIZED/,
  },
  {
    title: 'a label that no node has', parameters: { nodeSelector: { 'contoso.example/pool': 'builds' } }, args: ['--wait-for-node', '0'],
    cause: 'unschedulable', code: 5, message: /0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector/,
  },
  {
    title: 'an executor that no registry has', parameters: { kanikoImage: 'registry.contoso.example/no-such:v1.28.3-debug' },
    cause: 'image-pull', code: 5, message: /registry\.contoso\.example\/no-such:v1\.28\.3-debug cannot be pulled: .*401 Unauthorized/,
  },
  {
    title: 'an image without the init container\'s shell', parameters: { prepareImage: 'registry.contoso.example/docker-virtual/empty:1', imagePullSecretNames: ['registry'] },
    spoil: pushEmptyImage,
    cause: 'not-started', code: 5, message: /prepare-context could not be started from .*"sh"/,
  },
  {
    title: 'a Secret that is missing', parameters: { registrySecretName: 'no-such-secret' }, before: true,
    cause: 'missing-object', code: 5, message: /^the Secret \S+\/no-such-secret does not exist$/,
  },
  {
    title: 'a Secret without the key', parameters: { registrySecretName: 'jfrog' }, before: true,
    cause: 'missing-object', code: 5, message: /^the Secret \S+\/jfrog has no key \.dockerconfigjson$/,
  },
  {
    title: 'a Secret that is missing, and that it may not look for', parameters: { registrySecretName: 'no-such-secret' }, humble: true,
    cause: 'missing-object', code: 5, message: /secret "no-such-secret" not found/,
  },
  {
    title: 'a ConfigMap that is missing', parameters: { caCertificates: [{ configMapName: 'no-such-map' }] }, before: true,
    cause: 'missing-object', code: 5, message: /^the ConfigMap \S+\/no-such-map does not exist$/,
  },
  {
    title: 'a service account that is missing', spoil: async (environment, team) => { await environment.kubectl.run('delete', 'serviceaccounts', '--all', `--namespace=${team.namespace}`); },
    before: true, cause: 'missing-object', code: 5, message: /service ?account "wdap-cicd-identity" not found/i,
  },
  {
    title: 'a service account that is missing, and that it may not look for', humble: true,
    spoil: async (environment, team) => { await environment.kubectl.run('delete', 'serviceaccount', 'wdap-cicd-identity', `--namespace=${team.namespace}`); },
    cause: 'missing-object', code: 5, message: /service ?account "wdap-cicd-identity" not found/i,
  },
  {
    title: 'a namespace that enforces "restricted"', spoil: restrict, before: true,
    cause: 'admission', code: 5, message: /violates PodSecurity "restricted:latest": unrestricted capabilities/,
  },
  {
    title: 'a namespace that enforces "restricted", without the right to try', spoil: restrict, humble: true,
    cause: 'admission', code: 5, message: /violates PodSecurity "restricted:latest": unrestricted capabilities/,
  },
  {
    title: 'a quota that it cannot keep',
    spoil: async ({ kubectl }, { namespace }) => kubectl.apply({
      apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace }, spec: { hard: { 'requests.memory': '100Mi' } },
    }),
    before: true, cause: 'admission', code: 5, message: /exceeded quota: small, requested: requests\.memory=1Gi/,
  },
  {
    title: 'a priority class that is missing', parameters: { priorityClassName: 'no-such-class' }, before: true,
    cause: 'missing-object', code: 5, message: /no PriorityClass with name no-such-class/,
  },
  {
    title: 'a namespace that is missing', before: true,
    spoil: async (environment, team) => { await environment.kubectl.run('delete', 'namespace', team.namespace); },
    cause: 'missing-object', code: 5, message: /namespaces "\S+" not found/,
  },
];

export const runCommand: Scenario = {
  name: 'run',
  trials: environment => [
    trial(environment, 'tells every line of a build once, and the digest', () => pushes(environment)),
    trial(environment, 'runs builds side by side, of which one fails', () => sideBySide(environment)),
    ...FAILURES.map(failure => trial(environment, `names ${failure.title}`, () => fails(environment, failure))),
    ...(['SIGINT', 'SIGTERM'] as const).map(signal => trial(environment, `deletes everything on ${signal}`, () => stops(environment, signal))),
    trial(environment, 'is covered by the time to live when it is killed', () => isKilled(environment)),
    trial(environment, 'names a Job that somebody else deleted', () => loses(environment, 'job')),
    trial(environment, 'names a pod that somebody else deleted', () => loses(environment, 'pod')),
    trial(environment, 'follows the next pod when the first is evicted', () => isEvicted(environment)),
    { ...trial(environment, 'loses no line while the API server is restarted', () => outlasts(environment, 'SIGTERM', 0)), alone: true },
    { ...trial(environment, 'loses no line while the API server is dead for half a minute', () => outlasts(environment, 'SIGKILL', 30)), alone: true },
  ],
};

function trial(environment: Environment, title: string, go: () => Promise<void>): Trial {
  return { title, executor: environment.newest, run: go };
}

async function pushes(environment: Environment): Promise<void> {
  const team = await teamWith(environment, CHATTY);
  const { code, events, result } = await run(environment, team, { builds: [team.parameters(environment.newest)] });
  await assertPushed(environment, team, { code, events, result, stderr: '' });
  assert.deepEqual(events.flatMap(event => event.kind === 'started' || event.kind === 'ended' ? [`${event.container} ${event.kind}`] : event.kind === 'log' ? [] : [event.kind]), [
    'queued', 'scheduled', 'prepare-context started', 'prepare-context ended', 'kaniko started', 'kaniko ended',
  ]);
  assert.ok(events.some(event => event.kind === 'log' && event.container === 'prepare-context' && /clone: commit/.test(event.line)));
}

async function sideBySide(environment: Environment): Promise<void> {
  const team = await teamWith(environment, `FROM ${BASE_IMAGE}\nARG CODE=0\nRUN exit $CODE\n`);
  const least = { cpuRequest: '100m', memoryRequest: '64Mi' };
  const { code, result } = await run(environment, team, {
    builds: ['0', '7', '0'].map((CODE, index) => team.parameters(environment.newest, { ...least, imageTag: `tag-${index}`, args: { CODE } })),
    args: ['--concurrency', '3'],
  });
  assert.deepEqual(result!.builds.map(({ outcome, failure }) => failure?.exitCode ?? outcome), ['pushed', 7, 'pushed']);
  assert.equal(code, 3);
  await assertNothingLeft(environment, team);
}

async function fails(environment: Environment, failure: Failure): Promise<void> {
  const team = await teamWith(environment, failure.dockerfile ?? `FROM ${BASE_IMAGE}\nRUN true\n`);
  await failure.spoil?.(environment, team);
  const { code, result, events, stderr } = await run(environment, team, {
    builds: [team.parameters(environment.newest, failure.parameters)],
    args: failure.args,
    kubeconfig: failure.humble === true ? await humble(environment, team) : undefined,
  });
  const [named] = failure.before === true ? result?.failures ?? [] : result?.builds.map(build => build.failure) ?? [];
  assert.ok(named, `names a failure; it told ${JSON.stringify(result)}\n${stderr}`);
  assert.deepEqual([named.cause, code, named.instruction], [failure.cause, failure.code, failure.instruction], JSON.stringify(named));
  assert.match(named.message, failure.message);
  if (failure.before === true) assert.deepEqual(events, [], 'nothing was begun');
  await assertNothingLeft(environment, team);
}

async function stops(environment: Environment, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const team = await teamWith(environment, `FROM ${BASE_IMAGE}\nRUN sleep 300\n`);
  const command = new RunCommand(environment, team, { builds: [team.parameters(environment.newest)] });
  await command.event('the RUN', event => event.kind === 'log' && event.line.includes('Running: '));
  assert.equal(command.processes().filter(line => line.startsWith('kubectl ')).length, 1, 'one kubectl for all requests');
  command.kill(signal);
  const { code, result } = await command.ended;
  assert.deepEqual([code, result?.outcome], [{ SIGINT: 130, SIGTERM: 143 }[signal], 'cancelled']);
  assert.deepEqual(command.processes(), []);
  await assertNothingLeft(environment, team);
}

async function isKilled(environment: Environment): Promise<void> {
  const team = await teamWith(environment, `FROM ${BASE_IMAGE}\nRUN sleep 10; echo awake\n`);
  const command = new RunCommand(environment, team, { builds: [team.parameters(environment.newest, { timeToLiveMinutes: 0 })] });
  await command.event('the RUN', event => event.kind === 'log' && event.line.includes('Running: '));
  command.kill('SIGKILL');
  assert.equal((await command.ended).code, 'SIGKILL');
  await assertNothingLeft(environment, team, 90);
  assert.deepEqual(await environment.services.registry.tags(`docker-local/${team.namespace}`), ['latest'], 'the Job went on to its end');
  await until('end of the run\'s processes', () => command.processes().length === 0 || undefined, 5);
}

async function loses(environment: Environment, kind: 'job' | 'pod'): Promise<void> {
  const team = await teamWith(environment, `FROM ${BASE_IMAGE}\nRUN sleep 300\n`);
  const command = new RunCommand(environment, team, { builds: [team.parameters(environment.newest)] });
  await command.event('the RUN', event => event.kind === 'log' && event.line.includes('Running: '));
  await environment.kubectl.run('delete', kind, '--all', `--namespace=${team.namespace}`, '--wait=false', '--grace-period=1');
  const { code, result } = await command.ended;
  const failure = result?.builds[0].failure;
  assert.deepEqual([failure?.cause, code], ['lost', 5], JSON.stringify(failure));
  assert.match(failure!.message, /was deleted while it ran/);
  await assertNothingLeft(environment, team);
}

async function isEvicted(environment: Environment): Promise<void> {
  const team = await teamWith(environment, `FROM ${BASE_IMAGE}\nRUN sleep 10\n`);
  const command = new RunCommand(environment, team, { builds: [team.parameters(environment.newest)] });
  await command.event('the RUN', event => event.kind === 'log' && event.line.includes('Running: '));
  const { items: [{ metadata: { name } }] } = await environment.kubectl.get<{ items: KubernetesObject[] }>(team.namespace, 'pods');
  await environment.kubectl.post(`/api/v1/namespaces/${team.namespace}/pods/${name}/eviction`, {
    apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: team.namespace },
  });
  const { code, events } = await command.ended;
  assert.equal(code, 0);
  assert.equal(events.filter(({ kind }) => kind === 'scheduled').length, 2);
  assert.ok(events.some(event => event.kind === 'notice' && /is taken from its node .*begins another/.test(event.message)), 'says so');
  await assertNothingLeft(environment, team);
}

async function outlasts(environment: Environment, signal: NodeJS.Signals, seconds: number): Promise<void> {
  const team = await teamWith(environment, CHATTY);
  const command = new RunCommand(environment, team, { builds: [team.parameters(environment.newest)] });
  await command.event('a slow line', event => event.kind === 'log' && event.line === 'slow 5');
  const { apiServer, kubectl } = environment.cluster.plane;
  await apiServer.stop(signal);
  await sleep(seconds * 1000);
  apiServer.start();
  await until('API server', () => kubectl.run('get', '--raw', '/readyz'));
  const ran = await command.ended;
  // The cluster's own garbage collector and kubelet wait longer, the longer the server was away.
  await assertPushed(environment, team, ran, 240);
  // A server that comes back at once may have been away between two questions. That it answers again is told when all
  // watches are back; the first of them may already tell the build's end.
  if (seconds > 0) assert.ok(ran.events.some(event => event.kind === 'notice' && event.message.startsWith('the cluster does not answer: ')), 'says so');
}

/** The image is there, every line was told once and in its order, and nothing is left. */
async function assertPushed(environment: Environment, team: Team, { code, events, result, stderr }: Ran, secondsToRemove?: number): Promise<void> {
  assert.equal(code, 0, `${JSON.stringify(result)}\n${stderr}`);
  const { digest } = await environment.services.registry.pull(`docker-local/${team.namespace}:latest`);
  assert.deepEqual(result!.builds.map(build => build.digest), [digest]);
  const lines = events.filter((event): event is LogLine => event.kind === 'log' && event.container === 'kaniko').map(({ line }) => line);
  assert.deepEqual(lines.filter(line => /^(fast|slow) \d+$/.test(line)), [
    ...Array.from({ length: NUMBERS }, (_, index) => `fast ${index + 1}`), ...Array.from({ length: 60 }, (_, index) => `slow ${index + 1}`),
  ]);
  assert.equal(lines.filter(line => line.includes('msg="Running: ')).length, 1);
  await assertNothingLeft(environment, team, secondsToRemove);
}

/** Neither Job nor pod nor anything that belongs to them. */
async function assertNothingLeft(environment: Environment, { namespace }: Team, seconds = 30): Promise<void> {
  const mine = ['configmap/authorities', 'configmap/kube-root-ca.crt'];
  await until(`end of all that was made in ${namespace}`, async () => {
    const names = await environment.kubectl.run('get', 'jobs,pods,configmaps,networkpolicies', '--output=name', `--namespace=${namespace}`);
    const left = names.split('\n').filter(name => name !== '' && !mine.includes(name));
    if (left.length > 0) throw new Error(left.join(', '));
    return true;
  }, seconds);
}

async function restrict({ kubectl }: Environment, { namespace }: Team): Promise<void> {
  await kubectl.run('label', '--overwrite', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
}

async function teamWith(environment: Environment, dockerfile: string): Promise<Team> {
  const team = await Team.create(environment, 'run');
  team.commit({ Dockerfile: dockerfile });
  return team;
}

/** A kubeconfig of somebody who may do in the team's namespace what docs/run.md asks for, and no more. */
async function humble({ kubectl, cluster }: Environment, { namespace }: Team): Promise<string> {
  const account = { name: `${namespace}-user`, namespace: 'default' };
  const [role] = /^apiVersion: rbac[^]*?(?=^```)/m.exec(readFileSync(join(__dirname, '../../../docs/run.md'), 'utf8'))!;
  await kubectl.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    merge(parse(role) as KubernetesObject, namespace),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: account.name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'cdk-kaniko-run' },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  );
  const token = (await kubectl.run('create', 'token', account.name, '--namespace=default')).trim();
  const config = JSON.parse(readFileSync(cluster.plane.kubeconfig('admin'), 'utf8')) as object;
  const file = join(mkdtempSync(join(currentSandbox().folder, 'humble-')), 'kubeconfig');
  writeFileSync(file, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }), { mode: 0o600 });
  return file;
}

function merge(object: KubernetesObject, namespace: string): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** An image without a shell. */
async function pushEmptyImage({ services }: Environment): Promise<void> {
  const layout = mkdtempSync(join(currentSandbox().folder, 'empty-'));
  makePauseImage(layout);
  await services.registry.push(layout, 'docker-virtual/empty:1');
}
