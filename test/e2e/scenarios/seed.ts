/**
 * The build that the library was written for: a Dockerfile of a repository of Azure DevOps on a Debian base, with a
 * private authority, packages of a mirror that wants a password, and binaries of a storage account; and the same image
 * from a plain Dockerfile, by `aptSources`.
 */
import assert from 'node:assert/strict';
import { Executor } from '../cluster/binaries';
import { Environment } from '../environment';
import { Scenario, withEveryExecutor } from '../scenario';
import { PACKAGE, Packages } from '../services/packages';
import { PulledImage } from '../services/pulled-image';
import { BASE_IMAGE, Build, CLIENT_ID, SHELL_IMAGE, Team } from '../team';

const BINARIES = [{ path: 'k8s/kubectl', name: 'kubectl' }, { path: 'k8s/kubelogin', name: 'kubelogin' }];
const PROGRAM = '#!/bin/sh\necho binary of Contoso\n';

/** How the tokens of the cluster and of the token server begin: `{"alg":"RS256",`. */
const TOKEN = Buffer.from('{"alg":"RS256",').toString('base64url');

/** As teams have it today: the mirror's password goes into a file of the image. */
const DOCKERFILE = `FROM ${BASE_IMAGE}
COPY certs/ca-certificates.crt /kaniko/ssl/certs/ca-certificates.crt
ENV SSL_CERT_DIR=/kaniko/ssl/certs \\
    REQUESTS_CA_BUNDLE=/kaniko/ssl/certs/ca-certificates.crt \\
    CURL_CA_BUNDLE=/kaniko/ssl/certs/ca-certificates.crt \\
    DOCKER_CONFIG=/kaniko/.docker/
RUN --mount=type=secret,id=jfrog,target=/kaniko/secrets \\
    cp /kaniko/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt \\
 && rm /etc/apt/sources.list.d/debian.sources \\
 && echo "deb [trusted=yes] https://$(cat /kaniko/secrets/jfrog-deb-user):$(cat /kaniko/secrets/jfrog-deb-secret)@${Packages.URL.slice('https://'.length)} bookworm main" >> /etc/apt/sources.list \\
 && apt-get update -y \\
 && apt-get upgrade -y \\
 && apt-get install -y ${PACKAGE.name}
COPY kubectl kubelogin /usr/local/bin/
COPY motd /etc/motd
`;

const PLAIN_DOCKERFILE = `FROM ${BASE_IMAGE}
RUN apt-get update && apt-get install -y ${PACKAGE.name}
COPY kubectl kubelogin /usr/local/bin/
COPY motd /etc/motd
`;

export const seed: Scenario = {
  name: 'seed',
  trials: environment => [
    ...withEveryExecutor(environment, 'builds today\'s Dockerfile', executor => buildToday(environment, executor)),
    ...withEveryExecutor(environment, 'builds a plain Dockerfile by aptSources', executor => buildPlain(environment, executor)),
    ...withEveryExecutor(environment, 'fails once with the code of a failing RUN', executor => failInRun(environment, executor)),
  ],
};

async function buildToday(environment: Environment, executor: Executor): Promise<void> {
  const team = await teamWith(environment, 'today', DOCKERFILE);
  const { build, image } = await team.buildImage(team.parameters(executor, { appFiles: BINARIES, buildSecretName: 'jfrog' }));
  const { packagesLogin, authority } = environment.services;

  await assertImage(team, image);
  const bundle = image.file('kaniko/ssl/certs/ca-certificates.crt');
  assert.ok(bundle?.content.includes(authority.certificate.trim()), 'the image has the company\'s authority where the Dockerfile copies it');
  assert.deepEqual(image.find(packagesLogin.password).filter(place => !place.endsWith(': etc/apt/sources.list')), [],
    'the mirror\'s password is nowhere but where the Dockerfile itself writes it');
  assert.notDeepEqual(image.find(packagesLogin.password), [], 'the Dockerfile writes the password into the image, as docs/dockerfiles.md says');
  await assertNothingLeaked(environment, team, build, image);
}

async function buildPlain(environment: Environment, executor: Executor): Promise<void> {
  const team = await teamWith(environment, 'plain', PLAIN_DOCKERFILE);
  const { build, image } = await team.buildImage(team.parameters(executor, {
    appFiles: BINARIES, aptSources: [`deb [trusted=yes] ${Packages.URL} bookworm main`], aptSecretName: 'jfrog',
  }));

  await assertImage(team, image);
  assert.equal(image.file('etc/apt/sources.list.d/debian.sources')?.type, 'file', 'the base image\'s own sources stay');
  assert.deepEqual(image.added.filter(path => path.startsWith('etc/apt/')), [], 'nothing of apt\'s configuration is in a layer');
  assert.deepEqual(image.find(environment.services.packagesLogin.password), [], 'the mirror\'s password is not in the image');
  await assertNothingLeaked(environment, team, build, image);
}

