import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { Construct, IConstruct } from 'constructs';
import { binaryContainerName, location, resourceGroupName, storageAccountId, verifyUnlessToken } from './azure-names';
import { BinaryContainer } from './binary-container';
import { IBuildIdentity } from './build-identity';
import { StorageAccess } from './storage-access';
import { storageAccountName, verify, verifyInteger } from '../checks';

/** How many copies of the data Azure keeps, and where. https://learn.microsoft.com/azure/storage/common/storage-redundancy */
export enum StorageReplication {
  /** Three copies in one data centre. */
  LRS = 'LRS',
  /** Three copies in three zones of the region; not every region has zones. */
  ZRS = 'ZRS',
  /** LRS, and three copies in another region. */
  GRS = 'GRS',
  /** GRS, the other region's copies being readable. */
  RAGRS = 'RAGRS',
  /** ZRS, and three copies in another region. */
  GZRS = 'GZRS',
  /** GZRS, the other region's copies being readable. */
  RAGZRS = 'RAGZRS',
}

/** A version of TLS. */
export enum TlsVersion {
  /** TLS 1.0, broken. */
  TLS1_0 = 'TLS1_0',
  /** TLS 1.1, broken. */
  TLS1_1 = 'TLS1_1',
  /** TLS 1.2. */
  TLS1_2 = 'TLS1_2',
  /** TLS 1.3. */
  TLS1_3 = 'TLS1_3',
}

/**
 * Options of a `BinaryStorage`. Every default is the safe one, and says what another value costs;
 * `docs/security-posture.md` lists them with the rules that they answer.
 */
export interface BinaryStorageProps {
  /** Name of the account, unique in the world: 3 to 24 lower-case letters and digits. */
  readonly accountName: string;

  /** Name of the account's resource group. It must exist. */
  readonly resourceGroupName: string;

  /** Region of the account, for example `westeurope`. */
  readonly location: string;

  /**
   * Name of the container that holds the binaries.
   * @default bin
   */
  readonly containerName?: string;

  /**
   * Who reaches the account over the network.
   * @default StorageAccess.closed()
   */
  readonly access?: StorageAccess;

  /**
   * Whether the account's keys are accepted. Costs: a key opens everything, never expires and names nobody in the log.
   * @default false
   */
  readonly sharedAccessKeyEnabled?: boolean;

  /**
   * Whether a container may be made public. Costs: one wrong setting later, and strangers read the binaries.
   * @default false
   */
  readonly allowNestedItemsToBePublic?: boolean;

  /**
   * The oldest version of TLS that is accepted. Costs, below 1.2: connections that can be read on the way, and
   * Azure refuses it for new accounts; 1.3: clients that cannot speak it.
   * @default TlsVersion.TLS1_2
   */
  readonly minTlsVersion?: TlsVersion;

  /**
   * Whether plain http is refused. Costs, if not: tokens cross the network readable.
   * @default true
   */
  readonly httpsTrafficOnlyEnabled?: boolean;

  /**
   * Whether the portal signs in by Entra first. Costs, if not: people are led to account keys.
   * @default true
   */
  readonly defaultToOauthAuthentication?: boolean;

  /**
   * Whether data is encrypted a second time below the service. Changing it replaces the account and all its
   * files. Costs, if not: one broken layer of encryption is enough.
   * @default true
   */
  readonly infrastructureEncryptionEnabled?: boolean;

  /**
   * Whether local users (SFTP) may exist. Costs: passwords that Entra does not know.
   * @default false
   */
  readonly localUserEnabled?: boolean;

  /**
   * Whether objects may be replicated into another tenant. Costs: a way out for the data.
   * @default false
   */
  readonly crossTenantReplicationEnabled?: boolean;

  /**
   * Whether Azure's own trusted services (backup, logging) pass the firewall. Costs, if not: those stop working.
   * @default true
   */
  readonly trustedServicesBypassEnabled?: boolean;

  /**
   * Whether earlier versions of a blob are kept. Costs, if not: an overwritten tool is gone. Costs, if so: storage.
   * @default true
   */
  readonly versioningEnabled?: boolean;

  /**
   * For how many days a deleted blob can be restored: 1 to 365, or 0 for not at all. Costs, if 0: a slip of
   * Terraform deletes for good.
   * @default 7
   */
  readonly blobRetentionDays?: number;

