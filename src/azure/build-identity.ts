import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
/** Identity. */
export class BuildIdentity extends Construct {
  /** Client id. */
  public readonly clientId: string;
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    this.clientId = new UserAssignedIdentity(this, 'Identity', { name: 'x', location: 'westeurope', resourceGroupName: 'rg' }).clientId;
  }
}
