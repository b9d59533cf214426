import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { AzureEnvironment } from './azure-environment';
import { BinaryStorage } from './binary-storage';
import { BuildIdentity } from './build-identity';
import { BuildOutputs } from './build-outputs';
import { FederatedServiceAccount } from './federated-service-account';
import { StorageAccess } from './storage-access';
import { TokenIssuer } from './token-issuer';
import { guid, verify } from '../checks';

/** Options of a `BuildInfrastructureStack`. */
export interface BuildInfrastructureStackProps {
  /** Region of all resources, for example `westeurope`. */
  readonly location: string;

  /** Resource group of all resources. It must exist. */
  readonly resourceGroupName: string;

  /** Name of the identity: 3 to 128 letters, digits, `-` and `_`. */
  readonly identityName: string;

  /** The cluster in which the builds run. */
  readonly issuer: TokenIssuer;

  /** Namespace of the builds. */
  readonly namespace: string;

  /** Service account of the builds: the seed's parameter `workloadIdentity`. */
  readonly serviceAccountName: string;

  /**
   * More service accounts that may act as the identity, in other namespaces or clusters.
   * @default - none
   */
  readonly additionalServiceAccounts?: FederatedServiceAccount[];

  /** Name of the storage account, unique in the world: 3 to 24 lower-case letters and digits. */
  readonly storageAccountName: string;

  /**
   * Name of the container that holds the binaries.
   * @default bin
   */
  readonly storageContainerName?: string;

  /**
   * Who reaches the storage account over the network. With the default the account exists, and no build can
   * download from it yet.
   * @default StorageAccess.closed()
   */
  readonly storageAccess?: StorageAccess;

  /**
   * Subscription that holds the resource group.
   * @default - ARM_SUBSCRIPTION_ID in the environment of `cdktf deploy`
   */
  readonly subscriptionId?: string;

  /**
   * The cloud.
   * @default AzureEnvironment.PUBLIC
   */
  readonly environment?: AzureEnvironment;

  /**
   * Tags of the identity and the account.
   * @default - none
   */
  readonly tags?: { [name: string]: string };
}

/**
 * What builds of one environment need on Azure: an identity that the cluster's service account may act as, a
 * storage account from which it alone may read, and the outputs that the Kubernetes half takes.
 *
 * An environment is a stack, with a state of its own: nobody changes production by deploying development. Where the
 * state lies is yours to say, by a backend of cdktf; without one it lies in a local file.
 */
export class BuildInfrastructureStack extends TerraformStack {
  /** The identity of the build pods. */
  public readonly identity: BuildIdentity;

  /** Where the binaries are; `storage.addFile(…)` puts one there. */
  public readonly storage: BinaryStorage;

  /**
   * @param scope the app
   * @param id the stack's name, and its key in the outputs file
   * @param props the options
   * @throws if a name breaks Azure's or Kubernetes' rules
   */
  public constructor(scope: Construct, id: string, props: BuildInfrastructureStackProps) {
    super(scope, id);
    if (props.subscriptionId !== undefined) { verify(this.node.path, 'subscriptionId', props.subscriptionId, guid); }
    const environment = props.environment ?? AzureEnvironment.PUBLIC;
    new AzurermProvider(this, 'azurerm', {
      subscriptionId: props.subscriptionId,
      environment,
      // The account takes no keys, so the provider must sign in as a user even to upload a file.
      storageUseAzuread: true,
      // The account may be closed to this machine: everything but files goes through Azure's management API.
      features: [{ storage: [{ dataPlaneAvailable: false }] }],
      // Registering a subscription's resource providers takes rights over the whole of it, which this stack does not need.
      resourceProviderRegistrations: 'none',
    });

    this.identity = new BuildIdentity(this, 'Identity', {
      identityName: props.identityName,
      resourceGroupName: props.resourceGroupName,
      location: props.location,
      issuer: props.issuer,
      environment,
      serviceAccounts: [
        { namespace: props.namespace, serviceAccountName: props.serviceAccountName },
        ...props.additionalServiceAccounts ?? [],
      ],
      tags: props.tags,
    });
    this.storage = new BinaryStorage(this, 'Storage', {
      accountName: props.storageAccountName,
      containerName: props.storageContainerName,
      resourceGroupName: props.resourceGroupName,
      location: props.location,
      access: props.storageAccess,
      tags: props.tags,
    });
    this.storage.grantRead(this.identity);
    BuildOutputs.declare(this, { identity: this.identity, storage: this.storage });
  }
}
