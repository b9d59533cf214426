/**
 * What goes wrong in practice, with the newest executor: what the pod's status and the events then say, that nothing
 * is pushed, and that no build is begun again but one whose node was taken away.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubernetesObject } from '../cluster/kubectl';
import { until } from '../cluster/processes';
import { Environment } from '../environment';
import { Scenario, Trial } from '../scenario';
import { PACKAGE, Packages } from '../services/packages';
import { BASE_IMAGE, Build, CLIENT_ID, Parameters, SHELL_IMAGE, Team } from '../team';

/** How a build is spoilt, and what then is said where. */
interface Failure {
  readonly title: string;
  readonly dockerfile?: string;
  readonly parameters?: Parameters;
  /** An identity of its own. */
  readonly clientId?: string;
  /** Spoils what a user made. */
  readonly spoil?: (environment: Environment, team: Team) => Promise<void>;
  /** The container that ends with an error. */
  readonly container: 'prepare' | 'kaniko';
  readonly exitCode: number;
  /** In the container's termination message. */
  readonly message: RegExp;
  /** What kaniko's log says, where the message is only its end. */
  readonly log?: RegExp;
  /** The container's reason. @default Error */
  readonly reason?: string;
}

const APT_DOCKERFILE = `FROM ${BASE_IMAGE}\nRUN apt-get update && apt-get install -y ${PACKAGE.name}\n`;

const FAILURES: readonly Failure[] = [
  {
    title: 'a wrong password of the registry',
    spoil: (environment, team) => team.secret('registry', {
      '.dockerconfigjson': environment.services.registry.dockerConfig({ username: 'registry-user', password: 'wrong' }),
    }, 'kubernetes.io/dockerconfigjson'),
    container: 'kaniko', exitCode: 1, message: /UNAUTHORIZED|authentication required/i,
  },
  {
    title: 'a wrong password of the mirror',
    dockerfile: APT_DOCKERFILE,
    parameters: { aptSources: [`deb [trusted=yes] ${Packages.URL} bookworm main`], aptSecretName: 'jfrog' },
    spoil: (_, team) => team.secret('jfrog', { 'jfrog-deb-user': 'apt-user', 'jfrog-deb-secret': 'wrong' }),
    container: 'kaniko', exitCode: 100, message: /401 +Unauthorized|Unable to locate package/, log: /401 +Unauthorized/,
  },
  {
    title: 'a blob that does not exist',
    parameters: { appFiles: [{ path: 'no/such/blob', name: 'tool' }] },
    container: 'prepare', exitCode: 41, message: /no\/such\/blob/,
  },
  {
    title: 'a blob of another checksum',
    parameters: { appFiles: [{ path: 'changed', name: 'tool', sha256: '0'.repeat(64) }] },
    spoil: environment => environment.services.putBlob('changed', 'other than it was'),
    container: 'prepare', exitCode: 42, message: /SHA-256/,
  },
  {
    title: 'a role that the identity does not have',
    clientId: '44444444-4444-4444-4444-444444444444',
    parameters: { appFiles: [{ path: 'any', name: 'tool' }], prepareRetrySeconds: 5 },
    container: 'prepare', exitCode: 40, message: /needs the role Storage Blob Data Reader/,
  },
  {
    title: 'a branch that does not exist',
    parameters: { branchName: 'no-such-branch' },
    container: 'prepare', exitCode: 32, message: /no-such-branch/,
  },
  {
    title: 'an authority that nobody mounted',
    parameters: { caCertificates: [] },
    container: 'prepare', exitCode: 11, message: /not trusted/,
  },
  {
    title: 'a RUN that needs more memory than there is',
    dockerfile: `FROM ${BASE_IMAGE}\nRUN tail /dev/zero\n`,
    parameters: { memoryRequest: '64Mi', memoryLimit: '300Mi' },
    container: 'kaniko', exitCode: 137, message: /exit status 137/, reason: 'OOMKilled',
  },
];