  /**
   * For how many days a deleted container can be restored: 1 to 365, or 0 for not at all.
   * @default 7
   */
  readonly containerRetentionDays?: number;

  /**
   * After how many hours a shared access signature (SAS) counts as too old, 1 to 23; Azure logs older ones. With
   * the keys off, only those signed by an Entra user remain.
   * @default 1
   */
  readonly sasExpirationHours?: number;

  /**
   * How many copies Azure keeps. Binaries can be uploaded again: copies in another region are worth their price
   * only where builds must survive the loss of a region.
   * @default StorageReplication.ZRS
   */
  readonly replication?: StorageReplication;

  /**
   * Tags of the account.
   * @default - none
   */
  readonly tags?: { [name: string]: string };
}

/** An account that exists already. */
export interface ExistingStorageProps {
  /**
   * Resource id of the account (`az storage account show --query id`). The id and not the name: Terraform's lookup
   * by name would copy the account's keys into the state.
   */
  readonly accountId: string;

  /**
   * Name of the container that holds the binaries. It must exist.
   * @default bin
   */
  readonly containerName?: string;

  /**
   * Whether the machine that runs Terraform reaches the account; `addFile` needs it.
   * @default false
   */
  readonly reachableByTerraform?: boolean;
}

/** The container from which build pods download binaries; made here or imported. */
export interface IBinaryStorage extends IConstruct {
  /** Name of the storage account. */
  readonly accountName: string;

  /** Name of the container. */
  readonly containerName: string;

  /** Resource id of the container: the scope of every role granted here. May be a token. */
  readonly containerId: string;

  /**
   * Lets an identity read the container: role *Storage Blob Data Reader* on the container, not on the account.
   *
   * @param identity who reads; granted once, however often it is called
   */
  grantRead(identity: IBuildIdentity): void;

  /**
   * Lets whoever runs Terraform upload: role *Storage Blob Data Contributor* on the container. *Owner* of the
   * subscription is not enough once account keys are off. Azure takes minutes until a new role counts: the first
   * `cdktf deploy` with `addFile` may answer 403; deploy again.
   *
   * @param principalId object id of the user, group or service principal; may be a token
   * @throws if it is no object id
   */
  grantUpload(principalId: string): void;

  /**
   * Uploads a binary. It is copied into the synthesized stack with its hash, and replaced by `cdktf deploy` when
   * its content has changed: how images get a new version of a tool. Terraform deletes the old one before it
   * uploads the new one; a build that downloads in that moment fails.
   *
   * @param blobPath path in the container, for example `k8s/kubectl`
   * @param localFile the file, relative to the working directory
   * @throws if the machine that runs Terraform cannot reach the account, the file is none or empty, or the path is
   * none or taken
   */
  addFile(blobPath: string, localFile: string): void;
}

const DEFAULT_CONTAINER = 'bin';

/**
 * A storage account for the binaries that build pods download, and its container: closed, keyless and versioned
 * unless its options say otherwise.
 */
export class BinaryStorage extends Construct implements IBinaryStorage {
  /**
   * An account that exists already, made by another team for example. Its settings are left alone; roles and
   * files are added.
   *
   * @param scope the stack
   * @param id the construct's id
   * @param props which account
   * @throws if the id is none of a storage account or the container's name is none
   */
  public static fromAccountId(scope: Construct, id: string, props: ExistingStorageProps): IBinaryStorage {
    return new ExistingStorage(scope, id, props);
  }

  public readonly accountName: string;
  public readonly containerName: string;
  public readonly containerId: string;
  private readonly container: BinaryContainer;

