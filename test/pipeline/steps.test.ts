/** The steps of the template, run in their order by an agent whose npm, az, kubelogin and `cdk-kaniko run` are doubles. Needs lib/. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepRun } from './agent';
import { checkingJob, jobOf, ROOT, TestAgent, testAgent } from './fixture';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const REFERENCE = `registry.contoso.example/docker-local/app@${DIGEST}`;
const pushed = (own: object = {}) => JSON.stringify({ kind: 'result', outcome: 'pushed', builds: [{ digest: DIGEST, reference: REFERENCE, ...own }] });

// Programs are started, and the machine may be busy.
jest.setTimeout(600_000);

let current: TestAgent;
afterEach(() => current.remove());

function start(env: Readonly<Record<string, string>> = {}, variables: Readonly<Record<string, string>> = {}): TestAgent {
  current = testAgent({ env: { FAKE_RESULT: pushed(), ...env }, variables });
  return current;
}

function stepOf(runs: readonly StepRun[], displayName: string): StepRun {
  return runs.find(({ step }) => step.displayName === displayName)!;
}

/** How the steps ended that run a script. */
function codes(runs: readonly StepRun[]): Record<string, number | null | undefined> {
  return Object.fromEntries(runs.filter(({ step }) => step.bash ?? step.inputs?.scriptPath).map(({ step, code }) => [step.displayName, code]));
}

test('a build that pushes ends with its digest as output variables and its summary uploaded', async () => {
  const runs = await start().agent.run(jobOf());
  expect(codes(runs)).toEqual({
    'Install cdk-kaniko': 0, 'Check the parameters': 0, 'Build and push the image': 0, 'Publish digest and summary': 0, 'Clean up': 0,
  });
  const { step, commands } = stepOf(runs, 'Publish digest and summary');
  expect(step.name).toBe('kaniko');
  expect(commands).toEqual([
    { name: 'task.uploadsummary', properties: {}, data: join(current.folder, '_temp/cdk-kaniko/container-image.md') },
    { name: 'task.setvariable', properties: { variable: 'imageDigest', isOutput: 'true' }, data: DIGEST },
    { name: 'task.setvariable', properties: { variable: 'imageReference', isOutput: 'true' }, data: REFERENCE },
  ]);
});

test('it logs in to the named cluster with a kubeconfig of its own, which is gone in the end; the summary stays for the upload', async () => {
  const runs = await start().agent.run(jobOf({ kubernetesCluster: '--help', subscriptionName: 'Contoso "Dev" $(x)' }));
  const folder = join(current.folder, '_temp/cdk-kaniko');
  expect(current.started()).toEqual([
    ['npm', 'install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', 'cdk-kaniko@1.2.3', 'registry=', 'userconfig='],
    ['az', 'aks', 'get-credentials', '--subscription=Contoso "Dev" $(x)', '--resource-group=contoso-dev-rg', '--name=--help',
      `--file=${folder}/kubeconfig`, '--overwrite-existing', '--only-show-errors'],
    ['kubelogin', 'convert-kubeconfig', `--kubeconfig=${folder}/kubeconfig`, '--login=azurecli'],
    ['run', '-f', `${folder}/build.json`, '--report', `${folder}/result.json`, '--report', `${folder}/container-image.md`, 'kubeconfig=kind: Config'],
  ]);
  expect(stepOf(runs, 'Clean up').code).toBe(0);
  expect([existsSync(join(folder, 'kubeconfig')), existsSync(join(folder, 'container-image.md'))]).toEqual([false, true]);
});

test('parameters that are left empty need not reach the steps', async () => {
  current = testAgent({ env: { FAKE_RESULT: pushed() }, dropsEmpty: true });
  expect(Object.values(codes(await current.agent.run(jobOf())))).toEqual([0, 0, 0, 0, 0]);
});

test('what the build prints commands the agent nothing', async () => {
  const runs = await start({ FAKE_LOG: 'x ##vso[task.prependpath]/evil\n##vso[task.setvariable variable=imageDigest;isOutput=true]evil' }).agent.run(jobOf());
  const { commands, refused } = stepOf(runs, 'Build and push the image');
  expect([commands, refused.length]).toEqual([[], 2]);
});

test.each([
  ['a digest that is none', { digest: `${DIGEST}\n##vso[task.setvariable variable=PATH]/evil` }],
  ['a reference to another digest', { reference: REFERENCE.replace('0123', '3210') }],
  ['a reference with more in it', { reference: `${REFERENCE}]; rm -rf /` }],
  ['no digest', { digest: undefined }],
])('%s becomes no variable', async (_, own) => {
  const { code, commands, output } = stepOf(await start({ FAKE_RESULT: pushed(own) }).agent.run(jobOf()), 'Publish digest and summary');
  expect([code, commands.map(({ name }) => name)]).toEqual([1, ['task.uploadsummary']]);
  expect(output).toContain('run the build again');
});

