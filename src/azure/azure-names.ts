/**
 * What only Azure and Terraform ask of a value. Names that the Kubernetes half knows too are in `../checks`.
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
import { Token } from 'cdktf';
import { all, Check, freeText, pattern, quoted, storageContainerName, verify } from '../checks';

/** A user-assigned identity. */
export const identityName = pattern(/^[a-zA-Z0-9][-_a-zA-Z0-9]{2,127}$/,
  'the name of an identity (3 to 128 letters, digits, "-" and "_", beginning with a letter or digit)', '"contoso-image-builder"');

/** A federated credential. */
export const credentialName = pattern(/^[a-zA-Z0-9][-_a-zA-Z0-9]{2,119}$/,
  'the name of a federated credential (3 to 120 letters, digits, "-" and "_", beginning with a letter or digit)', '"builds_image-builder"');

/** A resource group. */
export const resourceGroupName = pattern(/^[-_.()a-zA-Z0-9]{0,89}[-_()a-zA-Z0-9]$/,
  'the name of a resource group (1 to 90 letters, digits, "-", "_", "(", ")" and ".", not ending with ".")', '"contoso-builds-rg"');

/** A region, as Azure writes it in either form. */
export const location = pattern(/^[a-zA-Z][a-zA-Z0-9]*( [a-zA-Z0-9]+)*$/, 'a region', '"westeurope"', 64);

/** An AKS cluster. */
export const clusterName = pattern(/^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
  'the name of an AKS cluster (1 to 63 letters, digits, "-" and "_")', '"contoso-aks"');

/** A container registry of Azure. */
export const registryName = pattern(/^[a-zA-Z0-9]{5,50}$/, 'the name of a registry (5 to 50 letters and digits)', '"contosoimages"');

/** A key vault. */
export const keyVaultName = pattern(/^(?=.{3,24}$)[a-zA-Z]([a-zA-Z0-9]|-(?=[a-zA-Z0-9]))*$/,
  'the name of a key vault (3 to 24 letters, digits and single "-", beginning with a letter)', '"contoso-builds-kv"');

/** A container that holds binaries; `$web` and `$root` are served to the public on accounts that allow it. */
export const binaryContainerName: Check = all(storageContainerName, value => value.startsWith('$')
  ? `is a container with a meaning of its own in Azure, got ${quoted(value)}; write for example "bin"` : undefined);

/** The longest issuer that a federated credential takes. */
const MAX_ISSUER = 600;

/** The issuer of a cluster's service account tokens, which is compared with the token character by character. */
export const issuerUrl: Check = value => {
  const problem = freeText(value);
  if (problem !== undefined) { return problem; }
  const example = 'take it from "az aks show --query oidcIssuerProfile.issuerUrl"';
  if (!/^https:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[1-9]\d{0,4})?(\/[^\s"'`\\<>{}|^$?#@]*)?$/.test(value)) {
    return `needs an https address without user, query and fragment, got ${quoted(value)}; ${example}`;
  }
  if (value.length > MAX_ISSUER) { return `needs at most ${MAX_ISSUER} characters, got ${value.length}; ${example}`; }
  return /^https:\/\/[^/]*\.oic\.prod-aks\.azure\./.test(value) && !value.endsWith('/')
    ? `lacks the trailing "/" that AKS puts into its tokens, got ${quoted(value)}; write "${value}/"` : undefined;
};

/** A public IPv4 address or block, as the firewall of a storage account takes it. */
export const publicAddressRange: Check = value => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(value);
  if (match === null || match.slice(1, 5).some(part => Number(part) > 255)) {
    return `needs an IPv4 address or block, got ${quoted(value)}; write for example "203.0.113.7" or "203.0.113.0/24"`;
  }
  const [first, second] = [Number(match[1]), Number(match[2])];
  if (first === 10 || (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168)) {
    return `is a private address, which the firewall of a storage account never sees, got ${quoted(value)}; name the subnet instead`;
  }
  const bits = match[5] === undefined ? undefined : Number(match[5]);
  if (bits === 0) { return `opens the account to every address, got ${quoted(value)}; choose StorageAccess.fromAnywhere() if that is meant`; }
  return bits !== undefined && bits > 30
    ? `needs a block of /30 or larger, got ${quoted(value)}; write single addresses without "/${bits}"` : undefined;
};

/** A text that goes into Terraform's configuration as it is: nothing in it that Terraform would evaluate. */
export const literal: Check = value => /[$%]\{/.test(value)
  ? `holds "\${" or "%{", which Terraform would evaluate, got ${quoted(value)}; rename it` : undefined;

/** The resource id of something below a resource group; `type` is for example `Microsoft.Storage/storageAccounts`. */
function resourceId(type: string, what: string): Check {
  const [provider, ...kinds] = type.split('/');
  const tail = kinds.map(kind => `/${kind}/[-\\w.()]+`).join('');
  const shape = new RegExp(`^/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/resourceGroups/[-\\w.()]+/providers/${provider}${tail}$`, 'i');
  const example = `/subscriptions/…/resourceGroups/…/providers/${provider}${kinds.map(kind => `/${kind}/…`).join('')}`;
  return all(freeText, value => shape.test(value) ? undefined : `needs the resource id of ${what}, got ${quoted(value)}; write "${example}"`);
}

export const subnetId = resourceId('Microsoft.Network/virtualNetworks/subnets', 'a subnet');
export const privateDnsZoneId = resourceId('Microsoft.Network/privateDnsZones', 'a private DNS zone');
export const storageAccountId = resourceId('Microsoft.Storage/storageAccounts', 'a storage account');
export const registryId = resourceId('Microsoft.ContainerRegistry/registries', 'a container registry');
export const keyVaultId = resourceId('Microsoft.KeyVault/vaults', 'a key vault');

/**
 * As `verify`, but lets a Terraform token pass: only `terraform plan` can see its value. For what another
 * resource of the same stack may supply (a resource group, a subnet); names that the pod needs as well are plain.
 */
export function verifyUnlessToken(place: string, name: string, value: string, check: Check): string {
  return Token.isUnresolved(value) ? value : verify(place, name, value, check);
}
