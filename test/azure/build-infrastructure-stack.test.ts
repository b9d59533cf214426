import { TerraformStack } from 'cdktf';
import { newApp, newStack, Synthesized } from './terraform';
import {
  AzureEnvironment, BuildIdentity, BuildInfrastructureStack, BuildInfrastructureStackProps, BuildOutputs, ContainerRegistry, KeyVault,
  StorageAccess, TokenIssuer,
} from '../../src/azure';
import { OUTPUTS } from '../../src/parameters/infrastructure-outputs';

const PROVIDERS = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/contoso-rg/providers';
const REGISTRY = `${PROVIDERS}/Microsoft.ContainerRegistry/registries/contosoimages`;
const VAULT = `${PROVIDERS}/Microsoft.KeyVault/vaults/contoso-builds-kv`;

const PROPS: BuildInfrastructureStackProps = {
  location: 'westeurope',
  resourceGroupName: 'contoso-builds-rg',
  identityName: 'contoso-image-builder',
  issuer: TokenIssuer.fromUrl('https://issuer.contoso.example/'),
  namespace: 'builds',
  serviceAccountName: 'image-builder',
  storageAccountName: 'contosobinaries',
};

function synthesized(props: Partial<BuildInfrastructureStackProps> = {}): Synthesized {
  return new Synthesized(new BuildInfrastructureStack(newApp(), 'image-builds-dev', { ...PROPS, ...props }));
}

function identityIn(stack: TerraformStack, serviceAccounts = [{ namespace: 'builds', serviceAccountName: 'image-builder' }]): BuildIdentity {
  return new BuildIdentity(stack, 'Identity', { ...PROPS, serviceAccounts });
}

describe('the stack', () => {
  test('holds identity, credential, account, container and the grant between them', () => {
    const result = synthesized();
    expect(result.only('azurerm_federated_identity_credential').subject).toBe('system:serviceaccount:builds:image-builder');
    expect(result.only('azurerm_storage_account').name).toBe('contosobinaries');
    expect(result.only('azurerm_role_assignment')).toMatchObject({
      scope: `\${${result.reference('azurerm_storage_container')}.id}`, role_definition_name: 'Storage Blob Data Reader',
    });
    expect(result.lookups).toEqual([]);
  });

  test('signs in to storage by Entra, needs no data plane, and registers nothing in the subscription', () => {
    expect(synthesized().provider).toEqual({
      environment: 'public', storage_use_azuread: true, resource_provider_registrations: 'none', features: [{ storage: [{ data_plane_available: false }] }],
    });
  });

  test('names the subscription where it is given', () => {
    expect(synthesized({ subscriptionId: '00000000-0000-0000-0000-000000000001' }).provider.subscription_id).toBe('00000000-0000-0000-0000-000000000001');
    expect(() => synthesized({ subscriptionId: 'Contoso Development' })).toThrow('[image-builds-dev] subscriptionId needs an id of 32 hexadecimal digits');
  });

  test('follows another cloud in provider and audience', () => {
    const result = synthesized({ environment: AzureEnvironment.CHINA });
    expect(result.provider.environment).toBe('china');
    expect(result.only('azurerm_federated_identity_credential').audience).toEqual(['api://AzureADTokenExchangeChina']);
  });

  test('passes on access, container and tags', () => {
    const result = synthesized({ storageAccess: StorageAccess.fromAnywhere(), storageContainerName: 'tools', tags: { team: 'wind' } });
    expect(result.only('azurerm_storage_account')).toMatchObject({ public_network_access_enabled: true, tags: { team: 'wind' } });
    expect(result.only('azurerm_storage_container').name).toBe('tools');
    expect(result.only('azurerm_user_assigned_identity').tags).toEqual({ team: 'wind' });
  });

  test('exists once for each environment, side by side in one app', () => {
    const app = newApp();
    const stacks = ['dev', 'prd'].map(name => new BuildInfrastructureStack(app, `image-builds-${name}`,
      { ...PROPS, namespace: `builds-${name}`, storageAccountName: `contosobinaries${name}` }));
    expect(stacks.map(stack => new Synthesized(stack).outputs.namespace)).toEqual(['builds-dev', 'builds-prd']);
  });
});

