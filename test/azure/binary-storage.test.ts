import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { App, TerraformStack, TerraformVariable } from 'cdktf';
import { newStack, Synthesized } from './terraform';
import {
  BinaryStorage, BinaryStorageProps, BuildIdentity, ExistingStorageProps, StorageAccess, StorageReplication, TlsVersion, TokenIssuer,
} from '../../src/azure';

const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/contoso-builds-rg/providers';
const SUBNET = `${GROUP}/Microsoft.Network/virtualNetworks/contoso-vnet/subnets/aks`;
const ZONE = `${GROUP}/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net`;
const ACCOUNT = `${GROUP}/Microsoft.Storage/storageAccounts/contosobinaries`;

const PROPS: BinaryStorageProps = { accountName: 'contosobinaries', resourceGroupName: 'contoso-builds-rg', location: 'westeurope' };

function storage(props: Partial<BinaryStorageProps> = {}): BinaryStorage {
  return new BinaryStorage(newStack(), 'Storage', { ...PROPS, ...props });
}

function synthesized(props: Partial<BinaryStorageProps> = {}): Synthesized {
  const stack = newStack();
  new BinaryStorage(stack, 'Storage', { ...PROPS, ...props });
  return new Synthesized(stack);
}

function account(props: Partial<BinaryStorageProps> = {}): any { return synthesized(props).only('azurerm_storage_account'); }

describe('the account', () => {
  test('has the safe value for every setting', () => {
    expect(account()).toEqual({
      name: 'contosobinaries',
      resource_group_name: 'contoso-builds-rg',
      location: 'westeurope',
      account_kind: 'StorageV2',
      account_tier: 'Standard',
      account_replication_type: 'ZRS',
      shared_access_key_enabled: false,
      public_network_access_enabled: false,
      allow_nested_items_to_be_public: false,
      min_tls_version: 'TLS1_2',
      https_traffic_only_enabled: true,
      default_to_oauth_authentication: true,
      infrastructure_encryption_enabled: true,
      local_user_enabled: false,
      cross_tenant_replication_enabled: false,
      network_rules: { default_action: 'Deny', bypass: ['AzureServices'], ip_rules: [], virtual_network_subnet_ids: [] },
      blob_properties: {
        versioning_enabled: true, delete_retention_policy: { days: 7 }, container_delete_retention_policy: { days: 7 },
      },
      sas_policy: { expiration_period: '00.01:00:00', expiration_action: 'Log' },
    });
  });

  test.each<[Partial<BinaryStorageProps>, object]>([
    [{ sharedAccessKeyEnabled: true }, { shared_access_key_enabled: true }],
    [{ allowNestedItemsToBePublic: true }, { allow_nested_items_to_be_public: true }],
    [{ minTlsVersion: TlsVersion.TLS1_3 }, { min_tls_version: 'TLS1_3' }],
    [{ httpsTrafficOnlyEnabled: false }, { https_traffic_only_enabled: false }],
    [{ defaultToOauthAuthentication: false }, { default_to_oauth_authentication: false }],
    [{ infrastructureEncryptionEnabled: false }, { infrastructure_encryption_enabled: false }],
    [{ localUserEnabled: true }, { local_user_enabled: true }],
    [{ crossTenantReplicationEnabled: true }, { cross_tenant_replication_enabled: true }],
    [{ trustedServicesBypassEnabled: false }, { network_rules: { default_action: 'Deny', bypass: ['None'], ip_rules: [], virtual_network_subnet_ids: [] } }],
    [{ versioningEnabled: false }, { blob_properties: expect.objectContaining({ versioning_enabled: false }) }],
    [{ blobRetentionDays: 30 }, { blob_properties: expect.objectContaining({ delete_retention_policy: { days: 30 } }) }],
    [{ containerRetentionDays: 0 }, { blob_properties: { versioning_enabled: true, delete_retention_policy: { days: 7 } } }],
    [{ sasExpirationHours: 12 }, { sas_policy: { expiration_period: '00.12:00:00', expiration_action: 'Log' } }],
    [{ replication: StorageReplication.GZRS }, { account_replication_type: 'GZRS' }],
    [{ tags: { team: 'wind' } }, { tags: { team: 'wind' } }],
  ])('takes another value: %j', (props, expected) => {
    expect(account(props)).toMatchObject(expected);
  });

  test.each<[keyof BinaryStorageProps, any, string]>([
    ['accountName', 'ab', '3 to 24 lower-case letters and digits'],
    ['accountName', 'a'.repeat(25), '3 to 24 lower-case letters and digits'],
    ['accountName', 'contoso-binaries', '3 to 24 lower-case letters and digits'],
    ['accountName', 'ContosoBinaries', '3 to 24 lower-case letters and digits'],
    ['accountName', '${TfToken[TOKEN.3]}', 'holds a Terraform token'],
    ['containerName', 'bi', '3 to 63'],
    ['containerName', 'Bin', '3 to 63'],
    ['containerName', 'bin--a', '3 to 63'],
    ['containerName', '-bin', '3 to 63'],
    ['containerName', 'bin-', '3 to 63'],
    ['containerName', '$web', 'a meaning of its own'],
    ['containerName', '$root', 'a meaning of its own'],
    ['blobRetentionDays', 366, 'needs a whole number from 0 to 365, got 366'],
    ['blobRetentionDays', 1.5, 'needs a whole number'],
    ['containerRetentionDays', -1, 'needs a whole number from 0 to 365'],
    ['sasExpirationHours', 24, 'needs a whole number from 1 to 23'],
    ['resourceGroupName', 'rg.', 'needs the name of a resource group'],
    ['location', '', 'needs a region'],
  ])('refuses %s %j', (property, value, message) => {
    let problem: Error | undefined;
    try { storage({ [property]: value }); } catch (error) { problem = error as Error; }
    expect(problem?.message).toMatch(`[builds/Storage] ${property} `);
    expect(problem?.message).toContain(message);
  });
});

