/** The template as a text: what it declares, and that Azure Pipelines takes it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getLanguageService, parse as parseForService, TextDocument } from 'azure-pipelines-language-service';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { hasProgram } from './agent';
import { expand, expandFile, Job, Step } from './expander';
import { jobOf, LEAST, ROOT, TEMPLATE_FILE, templateText } from './fixture';
import { packageVersion } from '../../src/cli/package-version';
import { installScript } from '../../src/cli/template';
import { pipelineTemplate } from '../../src/pipeline/template';
import { TEMPLATE_PARAMETERS } from '../../src/pipeline/template-parameters';
import { run } from '../cli/terminal';

const committed = () => readFileSync(join(ROOT, 'templates', TEMPLATE_FILE), 'utf8');

test('the committed template is what the generator prints', () => {
  expect(committed()).toBe(pipelineTemplate({ version: packageVersion(), installScript: installScript() }));
});

test('it has every parameter of the request under its name, required or optional as there', () => {
  const declared = new Map((parse(committed()).parameters as { name: string; default?: unknown }[]).map(({ name, ...rest }) => [name, 'default' in rest]));
  const required = ['poolName', 'serviceConnection', 'subscriptionName', 'resourceGroup', 'kubernetesCluster', 'workloadIdentity', 'namespace',
    'branchName', 'imagePath', 'imageName', 'imageTag'];
  const optional = ['dockerFile', 'args', 'managedIdentityClientId', 'storageAccountName', 'storageContainerName', 'appFiles'];
  expect(required.map(name => [name, declared.get(name)])).toEqual(required.map(name => [name, false]));
  expect(optional.map(name => [name, declared.get(name)])).toEqual(optional.map(name => [name, true]));
  // What this package wants beyond that is optional too, but for the one thing that nobody can guess.
  expect([...declared].filter(([, hasDefault]) => !hasDefault).map(([name]) => name).sort()).toEqual([...required, 'registry'].sort());
});

test('its names are unique, and each parameter of a build reaches the build', () => {
  const names = TEMPLATE_PARAMETERS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name } of TEMPLATE_PARAMETERS) { expect(committed()).toMatch(new RegExp(`parameters\\.${name}\\b`)); }
});

test('a platform team\'s default makes a parameter optional', () => {
  const { jobs } = expand(templateText({ ...LEAST, caCertificates: [{ configMapName: 'ca', key: 'it\'s: "$(x)"' }] }), {}) as { jobs: Job[] };
  const { env } = step(jobs[0], 'Check the parameters');
  expect(env).toMatchObject({ PARAMETER_imageTag: 'v1', PARAMETER_registry: 'registry.contoso.example/docker-local' });
  expect(JSON.parse(env!.PARAMETER_caCertificates)).toEqual([{ configMapName: 'ca', key: 'it\'s: "$(x)"' }]);
});

test('the request\'s pipeline works with it once the platform\'s defaults are set', () => {
  const pipeline = examplePipeline();
  const [job] = pipeline.stages[0].jobs as Job[];
  expect(job).toMatchObject({ job: 'kaniko_build', dependsOn: [], condition: 'succeeded()', pool: { name: 'Contoso-Build-Dev' } });
  const { env } = step(job, 'Check the parameters');
  expect(env).toMatchObject({ PARAMETER_imageTag: 'python-311-$(imageTagVar)', PARAMETER_branchName: 'main', PARAMETER_registry: 'registry.contoso.example/docker-local' });
  expect(JSON.parse(env!.PARAMETER_appFiles)).toEqual([{ path: 'k8s/kubectl', name: 'kubectl' }, { path: 'k8s/kubelogin', name: 'kubelogin' }]);
});

test('what the page for application teams shows builds with the template that the page for platform teams prints', async () => {
  const [, command] = /```sh\nnpx cdk-kaniko (template[^`]*)```/.exec(readFileSync(join(ROOT, 'docs/pipeline-for-platform-teams.md'), 'utf8'))!;
  const argv = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' }).split('\0').slice(0, -1);
  const { out: template } = await run(argv.filter((word, index) => word !== '-o' && argv[index - 1] !== '-o'));
  const [, pipeline] = /```yaml\n([^`]*)```/.exec(readFileSync(join(ROOT, 'docs/pipeline-for-application-teams.md'), 'utf8'))!;
  const { stages } = expand(pipeline, {}, { [TEMPLATE_FILE]: template }) as { stages: { jobs: Job[] }[] };
  const { env } = step(stages[0].jobs[0], 'Check the parameters');
  expect(env).toMatchObject({ PARAMETER_imageName: 'build-agent', PARAMETER_buildSecretName: 'jfrog-credentials' });
  expect(JSON.parse(env!.PARAMETER_caCertificates)).toEqual([{ configMapName: 'contoso-authorities' }]);
});

test('the role that the example gives the pipeline is the one that docs/run.md asks for', () => {
  const given = parseAllDocuments(readFileSync(join(ROOT, 'examples/pipeline/namespace.yaml'), 'utf8')).map(document => document.toJS());
  const asked = parse(/```yaml\n(apiVersion: rbac[^`]*)```/.exec(readFileSync(join(ROOT, 'docs/run.md'), 'utf8'))![1]);
  const rules = (role: any) => role.rules.map((rule: any) => JSON.stringify([rule.apiGroups, rule.resources, rule.verbs])).sort();
  expect(rules(given.find(({ kind }: any) => kind === 'Role'))).toEqual(rules(asked));
});

test('two of it in one stage have names of their own, and one can wait for the other', () => {
  const calls = [{ jobName: 'one' }, { jobName: 'two', dependsOn: ['one'], condition: 'failed()' }].map(own => ({ template: TEMPLATE_FILE, parameters: { ...LEAST, ...own } }));
  const { jobs } = expand(stringify({ jobs: calls }), {}, { [TEMPLATE_FILE]: templateText() }) as { jobs: Job[] };
  expect(jobs.map(({ job, dependsOn, condition }) => ({ job, dependsOn, condition }))).toEqual([
    { job: 'one', dependsOn: [], condition: 'succeeded()' }, { job: 'two', dependsOn: ['one'], condition: 'failed()' },
  ]);
});

test.each(['imageTag', 'registry', 'poolName'])('it is refused without %s', name => {
  const { [name]: _, ...rest } = LEAST;
  expect(() => expand(templateText(), rest)).toThrow(`A value for the '${name}' parameter must be provided`);
});

test('it is refused with a parameter that it does not have, and with a value outside a closed set', () => {
  expect(() => jobOf({ imagetag: 'x' })).toThrow('Unexpected parameter');
  expect(() => jobOf({ compression: 'xz' })).toThrow('\'xz\' is no value');
});

test('it checks nothing out unless a package or an .npmrc comes from the repository', () => {
  const checkouts = (parameters: Record<string, string>) => jobOf(parameters).steps.flatMap(({ checkout }) => checkout ?? []);
  expect(checkouts({})).toEqual(['none']);
  expect(checkouts({ packageFolder: 'npm' })).toEqual(['self']);
  expect(checkouts({ npmrcFile: '.npmrc' })).toEqual(['self']);
});

test('tools that the agent has need not be installed', () => {
  const tasks = (parameters: Record<string, string>) => jobOf(parameters).steps.flatMap(({ task }) => task ?? []);
  expect(tasks({})).toEqual(['UseNode@1', 'KubeloginInstaller@0', 'AzureCLI@2']);
  expect(tasks({ nodeVersion: '', kubeloginVersion: '' })).toEqual(['AzureCLI@2']);
  expect(tasks({ npmrcFile: '.npmrc' })).toContain('npmAuthenticate@0');
});

test('no script holds an expression or a variable of the pipeline, which would be pasted into it', () => {
  const scripts = (parse(committed()).jobs as Job[]).flatMap(({ steps }) => allSteps(steps)).flatMap(({ bash }) => bash ?? []);
  expect(scripts).toHaveLength(4);
  for (const script of scripts) { expect(script).not.toMatch(/\$\{\{|\$\(|\$\[/); }
});

test('every step that shows what others printed may give the agent no commands', () => {
  const free = jobOf().steps.filter(({ bash, task, target }) => (bash ?? task) !== undefined && target?.commands !== 'restricted').map(({ displayName }) => displayName);
  // The installers put programs on the PATH; the last one's whole purpose is to give commands, which it makes itself.
  expect(free).toEqual(['Install Node', 'Install kubelogin', 'Publish digest and summary']);
});

describe('its scripts', () => {
  const scripts = jobOf().steps.flatMap(({ bash, displayName }) => bash === undefined ? [] : [[displayName, bash]]);

  test.each(scripts)('"%s" is valid bash', (_, script) => {
    expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  if (!hasProgram('shellcheck')) { console.warn('not checked by shellcheck, which is not installed'); }
  (hasProgram('shellcheck') ? test.each(scripts) : test.skip.each(scripts))('"%s" passes shellcheck', (_, script) => {
    expect(spawnSync('shellcheck', ['--shell=bash', '-'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });
});

describe('in the schema of Azure Pipelines', () => {
  const file = join(ROOT, '../shared/data/azure-pipelines-service-schema.json');
  const there = existsSync(file);
  if (!there) { console.warn(`not checked against the schema of Azure Pipelines: there is no ${file}`); }
  const checked = there ? test : test.skip;

  checked('the template is valid', async () => {
    expect(await problems(parse(committed()))).toEqual([]);
  });

  checked('the pipeline of the example is valid, and what it expands to', async () => {
    expect(await problems(parse(readFileSync(join(ROOT, 'examples/pipeline/azure-pipelines.yml'), 'utf8')))).toEqual([]);
    expect(await problems(examplePipeline())).toEqual([]);
  });

  checked.each([
    ['KubeloginInstaller@0', 'KubeloginInstaler@0'], ['azureSubscription:', 'subscription:'], ['settableVariables:', 'variables:'],
    ['scriptType: bash', 'scriptType: zsh'], ['cancelTimeoutInMinutes:', 'cancelTimeout:'], ['type: boolean', 'type: bool'],
  ])('a template with %s replaced by %s is not', async (right, wrong) => {
    const text = committed().replace(right, wrong);
    expect(text).not.toBe(committed());
    expect(await problems(parse(text))).not.toEqual([]);
  });

  /**
   * What the published schema does not know, though the service does: the `target` of a task
   * (https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps-task), the inputs of UseNode@1
   * (https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/use-node-v1), an expression as a job's name, and
   * an expression's result as a boolean.
   */
  function withoutGaps(node: any): any {
    if (Array.isArray(node)) { return node.map(withoutGaps); }
    if (/^(True|False)$/.test(node)) { return node === 'True'; }
    if (typeof node !== 'object' || node === null) { return node; }
    const { target, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutGaps(value)]));
    if (rest.task === 'UseNode@1') { return { ...rest, task: 'NodeTool@0', inputs: { versionSpec: rest.inputs.version } }; }
    if ('job' in rest) { return { ...rest, job: 'build' }; }
    return 'task' in rest || target === undefined ? rest : { ...rest, target };
  }

  /** What the language service of the editors says. */
  async function problems(pipeline: unknown): Promise<string[]> {
    const text = stringify(withoutGaps(pipeline));
    const service = getLanguageService(async () => JSON.parse(readFileSync(file, 'utf8')), [], async () => 'schema://azure-pipelines');
    service.configure({ validate: true });
    // The service tells each step on the console.
    const log = jest.spyOn(console, 'log').mockImplementation();
    const found = await service.doValidation(TextDocument.create('file:///pipeline.yml', 'azure-pipelines', 1, text), parseForService(text));
    log.mockRestore();
    return found.map(({ message }) => String(message)).sort();
  }
});

function examplePipeline(): any {
  return expandFile(join(ROOT, 'examples/pipeline/azure-pipelines.yml'), {}, { [TEMPLATE_FILE]: templateText({ registry: 'registry.contoso.example/docker-local' }) });
}

function step(job: Job, displayName: string): Step {
  return job.steps.find(candidate => candidate.displayName === displayName)!;
}

/** The steps of a template that is not expanded. */
function allSteps(steps: readonly object[]): Step[] {
  return steps.flatMap(item => Object.keys(item)[0].startsWith('${{') ? allSteps(Object.values(item)[0] as object[]) : [item as Step]);
}