async function failInRun(environment: Environment, executor: Executor): Promise<void> {
  const team = await Team.create(environment, 'failing');
  team.commit({ Dockerfile: `FROM ${SHELL_IMAGE}\nRUN exit 42\n` });
  const [build] = await team.build(team.parameters(executor));
  assert.equal(build.succeeded, false);
  assert.equal(build.kaniko?.exitCode, 42, 'the exit code is that of RUN');
  assert.equal(build.job.status.failed, 1, 'one pod failed, and no other was begun');
  assert.match(JSON.stringify(build.job.status.conditions), /PodFailurePolicy/);
  assert.deepEqual(await environment.services.registry.tags(`docker-local/${team.namespace}`), [], 'nothing was pushed');
}

async function teamWith(environment: Environment, label: string, dockerfile: string): Promise<Team> {
  const team = await Team.create(environment, label);
  environment.services.readers.add(`${CLIENT_ID} bin`);
  for (const { path } of BINARIES) await environment.services.putBlob(path, PROGRAM);
  team.commit({ Dockerfile: dockerfile, motd: 'welcome\n' });
  return team;
}

/** What both Dockerfiles make: the package, the binaries, root's files, and nothing of kaniko's own. */
async function assertImage(team: Team, image: PulledImage): Promise<void> {
  for (const path of ['etc/motd', 'usr/local/bin/kubectl', 'usr/local/bin/kubelogin']) {
    const file = image.file(path);
    assert.deepEqual([file?.uid, file?.gid], [0, 0], `${path} is root's`);
  }
  assert.equal(image.file('usr/local/bin/kubectl')!.mode, 0o755);
  // A layer that repeats the base would have its libraries and shells.
  assert.deepEqual(image.added.filter(path => /^(usr\/)?bin\/(bash|dpkg)$/.test(path)), [], 'the base is stored once');
  const foreign = image.added.filter(path => /^(opt\/|busybox|kaniko\/(executor|secrets\/|\.docker\/)|prepare)/.test(path));
  assert.deepEqual(foreign, [], 'nothing of kaniko, the context or the secrets is in a layer');
  const printed = await team.runImage(image.digest, 'sh', '-c', `${PACKAGE.name} && kubectl && kubelogin`);
  assert.equal(printed, `${PACKAGE.greeting}\nbinary of Contoso\nbinary of Contoso\n`);
}

/** What is secret to a build is in no object, event, log or layer; and kaniko has no identity. */
async function assertNothingLeaked(environment: Environment, team: Team, build: Build, image: PulledImage): Promise<void> {
  const { packagesLogin, registryLogin } = environment.services;
  const told = await team.everythingButSecrets(build);
  const basic = Buffer.from(`${registryLogin.username}:${registryLogin.password}`).toString('base64');
  for (const secret of [packagesLogin.password, registryLogin.password, basic, TOKEN]) {
    assert.ok(!told.includes(secret), 'no object, event or log has a password or a token');
  }
  for (const secret of [registryLogin.password, basic, TOKEN]) {
    assert.deepEqual(image.find(secret), [], 'no layer has a token or the registry\'s password');
  }

  const { initContainers, containers, volumes } = build.pod!.spec as PodSpec;
  const all = [...initContainers, ...containers];
  const withIdentity = all.filter(({ env = [] }) => env.some(({ name }) => name === 'AZURE_FEDERATED_TOKEN_FILE'));
  assert.deepEqual(withIdentity.map(({ name }) => name), ['prepare-context'], 'only the init container has the identity');
  const tokens = volumes.filter(({ projected }) => projected?.sources.some(source => 'serviceAccountToken' in source)).map(({ name }) => name);
  const withToken = all.filter(({ volumeMounts }) => volumeMounts.some(({ name }) => tokens.includes(name)));
  assert.deepEqual(withToken.map(({ name }) => name), ['prepare-context'], 'only the init container sees a token');
}

interface Container {
  readonly name: string;
  readonly env?: ReadonlyArray<{ readonly name: string }>;
  readonly volumeMounts: ReadonlyArray<{ readonly name: string }>;
}

interface PodSpec {
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: ReadonlyArray<{ readonly name: string; readonly projected?: { readonly sources: readonly object[] } }>;
}