test('a build that fails still has its summary, sets no variable and is cleaned up after', async () => {
  const failed = JSON.stringify({ kind: 'result', outcome: 'failed', builds: [{ outcome: 'failed', failure: { cause: 'run-failed' } }] });
  const runs = await start({ FAKE_RESULT: failed, FAKE_EXIT: '3' }).agent.run(jobOf());
  expect(codes(runs)).toMatchObject({ 'Build and push the image': 3, 'Publish digest and summary': 0, 'Clean up': 0 });
  expect(stepOf(runs, 'Publish digest and summary').commands.map(({ name }) => name)).toEqual(['task.uploadsummary']);
});

test('where nothing could be installed, the last steps have nothing to do', async () => {
  const runs = await start().agent.run(jobOf({ packageFolder: 'nowhere' }));
  expect(codes(runs)).toEqual({
    'Install cdk-kaniko': 1, 'Check the parameters': undefined, 'Build and push the image': undefined, 'Publish digest and summary': 0, 'Clean up': 0,
  });
  expect(stepOf(runs, 'Install cdk-kaniko').output).toBe('packageFolder: the repository has no .tgz in "nowhere"; put the packages there\n');
});

test('the package comes from the repository, another registry or a feed with a login, as told', async () => {
  start();
  mkdirSync(join(current.folder, 's/my npm'), { recursive: true });
  for (const name of ['cdk-kaniko-1.2.3.tgz', 'cdk8s.tgz']) { writeFileSync(join(current.folder, 's/my npm', name), ''); }
  await current.agent.run(jobOf({ packageFolder: 'my npm', npmRegistry: 'https://registry.contoso.example/npm/', npmrcFile: 'ci/.npmrc' }));
  const [[, ...npm]] = current.started();
  expect(npm.slice(6)).toEqual([
    `${current.folder}/s/my npm/cdk-kaniko-1.2.3.tgz`, `${current.folder}/s/my npm/cdk8s.tgz`,
    'registry=https://registry.contoso.example/npm/', `userconfig=${current.folder}/s/ci/.npmrc`,
  ]);
});

describe('the parameters', () => {
  const check = async (parameters: Record<string, unknown>, variables: Record<string, string> = {}) =>
    (await start({}, variables).agent.run(checkingJob(parameters))).at(-1)!;
  const file = () => JSON.parse(current.read('build.json'));

  test('those that are not given are not in the file, and the repository is the pipeline\'s own', async () => {
    await check({});
    expect(Object.keys(file()).sort()).toEqual([
      'branchName', 'cache', 'createServiceAccount', 'imageName', 'imagePath', 'imageTag', 'keepGitDirectory', 'kubernetesCluster', 'lfs', 'namespace', 'poolName',
      'registry', 'registryMirrorsOnly', 'registryWorkloadIdentity', 'repositoryUrl', 'reproducible', 'resourceGroup', 'serviceConnection', 'sparse', 'submodules',
      'subscriptionName', 'workloadIdentity',
    ]);
    expect(file().repositoryUrl).toBe('https://dev.azure.com/contoso/wind/_git/images');
  });

  test('a volume needs no repository', async () => {
    expect(await check({ volumeClaimName: 'files' })).toMatchObject({ code: 0 });
    expect(file()).not.toHaveProperty('repositoryUrl');
  });

  test('how something is done does not matter to a build that does not do it: a platform may have a default for it', async () => {
    const defaults = { cacheRepository: 'registry.contoso.example/docker-local/cache', cacheTtlHours: 24, aptSecretName: 'jfrog', buildSecretKeys: ['key'] };
    expect(await check(defaults)).toMatchObject({ code: 0, output: '' });
    expect(Object.keys(file())).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(cacheR|cacheT|apt|build)/)]));
    expect(await check({ ...defaults, cache: true, buildSecretName: 'jfrog', aptSources: ['deb https://packages.contoso.example/debian bookworm main'] }))
      .toMatchObject({ code: 0, output: '' });
    expect(file()).toMatchObject({ ...defaults, cacheTtlHours: '24' });
  });

  test('variables of the pipeline are filled into texts, and lists and mappings are literal', async () => {
    const ran = await check({ imageTag: 'v-$(Build.BuildId)', additionalTags: ['x'], args: { VALUE: '$(Build.BuildId)' } }, { 'Build.BuildId': '42' });
    expect(ran).toMatchObject({ code: 0, output: '' });
    expect(file()).toMatchObject({ imageTag: 'v-42', additionalTags: ['x'], args: { VALUE: '$(Build.BuildId)' } });
  });

  test.each([
    ['a mapping', { A: '1', B: 'x y' }], ['a list', ['A=1', '--single-snapshot']], ['a text', 'A=1 --build-arg B="x y"'],
  ])('args may be %s', async (_, args) => {
    expect(await check({ args })).toMatchObject({ code: 0 });
    expect(file().args).toEqual(args);
  });

  test('booleans and numbers are what they were, also where an expression spelt them', async () => {
    expect(await check({ cache: 'True', sparse: false, timeoutMinutes: 90, appFiles: [{ path: 'a', name: 'b', executable: 'False' }], storageAccountName: 'contosobinaries' }))
      .toMatchObject({ code: 0, output: '' });
    expect(file()).toMatchObject({ cache: 'True', sparse: 'False', timeoutMinutes: '90', appFiles: [{ executable: 'False' }] });
  });

  test('each mistake is an error of the run, without the file that the user never saw, and nothing is logged in to', async () => {
    const { code, commands } = await check({ imageTag: 'v-$(missing)', namespace: '', appFiles: [{ path: '../x', nme: 'y' }] });
    expect(code).toBe(1);
    expect(commands.map(({ name, properties, data }) => [name, properties.type, data.split(/ /, 2).join(' ')])).toEqual([
      ['task.logissue', 'error', 'namespace is'],
      ['task.logissue', 'error', 'appFiles[0].name is'],
      ['task.logissue', 'error', 'appFiles[0].path leaves'],
      ['task.logissue', 'error', 'appFiles[0].nme is'],
      ['task.logissue', 'error', 'imageTag needs'],
    ]);
    expect(commands.find(({ data }) => data.startsWith('imageTag'))!.data).toMatch(/; the pipeline has no variable \$\(missing\)$/);
    expect(current.started().map(([program]) => program)).toEqual(['npm']);
  });
});

