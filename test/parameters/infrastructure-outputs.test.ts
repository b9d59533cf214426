import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfrastructureOutputs } from '../../src/parameters/infrastructure-outputs';

const DEV = {
  managedIdentityClientId: '11111111-2222-3333-4444-555555555555',
  tenantId: '66666666-7777-8888-9999-000000000000',
  namespace: 'builds-dev',
  workloadIdentity: 'image-builder',
  serviceAccounts: 'builds-dev/image-builder ci/runner',
  storageAccountName: 'contosobinaries',
  storageContainerName: 'bin',
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-'));
  file = join(folder, 'infra.json');
});
afterEach(() => { rmSync(folder, { recursive: true }); });

function read(content: unknown, stack?: string): InfrastructureOutputs {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return InfrastructureOutputs.fromFile(file, stack);
}

test('gives the outputs of the only stack', () => {
  const outputs = read({ 'image-builds-dev': DEV });
  expect(outputs).toMatchObject({
    managedIdentityClientId: DEV.managedIdentityClientId,
    tenantId: DEV.tenantId,
    namespace: 'builds-dev',
    workloadIdentity: 'image-builder',
    storageAccountName: 'contosobinaries',
    storageContainerName: 'bin',
    keyVaultUrl: undefined,
  });
  expect(outputs.serviceAccounts).toEqual(['builds-dev/image-builder', 'ci/runner']);
});

test('passes over stacks and outputs that are not of this library', () => {
  expect(read({ network: { vnetId: 'x' }, dev: { ...DEV, extra: ['a'] } }).namespace).toBe('builds-dev');
});

test('gives the stack that is named', () => {
  const both = { dev: DEV, prd: { ...DEV, namespace: 'builds-prd' } };
  expect(read(both, 'prd').namespace).toBe('builds-prd');
});

test('does without storage', () => {
  const { storageAccountName: _, storageContainerName: __, ...rest } = DEV;
  expect(read({ dev: { ...rest, keyVaultUrl: 'https://contoso-builds-kv.vault.azure.net' } })).toMatchObject({
    storageAccountName: undefined, keyVaultUrl: 'https://contoso-builds-kv.vault.azure.net',
  });
});

test('hands out a copy of the service accounts', () => {
  const outputs = read({ dev: DEV });
  outputs.serviceAccounts.push('kube-system/default');
  expect(outputs.serviceAccounts).toHaveLength(2);
});

const remedy = 'run "cdktf deploy --outputs-file ';

test('says how to get a file that is not there', () => {
  expect(() => InfrastructureOutputs.fromFile(file)).toThrow(`[${file}] cannot be read (ENOENT); ${remedy}${file}"`);
});

test.each([
  ['no JSON', '{', 'is no JSON'],
  ['a list', [DEV], 'holds no stacks'],
  ['null', 'null', 'holds no stacks'],
  ['nothing of ours', { network: { vnetId: 'x' } }, 'has no stack with the output managedIdentityClientId'],
  ['the outputs without their stack', DEV, 'has no stack with the output managedIdentityClientId'],
])('refuses a file with %s', (_, content, message) => {
  expect(() => read(content)).toThrow(message);
  expect(() => read(content)).toThrow(remedy);
});

test('asks which stack where there are several', () => {
  expect(() => read({ dev: DEV, prd: DEV })).toThrow('has outputs of 2 stacks, "dev", "prd"; name the one that this build is for');
});

test.each([['image-builds-def', '; did you mean "image-builds-dev"?'], ['x', '; it has "image-builds-dev"'], ['__proto__', 'has no stack'], ['constructor', 'has no stack']])(
  'does not know the stack %s', (stack, message) => {
    expect(() => read({ 'image-builds-dev': DEV }, stack)).toThrow(message);
  });

test.each(['managedIdentityClientId', 'tenantId', 'namespace', 'workloadIdentity', 'serviceAccounts'])('misses %s', name => {
  const { [name]: _, ...rest } = DEV as { [name: string]: string };
  expect(() => read({ dev: rest }, 'dev')).toThrow(`[${file}] dev.${name} is missing`);
});

test.each([
  ['managedIdentityClientId', '${TfToken[TOKEN.4]}', 'holds a Terraform expression'],
  ['managedIdentityClientId', '${azurerm_user_assigned_identity.builder.client_id}', 'holds a Terraform expression'],
  ['managedIdentityClientId', '', 'needs an id of 32 hexadecimal digits'],
  ['tenantId', 'contoso.example', 'needs an id of 32 hexadecimal digits'],
  ['namespace', 'Builds', 'needs a DNS label'],
  ['namespace', 'a\nb', 'line break'],
  ['workloadIdentity', 'a b', 'needs the name of a Kubernetes object'],
  ['serviceAccounts', 'builder', 'needs service accounts as "namespace/name"'],
  ['serviceAccounts', 'a/b/c', 'needs service accounts as "namespace/name"'],
  ['serviceAccounts', 'a/b  c/d', 'needs service accounts as "namespace/name"'],
  ['storageAccountName', 'Contoso', '3 to 24 lower-case letters'],
  ['storageContainerName', 'a_b', '3 to 63'],
  ['keyVaultUrl', 'contoso-builds-kv', 'needs an http'],
  ['namespace', null, 'needs a string, got null'],
  ['namespace', 7, 'needs a string, got number'],
  ['namespace', ['builds'], 'needs a string, got a list'],
])('refuses %s %j', (name, value, message) => {
  expect(() => read({ dev: { ...DEV, [name]: value } })).toThrow(`[${file}] dev.${name} `);
  expect(() => read({ dev: { ...DEV, [name]: value } })).toThrow(message);
});