describe('the container', () => {
  test('is private, called bin, and made through Azure\'s management API', () => {
    const result = synthesized();
    expect(result.only('azurerm_storage_container')).toEqual({
      name: 'bin', container_access_type: 'private', storage_account_id: `\${${result.reference('azurerm_storage_account')}.id}`,
    });
  });

  test('takes another name', () => {
    expect(synthesized({ containerName: 'tools' }).only('azurerm_storage_container').name).toBe('tools');
  });
});

describe('who reaches the account', () => {
  test('by a private endpoint: its subnet, with the public endpoint off', () => {
    const result = synthesized({ access: StorageAccess.fromPrivateEndpoint(SUBNET, { privateDnsZoneId: ZONE }), tags: { team: 'wind' } });
    expect(result.only('azurerm_storage_account')).toMatchObject({ public_network_access_enabled: false, network_rules: { default_action: 'Deny' } });
    expect(result.only('azurerm_private_endpoint')).toEqual({
      name: 'contosobinaries-blob',
      resource_group_name: 'contoso-builds-rg',
      location: 'westeurope',
      tags: { team: 'wind' },
      subnet_id: SUBNET,
      private_service_connection: {
        name: 'contosobinaries-blob',
        private_connection_resource_id: `\${${result.reference('azurerm_storage_account')}.id}`,
        subresource_names: ['blob'],
        is_manual_connection: false,
      },
      private_dns_zone_group: { name: 'blob', private_dns_zone_ids: [ZONE] },
    });
  });

  test('by a private endpoint without a zone: its name is registered by others', () => {
    expect(synthesized({ access: StorageAccess.fromPrivateEndpoint(SUBNET) }).only('azurerm_private_endpoint')).not.toHaveProperty('private_dns_zone_group');
  });

  test('by networks: the named ones only', () => {
    expect(account({ access: StorageAccess.fromNetworks({ subnetIds: [SUBNET], addressRanges: ['203.0.113.7', '198.51.100.0/24'] }) })).toMatchObject({
      public_network_access_enabled: true,
      network_rules: { default_action: 'Deny', ip_rules: ['203.0.113.7', '198.51.100.0/24'], virtual_network_subnet_ids: [SUBNET] },
    });
  });

  test('from anywhere: everybody with a role, still without keys', () => {
    expect(account({ access: StorageAccess.fromAnywhere() })).toMatchObject({
      public_network_access_enabled: true, network_rules: { default_action: 'Allow' }, shared_access_key_enabled: false,
    });
  });

  test.each([
    ['10.1.2.3', 'private address'],
    ['172.16.0.0/16', 'private address'],
    ['192.168.1.0/24', 'private address'],
    ['203.0.113.0/31', '/30 or larger'],
    ['203.0.113.1/32', '/30 or larger'],
    ['0.0.0.0/0', 'opens the account to every address'],
    ['203.0.113', 'needs an IPv4 address'],
    ['203.0.113.256', 'needs an IPv4 address'],
    ['2001:db8::/32', 'needs an IPv4 address'],
  ])('refuses the address range %s', (range, message) => {
    expect(() => StorageAccess.fromNetworks({ addressRanges: ['203.0.113.7', range] }))
      .toThrow(new RegExp(`^\\[StorageAccess.fromNetworks\\] addressRanges\\[1\\] .*${message}`));
  });

  test('refuses networks without a name', () => {
    expect(() => StorageAccess.fromNetworks({})).toThrow('names nobody; give subnetIds or addressRanges, or choose StorageAccess.closed()');
  });

  test.each([
    () => StorageAccess.fromNetworks({ subnetIds: ['aks'] }),
    () => StorageAccess.fromPrivateEndpoint('contoso-vnet/aks'),
    () => StorageAccess.fromPrivateEndpoint(SUBNET, { privateDnsZoneId: 'privatelink.blob.core.windows.net' }),
    () => StorageAccess.fromPrivateEndpoint(ZONE),
    () => StorageAccess.fromPrivateEndpoint(SUBNET.replace('aks', '${file("/etc/passwd")}')),
  ])('refuses ids that are none: %s', make => {
    expect(make).toThrow(/^\[StorageAccess\.\w+\] [\w[\]]+ needs the resource id of a/);
  });
});