test('a cancelled build is told to stop and waited for, although its task ended without a word to it', async () => {
  start();
  const stopped = join(current.folder, 'stopped');
  const job = jobOf();
  await current.agent.run({ ...job, steps: job.steps.slice(0, -3) });
  const step = job.steps.find(({ task }) => task === 'AzureCLI@2')!;
  const environment = { ...current.agent.environment(step), AZURE_CONFIG_DIR: current.folder, FAKE_SLEEP: stopped, FAKE_LOG: 'builds' };
  const script = join(ROOT, 'assets/pipeline/build.sh');
  const build = spawn('bash', [script], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>(resolve => build.once('exit', resolve));
  await new Promise(resolve => build.stdout.once('data', resolve));
  // Nobody reads what the build prints any more.
  build.stdout.destroy();
  while (!existsSync(join(current.folder, '_temp/cdk-kaniko/pid'))) { await sleep(10); }

  const cleanUp = spawn('bash', [join(ROOT, 'assets/pipeline/clean-up.sh')], { env: environment, stdio: 'ignore' });
  expect(await new Promise(resolve => cleanUp.once('exit', resolve))).toBe(0);
  expect(readFileSync(stopped, 'utf8')).toBe('stopped\n');
  expect(await ended).toBe(143);
  expect(existsSync(join(current.folder, '_temp/cdk-kaniko/kubeconfig'))).toBe(false);
});

test('a build that is cancelled while it logs in does not begin any more', async () => {
  start();
  const waits = join(current.folder, 'waits');
  const job = jobOf();
  await current.agent.run({ ...job, steps: job.steps.slice(0, -3) });
  const step = job.steps.find(({ task }) => task === 'AzureCLI@2')!;
  const environment = { ...current.agent.environment(step), AZURE_CONFIG_DIR: current.folder, FAKE_AZ_WAITS: waits };
  const build = spawn('bash', [join(ROOT, 'assets/pipeline/build.sh')], { env: environment, stdio: 'ignore' });
  const ended = new Promise<string | null>(resolve => build.once('exit', (_, signal) => resolve(signal)));
  while (!existsSync(waits)) { await sleep(10); }

  const cleanUp = spawn('bash', [join(ROOT, 'assets/pipeline/clean-up.sh')], { env: environment, stdio: 'ignore' });
  expect(await new Promise(resolve => cleanUp.once('exit', resolve))).toBe(0);
  rmSync(waits); // so that it would go on
  expect(await ended).toBe('SIGTERM');
  expect(current.started().map(([program]) => program)).toEqual(['npm', 'az']);
});

test('a process that has only taken the number of the build is left alone', async () => {
  start();
  await current.agent.run(jobOf());
  const other = spawn('sleep', ['60']);
  writeFileSync(join(current.folder, '_temp/cdk-kaniko/pid'), `${other.pid}\n`);
  const cleanUp = spawn('bash', [join(ROOT, 'assets/pipeline/clean-up.sh')], { env: current.agent.environment({}), stdio: 'ignore' });
  expect(await new Promise(resolve => cleanUp.once('exit', resolve))).toBe(0);
  expect(other.exitCode ?? other.signalCode).toBe(null);
  other.kill();
});
