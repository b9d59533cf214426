import { App } from 'cdk8s';
import { BuildChart, BuildParameters } from '../../src/kubernetes';

const parameters: BuildParameters = {
  namespace: 'winddata-dev',
  repositoryUrl: 'https://git.contoso.example/team/app.git',
  branchName: 'main',
  imagePath: '.',
  registry: 'registry.contoso.example/docker-local',
  imageName: 'team/app',
  imageTag: '1.0',
};

function chart(builds: Partial<BuildParameters>[], runId?: string): BuildChart {
  return new BuildChart(new App(), 'builds', { builds: builds.map(build => ({ ...parameters, ...build })), runId });
}

function job(build: Partial<BuildParameters>): any {
  return chart([build]).toJson().find(object => object.kind === 'Job');
}

test('makes a Job of each build, and what they share once', () => {
  const objects = chart([{ imageTag: '1' }, { imageTag: '2' }, { imageTag: '3' }]).toJson();
  expect(objects.map(object => object.kind)).toEqual(['ConfigMap', 'Job', 'Job', 'Job']);
});

test('shares within a namespace, not across', () => {
  const objects = chart([{ imageTag: '1' }, { imageTag: '1', namespace: 'winddata-prd' }]).toJson();
  expect(objects.map(object => `${object.kind} ${object.metadata.namespace}`).sort())
    .toEqual(['ConfigMap winddata-dev', 'ConfigMap winddata-prd', 'Job winddata-dev', 'Job winddata-prd']);
});

test('names Jobs by image and tag, and by the run', () => {
  expect(chart([{}]).builds[0].jobName).toBe('team-app-1-0');
  expect(chart([{}], '20261123.4').builds[0].jobName).toBe('team-app-1-0-20261123-4');
  expect(chart([{ name: 'mine' }], '7').builds[0].jobName).toBe('mine-7');
});

test('cuts long names without making two into one', () => {
  const names = ['a', 'b'].map(end => chart([{ imageName: `${'x'.repeat(80)}${end}` }], '42').builds[0].jobName);
  expect(new Set(names).size).toBe(2);
  for (const name of names) { expect(name).toMatch(/^[a-z0-9-]{1,60}-42$/); }
});

test('refuses two builds of one name', () => {
  expect(() => chart([{}, {}])).toThrow('[builds] two builds have the name "team-app-1-0" in the namespace "winddata-dev"');
});

test('checks parameters given in code as strictly as those of a file', () => {
  expect(() => chart([{ imageTag: 'a b', ...{ imagePth: 'x' } }])).toThrow(/imageTag needs a tag[\s\S]*imagePth is no parameter; did you mean "imagePath"\?/);
});

test('lets the init container wait for what takes its time', () => {
  const environment = (build: Partial<BuildParameters>) => job(build).spec.template.spec.initContainers[0].env;
  expect(environment({ prepareRetrySeconds: 600 })).toContainEqual({ name: 'PREPARE_RETRY_SECONDS', value: '600' });
  expect(environment({})).not.toContainEqual(expect.objectContaining({ name: 'PREPARE_RETRY_SECONDS' }));
});

test('pushes to every tag and destination', () => {
  const { args } = job({ additionalTags: ['latest'], additionalDestinations: ['other.contoso.example/app:1'] }).spec.template.spec.containers[0];
  expect(args.filter((argument: string) => argument.startsWith('--destination'))).toEqual([
    '--destination=registry.contoso.example/docker-local/team/app:1.0',
    '--destination=registry.contoso.example/docker-local/team/app:latest',
    '--destination=other.contoso.example/app:1',
  ]);
});

test.each<[string, Partial<BuildParameters>, string]>([
  ['a Secret where one is named', { gitSecretName: 'token', workloadIdentity: 'builder', repositoryUrl: 'https://dev.azure.com/contoso/wind/_git/x' }, 'basic'],
  ['the identity for Azure Repos', { workloadIdentity: 'builder', repositoryUrl: 'https://dev.azure.com/contoso/wind/_git/x' }, 'workload-identity'],
])('clones with %s', (_, build, expected) => {
  const { env } = job(build).spec.template.spec.initContainers[0];
  expect(env).toContainEqual({ name: 'PREPARE_GIT_AUTH', value: expected });
});

test('clones anonymously from other servers', () => {
  const { env } = job({ workloadIdentity: 'builder' }).spec.template.spec.initContainers[0];
  expect(env.map((variable: any) => variable.name)).not.toContain('PREPARE_GIT_AUTH');
});

test('clones the commit where a pipeline names the branch as well', () => {
  const { env } = job({ commitId: 'a'.repeat(40) }).spec.template.spec.initContainers[0];
  const names = env.map((variable: any) => variable.name);
  expect(names).toContain('PREPARE_GIT_COMMIT');
  expect(names).not.toContain('PREPARE_GIT_BRANCH');
});

test('takes resources in the words of Kubernetes', () => {
  expect(job({ cpuRequest: '1.5', cpuLimit: '2', memoryRequest: '512Mi', ephemeralStorageLimit: '30Gi' }).spec.template.spec.containers[0].resources).toEqual({
    requests: { 'cpu': '1500m', 'memory': '512Mi', 'ephemeral-storage': '2Gi' },
    limits: { 'cpu': '2000m', 'memory': '4Gi', 'ephemeral-storage': '30Gi' },
  });
});