describe('grants', () => {
  function withIdentity(): { stack: TerraformStack; identity: BuildIdentity } {
    const stack = newStack();
    const identity = new BuildIdentity(stack, 'Identity', {
      identityName: 'builder', resourceGroupName: 'rg', location: 'westeurope', issuer: TokenIssuer.fromUrl('https://issuer.contoso.example'),
    });
    return { stack, identity };
  }

  test('let an identity read the container, not the account', () => {
    const { stack, identity } = withIdentity();
    new BinaryStorage(stack, 'Storage', PROPS).grantRead(identity);
    const result = new Synthesized(stack);
    expect(result.only('azurerm_role_assignment')).toEqual({
      scope: `\${${result.reference('azurerm_storage_container')}.id}`,
      role_definition_name: 'Storage Blob Data Reader',
      principal_id: `\${${result.reference('azurerm_user_assigned_identity')}.principal_id}`,
      principal_type: 'ServicePrincipal',
      skip_service_principal_aad_check: true,
    });
  });

  test('are made once for an identity, and for each identity', () => {
    const { stack, identity } = withIdentity();
    const other = BuildIdentity.fromIdentityName(stack, 'Other', {
      identityName: 'other', resourceGroupName: 'rg', issuer: TokenIssuer.fromUrl('https://issuer.contoso.example'),
    });
    const subject = new BinaryStorage(stack, 'Storage', PROPS);
    subject.grantRead(identity);
    subject.grantRead(identity);
    subject.grantRead(other);
    expect(new Synthesized(stack).all('azurerm_role_assignment')).toHaveLength(2);
  });

  test('let those who run Terraform upload, and come before every upload', () => {
    const stack = newStack();
    const subject = new BinaryStorage(stack, 'Storage', { ...PROPS, access: StorageAccess.fromAnywhere() });
    subject.addFile('kubectl', __filename);
    subject.grantUpload('00000000-0000-0000-0000-000000000009');
    const result = new Synthesized(stack);
    expect(result.only('azurerm_role_assignment')).toEqual({
      scope: `\${${result.reference('azurerm_storage_container')}.id}`,
      role_definition_name: 'Storage Blob Data Contributor',
      principal_id: '00000000-0000-0000-0000-000000000009',
    });
    expect(result.only('azurerm_storage_blob').depends_on).toContain(result.reference('azurerm_role_assignment'));
  });

  test('let each of them upload, once', () => {
    const stack = newStack();
    const subject = new BinaryStorage(stack, 'Storage', PROPS);
    const group = new TerraformVariable(stack, 'group', { type: 'string' });
    for (const principal of ['00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000A', group.stringValue]) { subject.grantUpload(principal); }
    expect(new Synthesized(stack).all('azurerm_role_assignment').map(({ principal_id: id }) => id).sort())
      .toEqual(['${var.group}', '00000000-0000-0000-0000-00000000000a']);
  });

  test('refuse an uploader that is no object id', () => {
    expect(() => storage().grantUpload('anna@contoso.example')).toThrow('[builds/Storage] principalId needs an id of 32 hexadecimal digits');
  });
});

