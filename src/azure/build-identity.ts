import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct, IConstruct } from 'constructs';
import { AzureEnvironment } from './azure-environment';
import { identityName, location, resourceGroupName, verifyUnlessToken } from './azure-names';
import { FederatedCredentials } from './federated-credentials';
import { FederatedServiceAccount } from './federated-service-account';
import { TokenIssuer } from './token-issuer';
import { verify } from '../checks';

/** What an identity is called and whom it trusts, whether it is made here or exists already. */
export interface ExistingIdentityProps {
  /** Name of the identity: 3 to 128 letters, digits, `-` and `_`. */
  readonly identityName: string;

  /** Name of the identity's resource group. It must exist. */
  readonly resourceGroupName: string;

  /** The cluster whose service accounts may act as the identity. */
  readonly issuer: TokenIssuer;

  /**
   * Service accounts that may act as the identity; 20 at most.
   * @default - none; see `addServiceAccount`
   */
  readonly serviceAccounts?: FederatedServiceAccount[];

  /**
   * The cloud, which decides the audience of the tokens.
   * @default AzureEnvironment.PUBLIC
   */
  readonly environment?: AzureEnvironment;
}

/** Options of a `BuildIdentity`. */
export interface BuildIdentityProps extends ExistingIdentityProps {
  /** Region of the identity, for example `westeurope`. */
  readonly location: string;

  /**
   * Tags of the identity.
   * @default - none
   */
  readonly tags?: { [name: string]: string };
}

/** An identity as which build pods fetch what they need; made here or imported. */
export interface IBuildIdentity extends IConstruct {
  /** The client id, which the pod's service account is annotated with. A token until `cdktf deploy`. */
  readonly clientId: string;

  /** The object id, to which roles are granted. A token until `cdktf deploy`. */
  readonly principalId: string;

  /** The tenant's id. A token until `cdktf deploy`. */
  readonly tenantId: string;

  /** The service accounts that may act as the identity, each as `<namespace>/<name>`, in the order of their addition. */
  readonly serviceAccounts: string[];

  /**
   * Lets one more service account act as the identity.
   *
   * @param account the service account
   * @throws if a name is none, the account or the credential's name is there already, or it would be the 21st
   */
  addServiceAccount(account: FederatedServiceAccount): void;
}

/**
 * A user-assigned managed identity and the federated credentials through which Kubernetes service accounts act
 * as it: no password, no key, nothing to rotate.
 *
 * https://learn.microsoft.com/azure/aks/workload-identity-overview
 */
export class BuildIdentity extends Construct implements IBuildIdentity {
  /**
   * An identity that exists already, made by another team for example. Terraform looks it up by its name and adds
   * the federated credentials; those that it has besides are left alone, but count towards Azure's limit of 20.
   *
   * @param scope where to put the lookup
   * @param id the construct's id
   * @param props the identity's name and whom it shall trust
   * @throws if a name breaks Azure's or Kubernetes' rules
   */
  public static fromIdentityName(scope: Construct, id: string, props: ExistingIdentityProps): IBuildIdentity {
    return new ExistingIdentity(scope, id, props);
  }

  public readonly clientId: string;
  public readonly principalId: string;
  public readonly tenantId: string;
  private readonly credentials: FederatedCredentials;

  /**
   * @param scope the stack
   * @param id the construct's id
   * @param props the options
   * @throws if a name breaks Azure's or Kubernetes' rules
   */
  public constructor(scope: Construct, id: string, props: BuildIdentityProps) {
    super(scope, id);
    verifyIdentity(this, props);
    verifyUnlessToken(this.node.path, 'location', props.location, location);
    const identity = new UserAssignedIdentity(this, 'Identity', {
      name: props.identityName, resourceGroupName: props.resourceGroupName, location: props.location, tags: props.tags,
    });
    this.clientId = identity.clientId;
    this.principalId = identity.principalId;
    this.tenantId = identity.tenantId;
    this.credentials = federatedCredentials(this, identity.id, props);
  }

  public get serviceAccounts(): string[] { return this.credentials.serviceAccounts; }

  public addServiceAccount(account: FederatedServiceAccount): void { this.credentials.add(account); }
}

class ExistingIdentity extends Construct implements IBuildIdentity {
  public readonly clientId: string;
  public readonly principalId: string;
  public readonly tenantId: string;
  private readonly credentials: FederatedCredentials;

  public constructor(scope: Construct, id: string, props: ExistingIdentityProps) {
    super(scope, id);
    verifyIdentity(this, props);
    const identity = new DataAzurermUserAssignedIdentity(this, 'Identity', {
      name: props.identityName, resourceGroupName: props.resourceGroupName,
    });
    this.clientId = identity.clientId;
    this.principalId = identity.principalId;
    this.tenantId = identity.tenantId;
    this.credentials = federatedCredentials(this, identity.id, props);
  }

  public get serviceAccounts(): string[] { return this.credentials.serviceAccounts; }

  public addServiceAccount(account: FederatedServiceAccount): void { this.credentials.add(account); }
}

function verifyIdentity(scope: Construct, props: ExistingIdentityProps): void {
  verify(scope.node.path, 'identityName', props.identityName, identityName);
  verifyUnlessToken(scope.node.path, 'resourceGroupName', props.resourceGroupName, resourceGroupName);
}

function federatedCredentials(scope: Construct, identityId: string, props: ExistingIdentityProps): FederatedCredentials {
  const credentials = new FederatedCredentials(scope, 'Credentials', {
    identityId,
    resourceGroupName: props.resourceGroupName,
    issuer: props.issuer,
    environment: props.environment ?? AzureEnvironment.PUBLIC,
  });
  for (const account of props.serviceAccounts ?? []) { credentials.add(account); }
  return credentials;
}