  /**
   * @param scope the stack
   * @param id the construct's id
   * @param props the options
   * @throws if a name breaks Azure's rules or a number is out of bounds
   */
  public constructor(scope: Construct, id: string, props: BinaryStorageProps) {
    super(scope, id);
    const place = this.node.path;
    this.accountName = verify(place, 'accountName', props.accountName, storageAccountName);
    this.containerName = verify(place, 'containerName', props.containerName ?? DEFAULT_CONTAINER, binaryContainerName);
    verifyUnlessToken(place, 'resourceGroupName', props.resourceGroupName, resourceGroupName);
    verifyUnlessToken(place, 'location', props.location, location);
    const blobDays = verifyInteger(place, 'blobRetentionDays', props.blobRetentionDays ?? 7, 0, 365);
    const containerDays = verifyInteger(place, 'containerRetentionDays', props.containerRetentionDays ?? 7, 0, 365);
    const sasHours = verifyInteger(place, 'sasExpirationHours', props.sasExpirationHours ?? 1, 1, 23);
    const access = props.access ?? StorageAccess.closed();
    const { firewall } = access;

    const account = new StorageAccount(this, 'Account', {
      name: props.accountName,
      resourceGroupName: props.resourceGroupName,
      location: props.location,
      tags: props.tags,
      accountKind: 'StorageV2',
      accountTier: 'Standard',
      accountReplicationType: props.replication ?? StorageReplication.ZRS,
      sharedAccessKeyEnabled: props.sharedAccessKeyEnabled ?? false,
      publicNetworkAccessEnabled: firewall.publicNetworkAccessEnabled,
      allowNestedItemsToBePublic: props.allowNestedItemsToBePublic ?? false,
      minTlsVersion: props.minTlsVersion ?? TlsVersion.TLS1_2,
      httpsTrafficOnlyEnabled: props.httpsTrafficOnlyEnabled ?? true,
      defaultToOauthAuthentication: props.defaultToOauthAuthentication ?? true,
      infrastructureEncryptionEnabled: props.infrastructureEncryptionEnabled ?? true,
      localUserEnabled: props.localUserEnabled ?? false,
      crossTenantReplicationEnabled: props.crossTenantReplicationEnabled ?? false,
      networkRules: {
        defaultAction: firewall.defaultAction,
        bypass: [props.trustedServicesBypassEnabled ?? true ? 'AzureServices' : 'None'],
        ipRules: firewall.addressRanges,
        virtualNetworkSubnetIds: firewall.subnetIds,
      },
      blobProperties: {
        versioningEnabled: props.versioningEnabled ?? true,
        deleteRetentionPolicy: blobDays === 0 ? undefined : { days: blobDays },
        containerDeleteRetentionPolicy: containerDays === 0 ? undefined : { days: containerDays },
      },
      sasPolicy: { expirationPeriod: `00.${String(sasHours).padStart(2, '0')}:00:00`, expirationAction: 'Log' },
    });
    const container = new StorageContainer(this, 'Container', {
      name: this.containerName, storageAccountId: account.id, containerAccessType: 'private',
    });
    this.containerId = container.id;

    const { dependencies } = access.bind(this, {
      accountId: account.id,
      accountName: props.accountName,
      resourceGroupName: props.resourceGroupName,
      location: props.location,
      tags: props.tags,
    });
    this.container = new BinaryContainer(this, 'Binaries', {
      accountName: this.accountName,
      containerName: this.containerName,
      containerId: this.containerId,
      reachableByTerraform: access.reachableByTerraform,
      dependencies: [container, ...dependencies],
    });
  }

  public grantRead(identity: IBuildIdentity): void { this.container.grantRead(identity); }

  public grantUpload(principalId: string): void { this.container.grantUpload(principalId); }

  public addFile(blobPath: string, localFile: string): void { this.container.addFile(blobPath, localFile); }
}

class ExistingStorage extends Construct implements IBinaryStorage {
  public readonly accountName: string;
  public readonly containerName: string;
  public readonly containerId: string;
  private readonly container: BinaryContainer;

  public constructor(scope: Construct, id: string, props: ExistingStorageProps) {
    super(scope, id);
    verify(this.node.path, 'accountId', props.accountId, storageAccountId);
    this.accountName = verify(this.node.path, 'accountId\'s last part', props.accountId.split('/').pop()!, storageAccountName);
    this.containerName = verify(this.node.path, 'containerName', props.containerName ?? DEFAULT_CONTAINER, binaryContainerName);
    this.containerId = `${props.accountId}/blobServices/default/containers/${this.containerName}`;
    this.container = new BinaryContainer(this, 'Binaries', {
      accountName: this.accountName,
      containerName: this.containerName,
      containerId: this.containerId,
      reachableByTerraform: props.reachableByTerraform ?? false,
      dependencies: [],
    });
  }

  public grantRead(identity: IBuildIdentity): void { this.container.grantRead(identity); }

  public grantUpload(principalId: string): void { this.container.grantUpload(principalId); }

  public addFile(blobPath: string, localFile: string): void { this.container.addFile(blobPath, localFile); }
}