export const failures: Scenario = {
  name: 'failures',
  trials: environment => [
    ...FAILURES.map(failure => trial(environment, `fails for ${failure.title}`, () => fail(environment, failure))),
    trial(environment, 'fails for an executor that is killed', () => kill(environment)),
    trial(environment, 'fails when somebody deletes its pod', () => deletePod(environment)),
    trial(environment, 'fails for a full disk', () => fillDisk(environment)),
    trial(environment, 'fails at its deadline, in RUN and before it', () => exceedDeadline(environment)),
    trial(environment, 'waits for a federation that propagates late', () => waitForFederation(environment)),
    trial(environment, 'is begun again when its pod was evicted', () => evict(environment)),
    trial(environment, 'leaves nothing after its time to live', () => expire(environment)),
  ],
};

function trial(environment: Environment, title: string, run: () => Promise<void>): Trial {
  return { title, executor: environment.newest, run };
}

async function fail(environment: Environment, failure: Failure): Promise<void> {
  const team = await teamWith(environment, 'fail', failure.dockerfile, failure.clientId);
  await failure.spoil?.(environment, team);
  const [build] = await team.build(team.parameters(environment.newest, failure.parameters));
  await assertFailed(environment, team, build);
  const ended = build[failure.container];
  assert.equal(ended?.exitCode, failure.exitCode, await team.describe(build));
  assert.match(ended.message ?? '', failure.message);
  assert.match(build.logs.kaniko ?? '', failure.log ?? /(?:)/);
  assert.equal(ended.reason, failure.reason ?? 'Error');
}

async function fillDisk(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'disk', `FROM ${BASE_IMAGE}\nRUN head -c 400M /dev/zero >/big && sleep 120\n`);
  const [build] = await team.build(team.parameters(environment.newest, { ephemeralStorageRequest: '10Mi', ephemeralStorageLimit: '400Mi' }));
  await assertFailed(environment, team, build);
  assert.equal(build.pod!.status.reason, 'Evicted');
  assert.match(build.pod!.status.message as string, /ephemeral local storage usage exceeds/);
}

async function exceedDeadline(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'late', `FROM ${SHELL_IMAGE}\nRUN sleep 600\n`);
  const deadline = { timeoutMinutes: 1, cpuRequest: '100m', memoryRequest: '64Mi' };
  const builds = await team.build(
    team.parameters(environment.newest, { ...deadline, imageTag: 'sleeps' }),
    team.parameters(environment.newest, { ...deadline, imageTag: 'waits', registrySecretName: 'no-such-secret' }),
  );
  for (const build of builds) {
    assert.equal(build.succeeded, false);
    assert.match(JSON.stringify(build.job.status.conditions), /DeadlineExceeded/);
  }
  assert.match((await team.events()).join('\n'), /FailedMount: .*secret "no-such-secret" not found/, 'the events name the Secret that is missing');
  assert.deepEqual(await environment.services.registry.tags(`docker-local/${team.namespace}`), [], 'nothing was pushed');
  await environment.kubectl.run('wait', `--namespace=${team.namespace}`, 'pods', '--all', '--for=delete', '--timeout=60s');
}

async function waitForFederation(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'propagates');
  const { credentials, tokens } = environment.services;
  const index = credentials.indexOf(team.credential);
  const { subject } = team.credential;
  credentials[index] = { ...team.credential, subject: `${subject}-of-another` };
  const building = team.buildImage(team.parameters(environment.newest));
  await until('refused request', () => tokens.requests.find(({ error }) => error?.includes(subject)));
  credentials[index] = team.credential;
  const { build } = await building;
  assert.match(build.logs['prepare-context'], /AADSTS700213.*trying again/);
}

