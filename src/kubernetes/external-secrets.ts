import { ApiObject, Duration } from 'cdk8s';
import { ISecret, Secret } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Check, dataKey, dnsSubdomain, pattern, quoted, repository, verify } from '../checks';

/** Options of a `KeyVaultSecrets`. */
export interface KeyVaultSecretsProps {
  /** Address of the vault; the output `keyVaultUrl` of the Azure half. */
  readonly vaultUrl: string;

  /**
   * Service account as which the vault is read. It must be annotated with its identity's client id
   * (`WorkloadIdentity.withServiceAccount` does it), and the identity needs the role *Key Vault Secrets User*.
   */
  readonly serviceAccountName: string;

  /**
   * How often the vault is read again. A build takes the values that its pod was started with.
   *
   * @default 1 hour
   */
  readonly refreshInterval?: Duration;
}

/** Names, in the vault, of the secrets that hold an account of a registry. */
export interface VaultRegistryAccount {
  /** The registry as docker's config names it: its host, with an optional path. */
  readonly registry: string;

  /** Name of the vault's secret with the user's name. */
  readonly usernameSecret: string;

  /** Name of the vault's secret with the password or access token. */
  readonly passwordSecret: string;
}

const API_VERSION = 'external-secrets.io/v1';

const vaultUrl = pattern(/^https:\/\/[a-zA-Z0-9-]{3,24}\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)\/?$/,
  'the address of a key vault', '"https://contoso-builds-kv.vault.azure.net"', 64);

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers */
const vaultSecretName: Check = pattern(/^[a-zA-Z0-9-]{1,127}$/,
  'the name of a secret in a key vault (1 to 127 letters, digits and "-")', '"jfrog-deb-user"', 127);

/**
 * Secrets of builds that come from a key vault: the manifests by which External Secrets Operator (2.x), where the
 * cluster has it, reads the vault and keeps Secrets up to date. No value passes through a manifest.
 *
 * https://external-secrets.io/latest/provider/azure-key-vault/
 */
export class KeyVaultSecrets extends Construct {
  private readonly store: ApiObject;
  private readonly refreshInterval: string;
  private readonly names = new Set<string>();

  /**
   * @param scope the chart, whose namespace the Secrets are made in
   * @param id the construct's id
   * @param props the options
   * @throws if the address or name is none
   */
  public constructor(scope: Construct, id: string, props: KeyVaultSecretsProps) {
    super(scope, id);
    verify(this.node.path, 'vaultUrl', props.vaultUrl, vaultUrl);
    verify(this.node.path, 'serviceAccountName', props.serviceAccountName, dnsSubdomain);
    this.refreshInterval = `${(props.refreshInterval ?? Duration.hours(1)).toSeconds()}s`;
    this.store = new ApiObject(this, 'Store', {
      apiVersion: API_VERSION,
      kind: 'SecretStore',
      spec: {
        provider: {
          azurekv: {
            authType: 'WorkloadIdentity',
            environmentType: environmentOf(props.vaultUrl),
            vaultUrl: props.vaultUrl,
            serviceAccountRef: { name: props.serviceAccountName },
          },
        },
      },
    });
  }

  /**
   * A Secret whose keys are filled from the vault, for `BuildSecrets` for example.
   *
   * @param name name of the Secret
   * @param keys from each key of the Secret to the name of the vault's secret
   * @returns the Secret
   * @throws if a name is none or taken, or no key is given
   */
  public addSecret(name: string, keys: { [key: string]: string }): ISecret {
    const entries = Object.entries(keys);
    if (entries.length === 0) { throw new Error(`[${this.node.path}] addSecret(${quoted(name)}) names no key; give for example { 'jfrog-deb-user': 'jfrog-deb-user' }`); }
    for (const [key, source] of entries) {
      verify(this.node.path, 'key', key, dataKey);
      verify(this.node.path, `keys.${key}`, source, vaultSecretName);
    }
    return this.externalSecret(name, entries);
  }

  /**
   * A Secret with the registries' accounts, for `RegistryCredentials.fromSecret`.
   *
   * @param name name of the Secret
   * @param accounts the registries, and where the vault has their accounts
   * @returns the Secret, of the type `kubernetes.io/dockerconfigjson`
   * @throws if a name is none or taken, no registry is given, or one twice
   */
  public addDockerConfig(name: string, accounts: VaultRegistryAccount[]): ISecret {
    if (accounts.length === 0) { throw new Error(`[${this.node.path}] addDockerConfig(${quoted(name)}) names no registry; give one account for each registry`); }
    const registries = accounts.map(({ registry }) => registry);
    accounts.forEach((account, i) => {
      verify(this.node.path, `accounts[${i}].registry`, account.registry, repository);
      verify(this.node.path, `accounts[${i}].usernameSecret`, account.usernameSecret, vaultSecretName);
      verify(this.node.path, `accounts[${i}].passwordSecret`, account.passwordSecret, vaultSecretName);
      if (registries.indexOf(account.registry) !== i) {
        throw new Error(`[${this.node.path}] accounts[${i}].registry ${quoted(account.registry)} has an account already; docker's config holds one for each registry`);
      }
    });
    // Filled in by the operator's template engine, in the cluster; no value is known here.
    const auths = accounts.map(({ registry }, i) => `${JSON.stringify(registry)}:{"auth":"{{ printf "%s:%s" .username${i} .password${i} | b64enc }}"}`);
    return this.externalSecret(
      name,
      accounts.flatMap(({ usernameSecret, passwordSecret }, i): [string, string][] => [[`username${i}`, usernameSecret], [`password${i}`, passwordSecret]]),
      { engineVersion: 'v2', type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': `{"auths":{${auths.join(',')}}}` } },
    );
  }

  private externalSecret(name: string, data: [key: string, source: string][], template?: object): ISecret {
    verify(this.node.path, 'name', name, dnsSubdomain);
    if (this.names.has(name)) { throw new Error(`[${this.node.path}] Secret ${quoted(name)} is declared already; give each Secret a name of its own`); }
    this.names.add(name);
    new ApiObject(this, `External-${name}`, {
      apiVersion: API_VERSION,
      kind: 'ExternalSecret',
      metadata: { name },
      spec: {
        refreshInterval: this.refreshInterval,
        secretStoreRef: { kind: 'SecretStore', name: this.store.name },
        target: { name, creationPolicy: 'Owner', template },
        data: data.map(([secretKey, key]) => ({ secretKey, remoteRef: { key } })),
      },
    });
    return Secret.fromSecretName(this, `Secret-${name}`, name);
  }
}

/** The operator's name for the cloud of a vault. */
function environmentOf(url: string): string {
  if (/\.vault\.azure\.cn\/?$/.test(url)) { return 'ChinaCloud'; }
  return /\.vault\.usgovcloudapi\.net\/?$/.test(url) ? 'USGovernmentCloud' : 'PublicCloud';
}
