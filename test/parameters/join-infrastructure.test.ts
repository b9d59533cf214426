import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { BuildChart, InfrastructureOutputs } from '../../src/kubernetes';
import { readParameters } from '../../src/parameters/read-parameters';

const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-'));
afterAll(() => rmSync(folder, { recursive: true }));

function outputs(): InfrastructureOutputs {
  const file = join(folder, 'infra.json');
  writeFileSync(file, JSON.stringify({
    'image-builds-dev': {
      managedIdentityClientId: CLIENT_ID,
      tenantId: CLIENT_ID,
      namespace: 'winddata-dev',
      workloadIdentity: 'wdap-cicd-identity',
      serviceAccounts: 'winddata-dev/wdap-cicd-identity winddata-test/builder',
      storageAccountName: 'contosobinaries',
      storageContainerName: 'bin',
    },
  }));
  return InfrastructureOutputs.fromFile(file);
}

const REST = `repositoryUrl: https://dev.azure.com/contoso/wind/_git/images
branchName: main
imagePath: .
registry: registry.contoso.example/docker-local
imageName: app
imageTag: "1"
appFiles: [{ path: a, name: a }]
`;

test('fills what the parameters leave open, an empty text too', () => {
  const { builds: [build], mistakes } = readParameters(`${REST}namespace: ""\n`, outputs());
  expect(mistakes).toEqual([]);
  expect(build).toMatchObject({
    namespace: 'winddata-dev', workloadIdentity: 'wdap-cicd-identity', managedIdentityClientId: CLIENT_ID, storageAccountName: 'contosobinaries', storageContainerName: 'bin',
  });
});

test('lets every service account that is federated with the identity use it', () => {
  const { builds: [build] } = readParameters(`${REST}namespace: winddata-test\nworkloadIdentity: builder\n`, outputs());
  expect(build).toMatchObject({ namespace: 'winddata-test', workloadIdentity: 'builder' });
});

test.each([
  ['namespace: winddata-prd', 'namespace', 'is "winddata-prd", but the infrastructure\'s outputs say "winddata-dev"'],
  ['workloadIdentity: somebody', 'workloadIdentity', 'is "somebody", but the infrastructure\'s outputs say "wdap-cicd-identity"'],
  [`managedIdentityClientId: ${CLIENT_ID.replaceAll('1', '9')}`, 'managedIdentityClientId', `say "${CLIENT_ID}"`],
  ['storageAccountName: otherbinaries', 'storageAccountName', 'is "otherbinaries", but the infrastructure\'s outputs say "contosobinaries"'],
  ['storageContainerName: tools', 'storageContainerName', 'say "bin"'],
])('refuses %p, naming both values and the line', (line, path, message) => {
  const { builds, mistakes } = readParameters(`${REST}${line}\n`, outputs());
  expect(builds).toEqual([]);
  expect(mistakes).toEqual([{ path, line: 8, message: expect.stringContaining(message) }]);
});

test('does the same for parameters given in code', () => {
  const chart = (namespace: string) => new BuildChart(new App(), 'builds', {
    infrastructure: outputs(),
    builds: [{ namespace, repositoryUrl: 'https://git.contoso.example/a', branchName: 'main', imagePath: '.', registry: 'r.example/a', imageName: 'b', imageTag: '1' }],
  });
  expect(chart('winddata-dev').toJson().find(object => object.kind === 'Job').spec.template.spec.serviceAccountName).toBe('wdap-cicd-identity');
  expect(() => chart('elsewhere')).toThrow('namespace is "elsewhere"');
});
