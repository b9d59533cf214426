import { Lazy, TerraformOutput, TerraformStack } from 'cdktf';
import { IBinaryStorage } from './binary-storage';
import { IBuildIdentity } from './build-identity';
import { KeyVault } from './existing-resources';
import { OUTPUTS } from '../parameters/infrastructure-outputs';

/** What the outputs are taken from. */
export interface BuildOutputsProps {
  /** The identity of the build pods. Its first service account is the one that builds use. */
  readonly identity: IBuildIdentity;

  /**
   * Where the binaries are.
   * @default - no outputs for it
   */
  readonly storage?: IBinaryStorage;

  /**
   * Where the secrets are.
   * @default - no output for it
   */
  readonly vault?: KeyVault;
}

/**
 * The outputs through which this half meets the Kubernetes half: plain strings in the file that
 * `cdktf deploy --outputs-file` writes and `cdk-kaniko synth --infra` reads. Their names are those of the build's
 * parameters. A `BuildInfrastructureStack` has them; a stack of one's own declares them once.
 */
export class BuildOutputs {
  /**
   * Declares the outputs of a stack.
   *
   * @param stack the stack
   * @param props what they are taken from
   * @throws if the identity trusts no service account yet
   */
  public static declare(stack: TerraformStack, props: BuildOutputsProps): void {
    const { identity, storage, vault } = props;
    if (identity.serviceAccounts.length === 0) {
      throw new Error(`[${stack.node.path}] ${identity.node.path} trusts no service account; call addServiceAccount before the outputs are declared`);
    }
    const [namespace, serviceAccount] = identity.serviceAccounts[0].split('/');
    const declare = (name: string, value: string, description: string): void => {
      new TerraformOutput(stack, name, { value, description });
    };
    declare(OUTPUTS.managedIdentityClientId, identity.clientId, 'Client id of the identity of build pods');
    declare(OUTPUTS.tenantId, identity.tenantId, 'Tenant of the identity');
    declare(OUTPUTS.namespace, namespace, 'Namespace of the build pods');
    declare(OUTPUTS.workloadIdentity, serviceAccount, 'Service account of the build pods');
    declare(OUTPUTS.serviceAccounts, Lazy.stringValue({ produce: () => identity.serviceAccounts.join(' ') }),
      'Every service account that may act as the identity');
    if (storage !== undefined) {
      declare(OUTPUTS.storageAccountName, storage.accountName, 'Storage account of the binaries');
      declare(OUTPUTS.storageContainerName, storage.containerName, 'Container of the binaries');
    }
    if (vault !== undefined) { declare(OUTPUTS.keyVaultUrl, vault.vaultUrl, 'Key vault of the secrets'); }
  }

  private constructor() {}
}
