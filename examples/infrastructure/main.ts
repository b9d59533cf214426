/** The Azure side of image builds: one stack for development, one for production, each with a state of its own. */
import { join } from 'node:path';
import { App, AzurermBackend } from 'cdktf';
import { BuildInfrastructureStack, StorageAccess, TokenIssuer } from 'cdk-kaniko/azure';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/contoso-network-rg/providers/Microsoft.Network`;

const app = new App();

const dev = new BuildInfrastructureStack(app, 'image-builds-dev', {
  subscriptionId: SUBSCRIPTION,
  resourceGroupName: 'contoso-winddata-dev-rg',
  location: 'westeurope',
  identityName: 'contoso-winddata-cicd-dev',
  issuer: TokenIssuer.fromAksCluster('contoso-court-dev-aks', 'contoso-court-dev-rg'),
  namespace: 'winddata-dev',
  serviceAccountName: 'wdap-cicd-identity',
  storageAccountName: 'contosobinaries',
  // The cluster's nodes by their subnet; the agents that deploy by the address under which they go out.
  storageAccess: StorageAccess.fromNetworks({
    subnetIds: [`${NETWORK}/virtualNetworks/contoso-dev-vnet/subnets/aks-nodes`],
    addressRanges: ['203.0.113.7'],
    reachableByTerraform: true,
  }),
  tags: { team: 'winddata', environment: 'dev' },
});

const prd = new BuildInfrastructureStack(app, 'image-builds-prd', {
  subscriptionId: SUBSCRIPTION,
  resourceGroupName: 'contoso-winddata-prd-rg',
  location: 'westeurope',
  identityName: 'contoso-winddata-cicd-prd',
  issuer: TokenIssuer.fromAksCluster('contoso-court-prd-aks', 'contoso-court-prd-rg'),
  namespace: 'winddata-prd',
  serviceAccountName: 'wdap-cicd-identity',
  storageAccountName: 'contosobinariesprd',
  // No public address at all; production is deployed by agents in the same network.
  storageAccess: StorageAccess.fromPrivateEndpoint(`${NETWORK}/virtualNetworks/contoso-prd-vnet/subnets/endpoints`, {
    privateDnsZoneId: `${NETWORK}/privateDnsZones/privatelink.blob.core.windows.net`,
    reachableByTerraform: true,
  }),
  tags: { team: 'winddata', environment: 'prd' },
});

for (const stack of [dev, prd]) {
  // A new version of a tool: put the file here and deploy.
  for (const tool of ['kubectl', 'kubelogin']) { stack.storage.addFile(`k8s/${tool}`, join(__dirname, 'binaries', tool)); }

  // Without a backend the state lies in a local file, which is fit for a trial only.
  if (process.env.STATE_STORAGE_ACCOUNT !== undefined) {
    new AzurermBackend(stack, {
      storageAccountName: process.env.STATE_STORAGE_ACCOUNT,
      containerName: 'tfstate',
      key: `${stack.node.id}.tfstate`,
      useAzureadAuth: true,
    });
  }
}

app.synth();
