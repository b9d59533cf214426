import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint';
import { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { privateDnsZoneId, publicAddressRange, subnetId, verifyUnlessToken } from './azure-names';
import { verify } from '../checks';

/** Whether the machine that runs Terraform reaches the account. */
export interface TerraformReach {
  /**
   * Whether the machine that runs `terraform apply` is among those who reach the account. Only you can know;
   * without it, `addFile` is refused, for the upload would hang and fail after minutes.
   * @default false
   */
  readonly reachableByTerraform?: boolean;
}

/** Options of `StorageAccess.fromPrivateEndpoint`. */
export interface PrivateEndpointOptions extends TerraformReach {
  /**
   * Resource id of the zone `privatelink.blob.core.windows.net` in which the endpoint's address is registered.
   * @default - no registration: a policy of the platform does it, or the name resolves to the public address and nothing works
   */
  readonly privateDnsZoneId?: string;
}

/** Options of `StorageAccess.fromNetworks`. */
export interface NetworksOptions extends TerraformReach {
  /**
   * Resource ids of subnets with the service endpoint `Microsoft.Storage`, for example the cluster's nodes.
   * @default - none
   */
  readonly subnetIds?: string[];

  /**
   * Public IPv4 addresses or blocks up to /30. Azure ignores them for machines in the account's own region:
   * name the subnet of a cluster there.
   * @default - none
   */
  readonly addressRanges?: string[];
}

/** What the account's firewall lets in. */
export interface StorageFirewall {
  /** Whether the public endpoint answers at all. */
  readonly publicNetworkAccessEnabled: boolean;
  /** What happens to those who are named nowhere: `Allow` or `Deny`. */
  readonly defaultAction: string;
  /** The subnets that are let in. */
  readonly subnetIds: string[];
  /** The addresses that are let in. */
  readonly addressRanges: string[];
}

/** The account that an access is for. */
export interface StorageAccessTarget {
  /** The account's resource id. */
  readonly accountId: string;
  /** The account's name. */
  readonly accountName: string;
  /** The account's resource group. */
  readonly resourceGroupName: string;
  /** The account's region. */
  readonly location: string;
  /**
   * The account's tags.
   *
   * @default - none
   */
  readonly tags?: { [name: string]: string };
}

/** What an access adds beside the account. */
export interface StorageAccessConfig {
  /** What must exist before anybody reaches the account. */
  readonly dependencies: ITerraformDependable[];
}

/**
 * Who reaches a storage account over the network. Whoever does still needs a role; this is the second lock.
 *
 * | | build pod downloads | `addFile` uploads |
 * |---|---|---|
 * | `closed()` | no | refused |
 * | `fromPrivateEndpoint()` | from networks that see the endpoint | if Terraform runs there |
 * | `fromNetworks()` | from the named subnets and addresses | if Terraform runs there |
 * | `fromAnywhere()` | yes | yes |
 */
export abstract class StorageAccess {
  /** Nobody, the default: for an account that waits for its network. Neither build pods nor `addFile` reach it. */
  public static closed(): StorageAccess { return new FirewallAccess(false, [], [], false); }

  /**
   * Networks that see a private endpoint in a subnet; the public endpoint is off.
   *
   * @param subnet resource id of the subnet that the endpoint is put into; may be a token
   * @param options registration of its name, and whether Terraform runs where it is seen
   * @throws if an id is none
   */
  public static fromPrivateEndpoint(subnet: string, options: PrivateEndpointOptions = {}): StorageAccess {
    const place = 'StorageAccess.fromPrivateEndpoint';
    verifyUnlessToken(place, 'subnet', subnet, subnetId);
    if (options.privateDnsZoneId !== undefined) {
      verifyUnlessToken(place, 'privateDnsZoneId', options.privateDnsZoneId, privateDnsZoneId);
    }
    return new PrivateEndpointAccess(subnet, options);
  }

  /**
   * The named subnets and public addresses, at the public endpoint; everybody else is turned away.
   *
   * @param options who they are
   * @throws if nobody is named, an id is none, or an address is private or a block smaller than /30
   */
  public static fromNetworks(options: NetworksOptions): StorageAccess {
    const place = 'StorageAccess.fromNetworks';
    const { subnetIds = [], addressRanges = [] } = options;
    if (subnetIds.length + addressRanges.length === 0) {
      throw new Error(`[${place}] names nobody; give subnetIds or addressRanges, or choose StorageAccess.closed()`);
    }
    subnetIds.forEach((id, i) => verifyUnlessToken(place, `subnetIds[${i}]`, id, subnetId));
    addressRanges.forEach((range, i) => verify(place, `addressRanges[${i}]`, range, publicAddressRange));
    return new FirewallAccess(true, [...subnetIds], [...addressRanges], options.reachableByTerraform ?? false);
  }

  /** Everybody with a role, from every address. Costs the second lock: a stolen token is enough to read the binaries. */
  public static fromAnywhere(): StorageAccess { return new OpenAccess(); }

  /** What the account's firewall lets in. */
  public abstract readonly firewall: StorageFirewall;

  /** Whether the machine that runs Terraform reaches the account. */
  public abstract readonly reachableByTerraform: boolean;

  /**
   * Adds what the access needs beside the account.
   *
   * @param scope where to put it
   * @param target the account
   */
  public abstract bind(scope: Construct, target: StorageAccessTarget): StorageAccessConfig;
}

class FirewallAccess extends StorageAccess {
  public readonly firewall: StorageFirewall;

  public constructor(publicNetworkAccessEnabled: boolean, subnetIds: string[], addressRanges: string[],
    public readonly reachableByTerraform: boolean) {
    super();
    this.firewall = { publicNetworkAccessEnabled, defaultAction: 'Deny', subnetIds, addressRanges };
  }

  public bind(): StorageAccessConfig { return { dependencies: [] }; }
}

class OpenAccess extends StorageAccess {
  public readonly firewall = { publicNetworkAccessEnabled: true, defaultAction: 'Allow', subnetIds: [], addressRanges: [] };
  public readonly reachableByTerraform = true;

  public bind(): StorageAccessConfig { return { dependencies: [] }; }
}

class PrivateEndpointAccess extends StorageAccess {
  public readonly firewall = { publicNetworkAccessEnabled: false, defaultAction: 'Deny', subnetIds: [], addressRanges: [] };
  public readonly reachableByTerraform: boolean;

  public constructor(private readonly subnet: string, private readonly options: PrivateEndpointOptions) {
    super();
    this.reachableByTerraform = options.reachableByTerraform ?? false;
  }

  public bind(scope: Construct, target: StorageAccessTarget): StorageAccessConfig {
    const zone = this.options.privateDnsZoneId;
    const endpoint = new PrivateEndpoint(scope, 'PrivateEndpoint', {
      name: `${target.accountName}-blob`,
      resourceGroupName: target.resourceGroupName,
      location: target.location,
      tags: target.tags,
      subnetId: this.subnet,
      privateServiceConnection: {
        name: `${target.accountName}-blob`,
        privateConnectionResourceId: target.accountId,
        subresourceNames: ['blob'],
        isManualConnection: false,
      },
      privateDnsZoneGroup: zone === undefined ? undefined : { name: 'blob', privateDnsZoneIds: [zone] },
    });
    return { dependencies: [endpoint] };
  }
}