describe('a file', () => {
  const open = StorageAccess.fromAnywhere();
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  function fileWith(content: string, name = 'kubectl'): string {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  }

  test('is uploaded with its hash, after its container', () => {
    const stack = newStack();
    new BinaryStorage(stack, 'Storage', { ...PROPS, access: open }).addFile('k8s/kubectl', fileWith('one'));
    const result = new Synthesized(stack);
    const md5 = createHash('md5').update('one').digest('hex');
    expect(result.only('azurerm_storage_blob')).toEqual({
      name: 'k8s/kubectl',
      storage_account_name: 'contosobinaries',
      storage_container_name: 'bin',
      type: 'Block',
      source: expect.stringMatching(new RegExp(`^assets/[-\\w]+/${md5}/kubectl$`)),
      content_md5: md5,
      depends_on: [result.reference('azurerm_storage_container')],
    });
  });

  test('waits for the private endpoint', () => {
    const stack = newStack();
    new BinaryStorage(stack, 'Storage', { ...PROPS, access: StorageAccess.fromPrivateEndpoint(SUBNET, { reachableByTerraform: true }) })
      .addFile('kubectl', fileWith('one'));
    const result = new Synthesized(stack);
    expect(result.only('azurerm_storage_blob').depends_on).toContain(result.reference('azurerm_private_endpoint'));
  });

  test('has another hash once its content has changed, and the same on another machine', () => {
    const blob = (file: string): any => {
      const stack = newStack();
      new BinaryStorage(stack, 'Storage', { ...PROPS, access: open }).addFile('k8s/kubectl', file);
      return new Synthesized(stack).only('azurerm_storage_blob');
    };
    const before = blob(fileWith('one'));
    mkdirSync(join(folder, 'elsewhere'));
    expect(blob(fileWith('one', 'elsewhere/kubectl'))).toEqual(before);
    const after = blob(fileWith('two'));
    expect(after.content_md5).not.toBe(before.content_md5);
    expect(after.source).not.toBe(before.source);
  });

  test('is hashed whole, however large', () => {
    const stack = newStack();
    const content = 'x'.repeat(1024 * 1024 + 7);
    new BinaryStorage(stack, 'Storage', { ...PROPS, access: open }).addFile('kubectl', fileWith(content));
    expect(new Synthesized(stack).only('azurerm_storage_blob').content_md5).toBe(createHash('md5').update(content).digest('hex'));
  });

  test('is copied beside the stack, where Terraform looks for it', () => {
    const app = new App({ outdir: join(folder, 'out') });
    const stack = new TerraformStack(app, 'builds');
    new AzurermProvider(stack, 'azurerm', { features: [{}] });
    new BinaryStorage(stack, 'Storage', { ...PROPS, access: open }).addFile('k8s/kubectl', relative(process.cwd(), fileWith('one')));
    app.synth();
    const [assets] = readdirSync(join(folder, 'out/stacks/builds/assets'));
    const [hash] = readdirSync(join(folder, 'out/stacks/builds/assets', assets));
    expect(readFileSync(join(folder, 'out/stacks/builds/assets', assets, hash, 'kubectl'), 'utf8')).toBe('one');
    const written = readFileSync(join(folder, 'out/stacks/builds/cdk.tf.json'), 'utf8');
    expect(written).toContain(`assets/${assets}/${hash}/kubectl`);
    expect(written).not.toContain(folder);
  });

  test.each([
    ['a closed account', StorageAccess.closed()],
    ['a private endpoint', StorageAccess.fromPrivateEndpoint(SUBNET)],
    ['networks', StorageAccess.fromNetworks({ subnetIds: [SUBNET] })],
  ])('is refused behind %s, for Terraform cannot upload it', (_, access) => {
    expect(() => storage({ access }).addFile('k8s/kubectl', fileWith('one')))
      .toThrow(/^\[builds\/Storage\] addFile\("k8s\/kubectl"\) needs a storage account that the machine running Terraform reaches, and contosobinaries is closed to it; .*reachableByTerraform: true/);
  });

  test('is accepted in networks where Terraform runs', () => {
    const access = StorageAccess.fromNetworks({ subnetIds: [SUBNET], reachableByTerraform: true });
    expect(() => storage({ access }).addFile('k8s/kubectl', fileWith('one'))).not.toThrow();
  });

  test.each(['../kubectl', '/kubectl', 'k8s//kubectl', 'k8s/', 'kubectl.', '', 'a\\b', `${'a'.repeat(256)}`])('is refused at the path %j', path => {
    expect(() => storage({ access: open }).addFile(path, fileWith('one'))).toThrow('[builds/Storage] blobPath ');
  });

  test.each(['a${path.module}', 'a%{if true}b'])('is refused where Terraform would evaluate its name: %s', name => {
    expect(() => storage({ access: open }).addFile(name, fileWith('one'))).toThrow('[builds/Storage] blobPath holds');
    expect(() => storage({ access: open }).addFile('kubectl', fileWith('one', name))).toThrow('[builds/Storage] localFile holds');
  });

  test('is refused at a path that is taken', () => {
    const subject = storage({ access: open });
    subject.addFile('k8s/kubectl', fileWith('one'));
    subject.addFile('k8s-kubectl', fileWith('one'));
    expect(() => subject.addFile('k8s/kubectl', fileWith('two', 'other'))).toThrow('blobPath "k8s/kubectl" is taken by another file');
  });

  test('is refused if it is missing, a folder or empty', () => {
    const subject = storage({ access: open });
    expect(() => subject.addFile('a', join(folder, 'none'))).toThrow(/localFile does not exist, got ".*", looked for at .*none; write a path relative to the working directory/);
    expect(() => subject.addFile('a', folder)).toThrow('localFile is no file');
    expect(() => subject.addFile('a', fileWith(''))).toThrow('localFile is empty');
  });
});

