/**
 * A pipeline that builds: the calling pipeline of examples/pipeline and the template, expanded as Azure Pipelines does
 * it, its steps run in their order. az, kubelogin and npm are doubles; `cdk-kaniko run` and kubectl are the real ones,
 * and may do what examples/pipeline/namespace.yaml allows and nothing else.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { installScript } from '../../../src/cli/template';
import { pipelineTemplate } from '../../../src/pipeline/template';
import { Agent, StepRun } from '../../pipeline/agent';
import { expand, Job, Step } from '../../pipeline/expander';
import { GIT, REGISTRY } from '../cluster/addresses';
import { KubernetesObject } from '../cluster/kubectl';
import { until } from '../cluster/processes';
import { Environment } from '../environment';
import { currentSandbox } from '../sandbox';
import { Scenario } from '../scenario';
import { BASE_IMAGE, CLIENT_ID, Team } from '../team';

const ROOT = resolve(__dirname, '../../..');
const EXAMPLE = join(ROOT, 'examples/pipeline');
/** The namespace and the identity that the example names. */
const NAMESPACE = 'winddata-dev';
const IDENTITY = '11111111-2222-3333-4444-555555555555';
/** Whom namespace.yaml binds its role to. */
const PIPELINE_USER = '99999999-8888-7777-6666-555555555555';

const BINARIES = ['k8s/kubectl', 'k8s/kubelogin'];
const COMMAND = '##vso[task.setvariable variable=PATH]/evil';

export const pipeline: Scenario = {
  name: 'pipeline',
  trials: environment => [
    { title: 'builds and pushes what the calling pipeline says', executor: environment.newest, run: () => buildAndPush(environment) },
    { title: 'shows a failing RUN, and publishes no digest', executor: environment.newest, run: () => failInRun(environment) },
    { title: 'cancelled, leaves nothing behind', executor: environment.newest, run: () => cancel(environment) },
  ],
};

