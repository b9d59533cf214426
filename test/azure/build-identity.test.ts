import { TerraformVariable } from 'cdktf';
import { newStack, Synthesized } from './terraform';
import { AzureEnvironment, BuildIdentity, BuildIdentityProps, TokenIssuer } from '../../src/azure';

const ISSUER = 'https://westeurope.oic.prod-aks.azure.com/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000/';

const PROPS: BuildIdentityProps = {
  identityName: 'contoso-image-builder',
  resourceGroupName: 'contoso-builds-rg',
  location: 'westeurope',
  issuer: TokenIssuer.fromUrl(ISSUER),
  serviceAccounts: [{ namespace: 'builds', serviceAccountName: 'image-builder' }],
};

function identity(props: Partial<BuildIdentityProps> = {}): BuildIdentity {
  return new BuildIdentity(newStack(), 'Identity', { ...PROPS, ...props });
}

function synthesized(props: Partial<BuildIdentityProps> = {}): Synthesized {
  const stack = newStack();
  new BuildIdentity(stack, 'Identity', { ...PROPS, ...props });
  return new Synthesized(stack);
}

describe('the identity', () => {
  test('is a user-assigned identity with its name, group, region and tags', () => {
    expect(synthesized({ tags: { team: 'wind' } }).only('azurerm_user_assigned_identity')).toEqual({
      name: 'contoso-image-builder', resource_group_name: 'contoso-builds-rg', location: 'westeurope', tags: { team: 'wind' },
    });
  });

  test('takes the resource group from another resource of the stack', () => {
    const stack = newStack();
    const group = new TerraformVariable(stack, 'group', { type: 'string' });
    new BuildIdentity(stack, 'Identity', { ...PROPS, resourceGroupName: group.stringValue });
    expect(new Synthesized(stack).only('azurerm_user_assigned_identity').resource_group_name).toBe('${var.group}');
  });

  test.each<[keyof BuildIdentityProps, string, string]>([
    ['identityName', 'ab', 'needs the name of an identity'],
    ['identityName', 'a'.repeat(129), 'at most|needs the name of an identity'],
    ['identityName', '-builder', 'beginning with a letter or digit'],
    ['identityName', 'image builder', 'needs the name of an identity'],
    ['resourceGroupName', '', 'needs the name of a resource group'],
    ['resourceGroupName', 'group.', 'not ending with "."'],
    ['resourceGroupName', 'a/b', 'needs the name of a resource group'],
    ['location', 'west_europe', 'needs a region'],
  ])('refuses %s %j', (property, value, message) => {
    expect(() => identity({ [property]: value })).toThrow(new RegExp(`^\\[builds/Identity\\] ${property} .*(${message})`));
  });
});

describe('the federated credential', () => {
  test('trusts exactly one service account of the cluster', () => {
    const result = synthesized();
    expect(result.only('azurerm_federated_identity_credential')).toEqual({
      name: 'builds_image-builder',
      resource_group_name: 'contoso-builds-rg',
      parent_id: `\${${result.reference('azurerm_user_assigned_identity')}.id}`,
      issuer: ISSUER,
      subject: 'system:serviceaccount:builds:image-builder',
      audience: ['api://AzureADTokenExchange'],
    });
  });

  test.each([
    [AzureEnvironment.US_GOVERNMENT, 'api://AzureADTokenExchangeUSGov'],
    [AzureEnvironment.CHINA, 'api://AzureADTokenExchangeChina'],
  ])('has the audience of the cloud %s', (environment, audience) => {
    expect(synthesized({ environment }).only('azurerm_federated_identity_credential').audience).toEqual([audience]);
  });

  test('exists for every service account, with dots in its name replaced', () => {
    const names = synthesized({
      serviceAccounts: [{ namespace: 'builds', serviceAccountName: 'a.b' }, { namespace: 'builds-a', serviceAccountName: 'b' }],
    }).all('azurerm_federated_identity_credential').map(credential => credential.name);
    expect(names.sort()).toEqual(['builds-a_b', 'builds_a_b']);
  });

  test('reports the service accounts in their order, as a copy', () => {
    const subject = identity();
    subject.addServiceAccount({ namespace: 'ci', serviceAccountName: 'runner' });
    subject.serviceAccounts.push('kube-system/default');
    expect(subject.serviceAccounts).toEqual(['builds/image-builder', 'ci/runner']);
  });

  test('is refused for the 21st service account', () => {
    const subject = identity({ serviceAccounts: [] });
    for (let i = 1; i <= 20; i++) { subject.addServiceAccount({ namespace: `builds-${i}`, serviceAccountName: 'builder' }); }
    expect(() => subject.addServiceAccount({ namespace: 'builds-21', serviceAccountName: 'builder' }))
      .toThrow('[builds/Identity] has 20 service accounts, and Azure takes no more for one identity; make a second BuildIdentity for "builds-21/builder"');
  });

  test('is refused twice for one service account of one cluster', () => {
    expect(() => identity().addServiceAccount({ namespace: 'builds', serviceAccountName: 'image-builder' }))
      .toThrow('serviceAccount "builds/image-builder" is trusted already');
  });

  test('needs a name of its own for the same service account in another cluster', () => {
    const issuer = TokenIssuer.fromUrl('https://issuer.contoso.example');
    const account = { namespace: 'builds', serviceAccountName: 'image-builder', issuer };
    expect(() => identity().addServiceAccount(account)).toThrow('credentialName "builds_image-builder" is taken');

    const stack = newStack();
    new BuildIdentity(stack, 'Identity', PROPS).addServiceAccount({ ...account, credentialName: 'green' });
    expect(new Synthesized(stack).all('azurerm_federated_identity_credential').map(({ name, issuer: url }) => [name, url]))
      .toEqual([['builds_image-builder', ISSUER], ['green', 'https://issuer.contoso.example']]);
  });

  test.each([
    ['namespace', { namespace: 'Builds', serviceAccountName: 'builder' }, 'needs a DNS label'],
    ['namespace', { namespace: 'a:b', serviceAccountName: 'builder' }, 'needs a DNS label'],
    ['namespace', { namespace: '*', serviceAccountName: 'builder' }, 'needs a DNS label'],
    ['serviceAccountName', { namespace: 'builds', serviceAccountName: 'build_er' }, 'needs the name of a Kubernetes object'],
    ['serviceAccountName', { namespace: 'builds', serviceAccountName: '${TfToken[TOKEN.0]}' }, 'holds a Terraform token'],
    ['credentialName', { namespace: 'builds', serviceAccountName: 'builder', credentialName: 'ab' }, '3 to 120'],
    ['credentialName', { namespace: 'builds', serviceAccountName: 'builder', credentialName: 'a.b' }, '3 to 120'],
    ['credentialName', { namespace: 'builds', serviceAccountName: Array(3).fill('b'.repeat(40)).join('.') }, '3 to 120'],
  ])('refuses the %s of %j', (property, account, message) => {
    expect(() => identity({ serviceAccounts: [account] })).toThrow(new RegExp(`^\\[builds/Identity\\] ${property} .*${message}`));
  });
});

