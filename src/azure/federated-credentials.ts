import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { Construct } from 'constructs';
import { AzureEnvironment, tokenExchangeAudience } from './azure-environment';
import { credentialName } from './azure-names';
import { FederatedServiceAccount } from './federated-service-account';
import { TokenIssuer } from './token-issuer';
import { dnsLabel, dnsSubdomain, quoted, verify } from '../checks';

/** What the credentials of one identity have in common. */
export interface FederatedCredentialsProps {
  readonly identityId: string;
  readonly resourceGroupName: string;
  readonly issuer: TokenIssuer;
  readonly environment: AzureEnvironment;
}

/** Azure's limit for one identity. https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations */
const MAX_CREDENTIALS = 20;

/**
 * The federated credentials of one identity: which service accounts of which clusters may act as it.
 *
 * Azure takes one write at a time for an identity; the provider sees to that with a lock of its own.
 */
export class FederatedCredentials extends Construct {
  private readonly accounts: FederatedServiceAccount[] = [];
  // A lookup of the same cluster is not repeated for each of its service accounts.
  private readonly issuerUrls = new Map<TokenIssuer, string>();

  public constructor(scope: Construct, id: string, private readonly props: FederatedCredentialsProps) {
    super(scope, id);
  }

  /** The service accounts, as `<namespace>/<name>`, in the order in which they were added. */
  public get serviceAccounts(): string[] {
    return this.accounts.map(account => `${account.namespace}/${account.serviceAccountName}`);
  }

  /** Trusts one more service account. */
  public add(account: FederatedServiceAccount): void {
    const place = this.node.scope!.node.path;
    verify(place, 'namespace', account.namespace, dnsLabel);
    verify(place, 'serviceAccountName', account.serviceAccountName, dnsSubdomain);
    // "_" is in no name of Kubernetes, so that two accounts never get one name.
    const name = account.credentialName ?? `${account.namespace}_${account.serviceAccountName.replace(/\./g, '_')}`;
    verify(place, 'credentialName', name, credentialName);

    const issuer = account.issuer ?? this.props.issuer;
    if (this.accounts.some(other => (other.issuer ?? this.props.issuer) === issuer
      && other.namespace === account.namespace && other.serviceAccountName === account.serviceAccountName)) {
      throw new Error(`[${place}] serviceAccount ${quoted(`${account.namespace}/${account.serviceAccountName}`)} is trusted already; add each service account of a cluster once`);
    }
    if (this.node.tryFindChild(name) !== undefined) {
      throw new Error(`[${place}] credentialName ${quoted(name)} is taken; give each cluster's credential a credentialName of its own`);
    }
    if (this.accounts.length === MAX_CREDENTIALS) {
      throw new Error(`[${place}] has ${MAX_CREDENTIALS} service accounts, and Azure takes no more for one identity; `
        + `make a second BuildIdentity for ${quoted(`${account.namespace}/${account.serviceAccountName}`)}`);
    }

    new FederatedIdentityCredential(this, name, {
      name,
      resourceGroupName: this.props.resourceGroupName,
      parentId: this.props.identityId,
      issuer: this.issuerUrl(issuer),
      subject: `system:serviceaccount:${account.namespace}:${account.serviceAccountName}`,
      audience: [tokenExchangeAudience(this.props.environment)],
    });
    this.accounts.push(account);
  }

  private issuerUrl(issuer: TokenIssuer): string {
    let url = this.issuerUrls.get(issuer);
    if (url === undefined) {
      url = issuer.bind(new Construct(this, `Issuer${this.issuerUrls.size || ''}`)).url;
      this.issuerUrls.set(issuer, url);
    }
    return url;
  }
}
