/**
 * What our own Azure half declares for a team, as Terraform would deploy it: the federated credential that the token
 * server goes by, and the outputs' file that `cdk-kaniko synth --infra` reads.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { ISSUER, TENANT_ID } from './cluster/cluster';
import { currentSandbox } from './sandbox';
import { BuildInfrastructureStack, StorageAccess, TokenIssuer } from '../../src/azure';
import { FederatedCredential } from '../servers';

export interface DeployedInfrastructure {
  readonly credential: FederatedCredential;
  /** What `cdktf deploy --outputs-file` would write. */
  readonly outputsFile: string;
}

export interface InfrastructureWanted {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly storageAccount: string;
  /** The one thing that only Azure can tell: which client id the identity got. */
  readonly clientId: string;
}

interface TerraformJson {
  readonly resource: Record<string, Record<string, Record<string, unknown>>>;
  readonly output: Record<string, { readonly value: string }>;
}

export function deployInfrastructure(wanted: InfrastructureWanted): DeployedInfrastructure {
  const folder = mkdtempSync(join(currentSandbox().folder, 'infrastructure-'));
  const stack = 'image-builds';
  const app = new App({ outdir: folder });
  new BuildInfrastructureStack(app, stack, {
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    resourceGroupName: 'contoso-winddata-rg',
    location: 'westeurope',
    identityName: 'contoso-winddata-cicd',
    issuer: TokenIssuer.fromUrl(ISSUER),
    namespace: wanted.namespace,
    serviceAccountName: wanted.serviceAccount,
    storageAccountName: wanted.storageAccount,
    storageAccess: StorageAccess.fromAnywhere(),
  });
  app.synth();
  const { resource, output } = JSON.parse(readFileSync(join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8')) as TerraformJson;
  const [{ issuer, subject, audience }] = Object.values(resource.azurerm_federated_identity_credential);

  const known: Record<string, string> = { client_id: wanted.clientId, tenant_id: TENANT_ID };
  const deployed = Object.fromEntries(Object.entries(output).map(([name, { value }]) =>
    [name, value.replace(/^\$\{azurerm_user_assigned_identity\.\w+\.(\w+)\}$/, (_, attribute: string) => known[attribute])]));
  const outputsFile = join(folder, 'infra.json');
  writeFileSync(outputsFile, JSON.stringify({ [stack]: deployed }));
  return {
    credential: { clientId: wanted.clientId, issuer: String(issuer), subject: String(subject), audience: String((audience as string[])[0]) },
    outputsFile,
  };
}