describe('the outputs', () => {
  test('are plain strings under the names of the build\'s parameters', () => {
    const result = synthesized({ additionalServiceAccounts: [{ namespace: 'ci', serviceAccountName: 'runner' }] });
    const identity = result.reference('azurerm_user_assigned_identity');
    expect(result.outputs).toEqual({
      managedIdentityClientId: `\${${identity}.client_id}`,
      tenantId: `\${${identity}.tenant_id}`,
      namespace: 'builds',
      workloadIdentity: 'image-builder',
      serviceAccounts: 'builds/image-builder ci/runner',
      storageAccountName: 'contosobinaries',
      storageContainerName: 'bin',
    });
  });

  test('list service accounts that were added later', () => {
    const stack = new BuildInfrastructureStack(newApp(), 'dev', PROPS);
    stack.identity.addServiceAccount({ namespace: 'ci', serviceAccountName: 'runner' });
    expect(new Synthesized(stack).outputs.serviceAccounts).toBe('builds/image-builder ci/runner');
  });

  test('of a stack of one\'s own hold what it has', () => {
    const stack = newStack();
    BuildOutputs.declare(stack, { identity: identityIn(stack), vault: new KeyVault(stack, 'Vault', VAULT) });
    const { outputs } = new Synthesized(stack);
    expect(outputs.keyVaultUrl).toBe('https://contoso-builds-kv.vault.azure.net');
    expect(outputs).not.toHaveProperty('storageAccountName');
  });

  test('are all known to the reader', () => {
    const stack = new BuildInfrastructureStack(newApp(), 'dev', PROPS);
    expect(Object.values(OUTPUTS)).toEqual(expect.arrayContaining(Object.keys(new Synthesized(stack).outputs)));
  });

  test('need a service account', () => {
    const stack = newStack();
    const identity = identityIn(stack, []);
    expect(() => BuildOutputs.declare(stack, { identity })).toThrow('[builds] builds/Identity trusts no service account; call addServiceAccount before');
  });
});

describe('a registry of Azure', () => {
  test('lets an identity push, and is not looked up, for that would copy its admin password into the state', () => {
    const stack = newStack();
    const identity = identityIn(stack);
    const registry = new ContainerRegistry(stack, 'Registry', REGISTRY);
    registry.grantPush(identity);
    registry.grantPush(identity);
    const result = new Synthesized(stack);
    expect(result.only('azurerm_role_assignment')).toMatchObject({ scope: REGISTRY, role_definition_name: 'AcrPush', principal_type: 'ServicePrincipal' });
    expect(result.lookups).toEqual([]);
  });

  test.each(['contosoimages.azurecr.io', VAULT, `${REGISTRY}/x`, `${PROVIDERS}/Microsoft.ContainerRegistry/registries/abc`])('refuses %s', id => {
    expect(() => new ContainerRegistry(newStack(), 'Registry', id)).toThrow(/^\[builds\/Registry\] resourceId.* needs/);
  });
});

describe('a key vault', () => {
  test('lets an identity read its secrets', () => {
    const stack = newStack();
    new KeyVault(stack, 'Vault', VAULT).grantReadSecrets(identityIn(stack));
    expect(new Synthesized(stack).only('azurerm_role_assignment')).toMatchObject({ scope: VAULT, role_definition_name: 'Key Vault Secrets User' });
  });

  test('has the address of its cloud', () => {
    expect(new KeyVault(newStack(), 'Vault', VAULT, AzureEnvironment.US_GOVERNMENT).vaultUrl).toBe('https://contoso-builds-kv.vault.usgovcloudapi.net');
  });

  test.each(['https://contoso-builds-kv.vault.azure.net', REGISTRY, VAULT.replace('contoso-builds-kv', '1kv'), VAULT.replace('contoso-builds-kv', 'a--b')])('refuses %s', id => {
    expect(() => new KeyVault(newStack(), 'Vault', id)).toThrow(/^\[builds\/Vault\] resourceId.* needs/);
  });
});