describe('an existing account', () => {
  const existing: ExistingStorageProps = { accountId: ACCOUNT };

  test('is not looked up, for that would copy its keys into the state', () => {
    const stack = newStack();
    const identity = new BuildIdentity(stack, 'Identity', {
      identityName: 'builder', resourceGroupName: 'rg', location: 'westeurope', issuer: TokenIssuer.fromUrl('https://issuer.contoso.example'),
    });
    const subject = BinaryStorage.fromAccountId(stack, 'Storage', { ...existing, reachableByTerraform: true });
    subject.grantRead(identity);
    subject.grantUpload('00000000-0000-0000-0000-000000000009');
    subject.addFile('kubectl', __filename);
    const result = new Synthesized(stack);
    expect(result.lookups).toEqual([]);
    expect(result.all('azurerm_storage_account')).toEqual([]);
    expect(result.all('azurerm_role_assignment').map(({ scope }) => scope)).toEqual(Array(2).fill(`${ACCOUNT}/blobServices/default/containers/bin`));
    expect(result.only('azurerm_storage_blob')).toMatchObject({ storage_account_name: 'contosobinaries', storage_container_name: 'bin' });
  });

  test.each<[Partial<ExistingStorageProps>, string]>([
    [{ accountId: 'contosobinaries' }, 'accountId needs the resource id of a storage account'],
    [{ accountId: SUBNET }, 'accountId needs the resource id of a storage account'],
    [{ accountId: `${ACCOUNT}-2` }, 'accountId\'s last part needs the name of a storage account'],
    [{ containerName: 'Bin' }, 'containerName needs the name of a blob container'],
  ])('refuses %j', (props, message) => {
    expect(() => BinaryStorage.fromAccountId(newStack(), 'Storage', { ...existing, ...props })).toThrow(`[builds/Storage] ${message}`);
  });

  test('takes files only if Terraform reaches it', () => {
    expect(() => BinaryStorage.fromAccountId(newStack(), 'Storage', existing).addFile('kubectl', __filename)).toThrow('closed to it');
  });
});
