import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { Construct } from 'constructs';
import { IBuildIdentity } from './build-identity';

/** Azure's roles that builds need, by name. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export enum Role {
  BLOB_READER = 'Storage Blob Data Reader',
  BLOB_CONTRIBUTOR = 'Storage Blob Data Contributor',
  REGISTRY_PUSH = 'AcrPush',
  VAULT_SECRETS_USER = 'Key Vault Secrets User',
}

/** Grants a role to an identity on one resource, once however often it is asked. */
export function grantRole(scope: Construct, identity: IBuildIdentity, role: Role, resourceId: string): void {
  const id = `${role.replace(/ /g, '')}-${identity.node.path.replace(/\//g, '-')}`;
  if (scope.node.tryFindChild(id) !== undefined) { return; }
  new RoleAssignment(scope, id, {
    scope: resourceId,
    roleDefinitionName: role,
    principalId: identity.principalId,
    principalType: 'ServicePrincipal',
    // A fresh identity takes minutes to reach every replica of Entra; the check would fail until then.
    skipServicePrincipalAadCheck: true,
  });
}