async function buildAndPush(environment: Environment): Promise<void> {
  const dockerfile = `FROM ${BASE_IMAGE}\nCOPY kubectl kubelogin /usr/local/bin/\nRUN echo 'a log line ${COMMAND}'\n`;
  const world = await worldOf(environment, await Team.create(environment, 'pipeline'), dockerfile);
  const runs = await world.agent.run(world.job);
  assert.deepEqual(failedSteps(runs), [], describe(runs));

  const build = stepOf(runs, 'Build and push the image');
  assert.deepEqual([...build.commands, ...build.refused], [], 'no line of a log is a command of the agent');
  assert.match(build.output, /a log line # #vso\[/);
  const image = await environment.services.registry.pull('docker-local/build-agent:python-311-dev');
  assert.equal(image.file('usr/local/bin/kubectl')?.content.toString(), 'a binary\n');
  assert.deepEqual(outputsOf(runs), { imageDigest: image.digest, imageReference: `${REGISTRY.name}/docker-local/build-agent@${image.digest}` });
  assert.match(summaryOf(runs), new RegExp(image.digest));
  await assertNothingLeft(environment, world);
}

async function failInRun(environment: Environment): Promise<void> {
  const world = await worldOf(environment, await Team.create(environment, 'pipeline'), `FROM ${BASE_IMAGE}\nRUN exit 42\n`);
  const runs = await world.agent.run(world.job);
  assert.deepEqual(failedSteps(runs), [['Build and push the image', 3]], describe(runs));
  assert.deepEqual(outputsOf(runs), {});
  assert.match(summaryOf(runs), /exit 42/);
  await assertNothingLeft(environment, world);
}

/** AzureCLI@2 is ended by the agent, and takes the pipes of its script with it; the script itself hears nothing. */
async function cancel(environment: Environment): Promise<void> {
  const world = await worldOf(environment, await Team.create(environment, 'pipeline'), `FROM ${BASE_IMAGE}\nRUN for i in $(seq 600); do echo $i; sleep 1; done\n`);
  const at = world.job.steps.findIndex(({ task }) => task === 'AzureCLI@2');
  const step = world.job.steps[at];
  await world.agent.run({ steps: world.job.steps.slice(0, at) });
  const env = { ...world.agent.environment(step), AZURE_CONFIG_DIR: world.folder };
  const script = spawn('bash', [join(ROOT, 'assets/pipeline/build.sh')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | string>(done => script.once('exit', (code, signal) => done(code ?? signal!)));
  script.stdout.resume();
  script.stderr.resume();
  await until('running build', async () => /"kaniko".*"running"/s.test(JSON.stringify((await podsOf(environment, world.namespace))[0]?.status.containerStatuses ?? [])) || undefined);
  script.stdout.destroy();
  script.stderr.destroy();

  const [cleanUp] = (await world.agent.run({ steps: [world.job.steps.at(-1)!] }));
  assert.equal(cleanUp.code, 0, cleanUp.output);
  // By the pipes, or by the clean-up's signal; by the signal itself where it comes when all is deleted.
  assert.ok([129, 143, 'SIGTERM'].includes(await ended), `the build ended by itself: ${await ended}`);
  await assertNothingLeft(environment, world);
}

interface World {
  readonly namespace: string;
  readonly job: Job;
  readonly agent: Agent;
  /** The agent's. */
  readonly folder: string;
}

/** An agent with the calling pipeline's job, and all that a platform team sets up around it. */
async function worldOf(environment: Environment, team: Team, dockerfile: string): Promise<World> {
  const { namespace } = team;
  // A trial beside another has a namespace of its own, and the token server knows one identity.
  const here = (text: string) => text.replaceAll(NAMESPACE, namespace).replaceAll(IDENTITY, CLIENT_ID);
  await environment.kubectl.apply(...parseAllDocuments(here(readFileSync(join(EXAMPLE, 'namespace.yaml'), 'utf8'))).map(document => document.toJS() as KubernetesObject));
  environment.services.readers.add(`${CLIENT_ID} bin`);
  for (const path of BINARIES) await environment.services.putBlob(path, 'a binary\n');
  team.repository.commit({ 'k8s/images/build-agent/python-311.Dockerfile': dockerfile });

  const template = pipelineTemplate({
    version: '1.2.3',
    installScript: installScript(),
    defaults: { registry: `${REGISTRY.name}/docker-local`, registrySecretName: 'registry', caCertificates: [{ configMapName: 'authorities' }], kanikoImage: environment.newest.image },
  });
  const { stages, variables } = expand(here(readFileSync(join(EXAMPLE, 'azure-pipelines.yml'), 'utf8')), {}, { 'azure-pipelines.kaniko-build.yml': template });
  const folder = mkdtempSync(join(currentSandbox().folder, 'agent-'));
  const agent = new Agent({
    folder,
    programs: join(ROOT, 'test/pipeline/programs'),
    variables: { ...variables, 'Build.Repository.Uri': `https://contoso@${GIT.name}/contoso/wind/_git/${namespace}` },
    env: { FAKE_RECORD: join(folder, 'record'), FAKE_PACKAGE: ROOT, FAKE_KUBECONFIG: kubeconfigOf(environment, PIPELINE_USER) },
  });
  return { namespace, agent, folder, job: stages[0].jobs[0] as Job };
}

/** What `az aks get-credentials` writes for a user. */
function kubeconfigOf(environment: Environment, user: string): string {
  const config = JSON.parse(readFileSync(environment.cluster.plane.kubeconfig('admin'), 'utf8'));
  config.users[0].user.as = user;
  return JSON.stringify(config);
}

async function podsOf({ kubectl }: Environment, namespace: string): Promise<KubernetesObject[]> {
  return (await kubectl.get<{ items: KubernetesObject[] }>(namespace, 'pods')).items;
}

/** No object of the build, no credentials. */
async function assertNothingLeft({ kubectl }: Environment, { namespace, folder }: World): Promise<void> {
  const kinds = 'jobs,pods,configmaps,networkpolicies';
  const left = await until('empty namespace', async () => {
    const { items } = await kubectl.get<{ items: KubernetesObject[] }>(namespace, kinds);
    const ours = items.filter(({ metadata: { name } }) => !['kube-root-ca.crt', 'authorities'].includes(name));
    return ours.length === 0 ? ours : undefined;
  });
  assert.deepEqual(left, []);
  assert.equal(existsSync(join(folder, '_temp/cdk-kaniko/kubeconfig')), false, 'the credentials are gone');
}

function stepOf(runs: readonly StepRun[], displayName: string): StepRun {
  return runs.find(({ step }) => step.displayName === displayName)!;
}

function failedSteps(runs: readonly StepRun[]): [Step['displayName'], number | null | undefined][] {
  return runs.filter(({ code }) => code !== undefined && code !== 0).map(({ step, code }) => [step.displayName, code]);
}

function outputsOf(runs: readonly StepRun[]): Record<string, string> {
  const { commands } = runs.find(({ step }) => step.name === 'kaniko')!;
  return Object.fromEntries(commands.filter(({ name }) => name === 'task.setvariable').map(({ properties, data }) => [properties.variable, data]));
}

function summaryOf(runs: readonly StepRun[]): string {
  const uploaded = runs.flatMap(({ commands }) => commands).filter(({ name }) => name === 'task.uploadsummary');
  assert.equal(uploaded.length, 1, 'one summary');
  return readFileSync(uploaded[0].data, 'utf8');
}

function describe(runs: readonly StepRun[]): string {
  return runs.map(({ step, code, output }) => `--- ${step.displayName}: ${code}\n${output}`).join('\n');
}
