import { TokenIssuer } from './token-issuer';

/** A Kubernetes service account that may act as an identity. */
export interface FederatedServiceAccount {
  /** Namespace of the service account. */
  readonly namespace: string;

  /** Name of the service account. */
  readonly serviceAccountName: string;

  /**
   * The cluster of the service account.
   * @default - the identity's own issuer
   */
  readonly issuer?: TokenIssuer;

  /**
   * Name of the federated credential; 3 to 120 letters, digits, `-` and `_`.
   * @default - `<namespace>_<serviceAccountName>`, dots as `_`
   */
  readonly credentialName?: string;
}