async function kill(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'killed', `FROM ${SHELL_IMAGE}\nRUN sleep 600\n`);
  const building = team.build(team.parameters(environment.newest));
  const { metadata: { uid } } = await runningPod(environment, team);
  process.kill(await until('RUN', () => executorOf(String(uid))), 'SIGKILL');
  const [build] = await building;
  await assertFailed(environment, team, build);
  assert.deepEqual([build.kaniko?.exitCode, build.kaniko?.reason], [137, 'Error']);
  assert.match(JSON.stringify(build.job.status.conditions), /PodFailurePolicy/);
}

/** The process id of a pod's executor, once its RUN runs. */
function executorOf(uid: string): number | undefined {
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(id => {
    try {
      const [command, group] = ['cmdline', 'cgroup'].map(file => readFileSync(join('/proc', id, file), 'utf8'));
      return group.includes(uid) ? [{ id: Number(id), command }] : [];
    } catch {
      return []; // it has ended
    }
  });
  return processes.some(({ command }) => command.startsWith('sleep')) ? processes.find(({ command }) => command.includes('kaniko/executor'))?.id : undefined;
}

async function deletePod(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'deleted', `FROM ${SHELL_IMAGE}\nRUN sleep 600\n`);
  const building = team.build(team.parameters(environment.newest));
  const { metadata: { name } } = await runningPod(environment, team);
  await environment.kubectl.run('delete', `--namespace=${team.namespace}`, `pod/${name}`, '--grace-period=0', '--force');
  const [build] = await building;
  await assertFailed(environment, team, build);
  // The Job sees the pod to its end, and no disruption in it: kaniko ends with 2 for the signal.
  assert.match(JSON.stringify(build.job.status.conditions), /Container kaniko .* failed with exit code (2|137) matching FailJob rule/);
}

async function evict(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'evicted', `FROM ${SHELL_IMAGE}\nRUN sleep 10\n`);
  const building = team.buildImage(team.parameters(environment.newest));
  const { kubectl } = environment;
  const { metadata: { name: first } } = await runningPod(environment, team);
  await kubectl.post(`/api/v1/namespaces/${team.namespace}/pods/${first}/eviction`, {
    apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: first, namespace: team.namespace },
  });
  const { build } = await building;
  assert.notEqual(build.pod!.metadata.name, first);
  assert.equal(build.job.status.succeeded, 1);
}

/** The pod of a team's only build, once its kaniko runs. */
async function runningPod(environment: Environment, team: Team): Promise<KubernetesObject> {
  return until('pod whose kaniko runs', async () => {
    const { items } = await environment.kubectl.get<{ items: KubernetesObject[] }>(team.namespace, 'pods', '--selector=app.kubernetes.io/name=kaniko-build');
    return items.find(pod => pod.status.phase === 'Running');
  });
}

async function expire(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'expires');
  const manifest = await team.synth(team.parameters(environment.newest, { timeToLiveMinutes: 0 }));
  await environment.kubectl.applyFile(manifest);
  await environment.kubectl.run('wait', `--namespace=${team.namespace}`, 'jobs', '--all', '--for=delete', '--timeout=120s');
  await environment.kubectl.run('wait', `--namespace=${team.namespace}`, 'pods', '--all', '--for=delete', '--timeout=60s');
  assert.deepEqual(await environment.services.registry.tags(`docker-local/${team.namespace}`), ['latest'], 'the image was pushed before');
}

async function teamWith(environment: Environment, label: string, dockerfile = `FROM ${SHELL_IMAGE}\nRUN true\n`, clientId = CLIENT_ID): Promise<Team> {
  const team = await Team.create(environment, label, undefined, { clientId });
  environment.services.readers.add(`${CLIENT_ID} bin`);
  team.commit({ Dockerfile: dockerfile });
  return team;
}

/** The Job failed by its first pod, and pushed nothing. */
async function assertFailed(environment: Environment, team: Team, build: Build): Promise<void> {
  assert.equal(build.succeeded, false);
  assert.equal(build.job.status.failed, 1, 'one pod failed, and no other was begun');
  assert.deepEqual(await environment.services.registry.tags(`docker-local/${team.namespace}`), [], 'nothing was pushed');
}