describe('the issuer', () => {
  test.each(['https://issuer.contoso.example', ISSUER])('keeps its form: %s', url => {
    expect(synthesized({ issuer: TokenIssuer.fromUrl(url) }).only('azurerm_federated_identity_credential').issuer).toBe(url);
  });

  test.each([
    ['http://issuer.contoso.example/', 'needs an https address'],
    ['issuer.contoso.example', 'needs an https address'],
    ['https://user@issuer.contoso.example/', 'needs an https address without user'],
    ['https://issuer.contoso.example/?a=b', 'query'],
    ['https://issuer.contoso.example/#a', 'fragment'],
    ['https://Issuer.contoso.example/', 'needs an https address'],
    [`https://issuer.contoso.example/${'a'.repeat(600)}`, 'at most 600'],
    [ISSUER.slice(0, -1), `lacks the trailing "/" that AKS puts into its tokens, got .*; write "${ISSUER}"`],
  ])('refuses the address %s', (url, message) => {
    expect(() => TokenIssuer.fromUrl(url)).toThrow(new RegExp(`^\\[TokenIssuer.fromUrl\\] url .*${message}`));
  });

  test('of an AKS cluster is looked up once, and a cluster without one is an error that says how to get it', () => {
    const issuer = TokenIssuer.fromAksCluster('contoso-aks', 'contoso-aks-rg');
    const result = synthesized({
      issuer,
      serviceAccounts: [{ namespace: 'a', serviceAccountName: 'builder' }, { namespace: 'b', serviceAccountName: 'builder' }],
    });
    const cluster = result.onlyData('azurerm_kubernetes_cluster');
    expect(cluster).toMatchObject({ name: 'contoso-aks', resource_group_name: 'contoso-aks-rg' });
    expect(cluster.lifecycle.postcondition).toEqual([{
      condition: '${self.oidc_issuer_enabled}',
      error_message: expect.stringContaining('az aks update --name contoso-aks --resource-group contoso-aks-rg --enable-oidc-issuer'),
    }]);
    for (const credential of result.all('azurerm_federated_identity_credential')) {
      expect(credential.issuer).toMatch(/^\$\{data\.azurerm_kubernetes_cluster\.\w+\.oidc_issuer_url\}$/);
    }
  });

  test.each([['-aks', 'rg'], ['a'.repeat(64), 'rg'], ['aks', 'rg.']])('of an AKS cluster refuses %s in %s', (name, group) => {
    expect(() => TokenIssuer.fromAksCluster(name, group)).toThrow(/^\[TokenIssuer.fromAksCluster\] (name|resourceGroup) needs/);
  });
});

describe('an existing identity', () => {
  const existing = { identityName: 'contoso-image-builder', resourceGroupName: 'contoso-builds-rg', issuer: PROPS.issuer };

  test('is looked up and not made, and gets its credentials', () => {
    const stack = newStack();
    const subject = BuildIdentity.fromIdentityName(stack, 'Identity', { ...existing, serviceAccounts: PROPS.serviceAccounts });
    subject.addServiceAccount({ namespace: 'ci', serviceAccountName: 'runner' });
    const result = new Synthesized(stack);
    expect(result.all('azurerm_user_assigned_identity')).toEqual([]);
    expect(result.onlyData('azurerm_user_assigned_identity')).toEqual({ name: 'contoso-image-builder', resource_group_name: 'contoso-builds-rg' });
    expect(result.all('azurerm_federated_identity_credential').map(({ parent_id: parent }) => parent))
      .toEqual(Array(2).fill(expect.stringMatching(/^\$\{data\.azurerm_user_assigned_identity\.\w+\.id\}$/)));
  });

  test('refuses a name that is none', () => {
    expect(() => BuildIdentity.fromIdentityName(newStack(), 'Identity', { ...existing, identityName: 'a b' })).toThrow('needs the name of an identity');
  });
});
