import { Construct } from 'constructs';
import { AzureEnvironment } from './azure-environment';
import { keyVaultId, keyVaultName, registryId, registryName } from './azure-names';
import { IBuildIdentity } from './build-identity';
import { grantRole, Role } from './role-grants';
import { verify } from '../checks';

/**
 * A container registry of Azure that exists already, for builds that push there instead of to Artifactory.
 *
 * Known by its resource id: Terraform's lookup by name would copy the registry's admin password into the state.
 */
export class ContainerRegistry extends Construct {
  /** Resource id of the registry. */
  public readonly registryId: string;

  /**
   * @param scope the stack
   * @param id the construct's id
   * @param resourceId resource id of the registry (`az acr show --query id`)
   * @throws if it is none
   */
  public constructor(scope: Construct, id: string, resourceId: string) {
    super(scope, id);
    this.registryId = verify(this.node.path, 'resourceId', resourceId, registryId);
    verify(this.node.path, 'resourceId\'s last part', lastPart(resourceId), registryName);
  }

  /**
   * Lets an identity push to the registry and pull from it: role *AcrPush*.
   *
   * @param identity who pushes; granted once, however often it is called
   */
  public grantPush(identity: IBuildIdentity): void { grantRole(this, identity, Role.REGISTRY_PUSH, this.registryId); }
}

const VAULT_SUFFIX: { [environment in AzureEnvironment]: string } = {
  [AzureEnvironment.PUBLIC]: 'vault.azure.net',
  [AzureEnvironment.US_GOVERNMENT]: 'vault.usgovcloudapi.net',
  [AzureEnvironment.CHINA]: 'vault.azure.cn',
};

/**
 * A key vault that exists already and holds the secrets of builds, such as Artifactory's. External Secrets, in the
 * cluster, reads them as the build's identity; they pass neither through Terraform nor through a manifest.
 */
export class KeyVault extends Construct {
  /** Resource id of the vault. */
  public readonly vaultId: string;

  /** Address of the vault, which a `SecretStore` takes. */
  public readonly vaultUrl: string;

  /**
   * @param scope the stack
   * @param id the construct's id
   * @param resourceId resource id of the vault (`az keyvault show --query id`)
   * @param environment the cloud, which decides the vault's address; `AzureEnvironment.PUBLIC` if left out
   * @throws if the id is none
   */
  public constructor(scope: Construct, id: string, resourceId: string, environment: AzureEnvironment = AzureEnvironment.PUBLIC) {
    super(scope, id);
    this.vaultId = verify(this.node.path, 'resourceId', resourceId, keyVaultId);
    const name = verify(this.node.path, 'resourceId\'s last part', lastPart(resourceId), keyVaultName);
    this.vaultUrl = `https://${name.toLowerCase()}.${VAULT_SUFFIX[environment]}`;
  }

  /**
   * Lets an identity read the vault's secrets: role *Key Vault Secrets User*. The vault must use roles, not access policies.
   *
   * @param identity who reads; granted once, however often it is called
   */
  public grantReadSecrets(identity: IBuildIdentity): void { grantRole(this, identity, Role.VAULT_SECRETS_USER, this.vaultId); }
}

function lastPart(resourceId: string): string { return resourceId.slice(resourceId.lastIndexOf('/') + 1); }
