// The same resources as ours.js, written with the provider's own constructs. With `root` as the third argument
// they come from the provider's root, as its README shows it.
'use strict';
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { App, AssetType, TerraformAsset, TerraformOutput, TerraformStack } = require('cdktf');

const [, , outdir, file, from] = process.argv;
const azurerm = from === 'root' ? require('@cdktf/provider-azurerm') : undefined;
const { AzurermProvider } = azurerm?.provider ?? require('@cdktf/provider-azurerm/lib/provider');
const { UserAssignedIdentity } = azurerm?.userAssignedIdentity ?? require('@cdktf/provider-azurerm/lib/user-assigned-identity');
const { FederatedIdentityCredential } = azurerm?.federatedIdentityCredential
  ?? require('@cdktf/provider-azurerm/lib/federated-identity-credential');
const { StorageAccount } = azurerm?.storageAccount ?? require('@cdktf/provider-azurerm/lib/storage-account');
const { StorageContainer } = azurerm?.storageContainer ?? require('@cdktf/provider-azurerm/lib/storage-container');
const { StorageBlob } = azurerm?.storageBlob ?? require('@cdktf/provider-azurerm/lib/storage-blob');
const { RoleAssignment } = azurerm?.roleAssignment ?? require('@cdktf/provider-azurerm/lib/role-assignment');

const app = new App({ outdir });
const stack = new TerraformStack(app, 'builds');
new AzurermProvider(stack, 'azurerm', {
  environment: 'public', storageUseAzuread: true, resourceProviderRegistrations: 'none', features: [{ storage: [{ dataPlaneAvailable: false }] }],
});
const place = { location: 'westeurope', resourceGroupName: 'contoso-builds-rg' };
const identity = new UserAssignedIdentity(stack, 'identity', { name: 'contoso-image-builder', ...place });
new FederatedIdentityCredential(stack, 'credential', {
  name: 'builds_image-builder',
  resourceGroupName: place.resourceGroupName,
  parentId: identity.id,
  issuer: 'https://issuer.contoso.example/',
  subject: 'system:serviceaccount:builds:image-builder',
  audience: ['api://AzureADTokenExchange'],
});
const account = new StorageAccount(stack, 'account', {
  name: 'contosobinaries',
  ...place,
  accountKind: 'StorageV2',
  accountTier: 'Standard',
  accountReplicationType: 'ZRS',
  sharedAccessKeyEnabled: false,
  publicNetworkAccessEnabled: true,
  allowNestedItemsToBePublic: false,
  minTlsVersion: 'TLS1_2',
  httpsTrafficOnlyEnabled: true,
  defaultToOauthAuthentication: true,
  infrastructureEncryptionEnabled: true,
  localUserEnabled: false,
  crossTenantReplicationEnabled: false,
  networkRules: { defaultAction: 'Allow', bypass: ['AzureServices'], ipRules: [], virtualNetworkSubnetIds: [] },
  blobProperties: { versioningEnabled: true, deleteRetentionPolicy: { days: 7 }, containerDeleteRetentionPolicy: { days: 7 } },
  sasPolicy: { expirationPeriod: '00.01:00:00', expirationAction: 'Log' },
});
const container = new StorageContainer(stack, 'container', { name: 'bin', storageAccountId: account.id, containerAccessType: 'private' });
new RoleAssignment(stack, 'reader', {
  scope: container.id,
  roleDefinitionName: 'Storage Blob Data Reader',
  principalId: identity.principalId,
  principalType: 'ServicePrincipal',
  skipServicePrincipalAadCheck: true,
});
const md5 = createHash('md5').update(readFileSync(file)).digest('hex');
new StorageBlob(stack, 'blob', {
  name: 'tools/tool',
  storageAccountName: 'contosobinaries',
  storageContainerName: 'bin',
  type: 'Block',
  source: new TerraformAsset(stack, 'asset', { path: file, type: AssetType.FILE, assetHash: md5 }).path,
  contentMd5: md5,
  dependsOn: [container],
});
for (const [name, value] of Object.entries({
  managedIdentityClientId: identity.clientId,
  tenantId: identity.tenantId,
  namespace: 'builds',
  workloadIdentity: 'image-builder',
  serviceAccounts: 'builds/image-builder',
  storageAccountName: 'contosobinaries',
  storageContainerName: 'bin',
})) {
  new TerraformOutput(stack, name, { value });
}
app.synth();
