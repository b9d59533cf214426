import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planned } from './build';
import { GivenObjects } from '../../../../src/cli/run/podman/given-objects';
import { obstacles, withoutEffect } from '../../../../src/cli/run/podman/suitability';
import { BuildParameters } from '../../../../src/parameters/build-parameters';

const NOTHING = GivenObjects.read([]);

function given(...objects: object[]): GivenObjects {
  const file = join(mkdtempSync(join(tmpdir(), 'given-')), 'objects.yaml');
  writeFileSync(file, objects.map(object => JSON.stringify(object)).join('\n---\n'));
  return GivenObjects.read([file]);
}

test('has nothing against a build that needs nothing of a cluster', () => {
  expect(obstacles(planned({ workloadIdentity: 'builder' }), NOTHING)).toEqual([]);
});

test.each<[keyof BuildParameters, Partial<BuildParameters>]>([
  ['registrySecretName', { registrySecretName: 'x' }],
  ['gitSecretName', { gitSecretName: 'x' }],
  ['buildSecretName', { buildSecretName: 'x' }],
  ['secrets', { secrets: [{ id: 'token', secretName: 'x', key: 'key' }] }],
  ['aptSecretName', { aptSources: ['deb https://packages.contoso.example/debian bookworm main'], aptSecretName: 'x' }],
  ['caCertificates', { caCertificates: [{ secretName: 'x' }] }],
  ['caCertificates', { caCertificates: [{ configMapName: 'x' }] }],
  ['mountedFiles', { mountedFiles: [{ path: '/etc/pip.conf', configMapName: 'x', key: 'pip.conf' }] }],
])('names an object that %s names and no file has', (parameter, own) => {
  expect(obstacles(planned(own), NOTHING)).toEqual([{
    cause: 'missing-object', message: expect.stringMatching(new RegExp(`^the (Secret|ConfigMap) "x", which ${parameter} names, is in no file$`)), remedy: expect.stringContaining('--secret-file'),
  }]);
});

test('names the keys that an object lacks', () => {
  const objects = given({ kind: 'Secret', metadata: { name: 'x' }, stringData: { 'jfrog-deb-user': 'u' } });
  expect(obstacles(planned({ buildSecretName: 'x' }), objects).map(({ message }) => message))
    .toEqual(['the Secret "x", which buildSecretName names, has no key "jfrog-deb-secret"']);
});

test.each<[string, Partial<BuildParameters>, string]>([
  ['clones from Azure Repos', { repositoryUrl: 'https://dev.azure.com/contoso/wind/_git/images', workloadIdentity: 'builder' }, 'gitSecretName'],
  ['reads the storage account', { storageAccountName: 'contosobinaries', appFiles: [{ path: 'kubectl', name: 'kubectl' }], workloadIdentity: 'builder' }, 'appFiles'],
  ['pushes to Azure Container Registry', { registry: 'contoso.azurecr.io', registryWorkloadIdentity: true, workloadIdentity: 'builder' }, 'registrySecretName'],
])('refuses a build that %s as a workload identity, and says what to do', (_, own, remedy) => {
  const [failure, ...others] = obstacles(planned(own), NOTHING);
  expect(others).toEqual([]);
  expect(failure).toMatchObject({ cause: 'not-started', message: expect.stringContaining('without a cluster'), remedy: expect.stringContaining(remedy) });
});

test.each<[Partial<BuildParameters>, string | undefined]>([
  [{}, undefined],
  [{ nodeSelector: { disk: 'fast' } }, 'nodeSelector has no effect without a cluster'],
  [{ tolerations: [{ operator: 'Exists' }], priorityClassName: 'low', queueName: 'builds', egress: [{ addressBlock: '10.0.0.0/8' }] },
    'tolerations, priorityClassName, queueName, egress have no effect without a cluster'],
])('says which of %j has no effect', (own, expected) => {
  expect(withoutEffect(planned(own))).toBe(expected);
});
