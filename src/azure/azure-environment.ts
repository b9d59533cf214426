/** One of Microsoft's clouds. */
export enum AzureEnvironment {
  /** The worldwide cloud. */
  PUBLIC = 'public',
  /** Azure Government. */
  US_GOVERNMENT = 'usgovernment',
  /** Azure operated by 21Vianet. */
  CHINA = 'china',
}

/**
 * The audience that a service account's token carries when it is exchanged for one of Entra. Each cloud takes its own.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export function tokenExchangeAudience(environment: AzureEnvironment): string {
  switch (environment) {
    case AzureEnvironment.PUBLIC: return 'api://AzureADTokenExchange';
    case AzureEnvironment.US_GOVERNMENT: return 'api://AzureADTokenExchangeUSGov';
    case AzureEnvironment.CHINA: return 'api://AzureADTokenExchangeChina';
  }
}
