import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { AssetType, dependable, ITerraformDependable, TerraformAsset, Token } from 'cdktf';
import { Construct } from 'constructs';
import { literal, verifyUnlessToken } from './azure-names';
import { IBuildIdentity } from './build-identity';
import { grantRole, Role } from './role-grants';
import { all, blobPath as blobPathCheck, guid, quoted, verify } from '../checks';

/** What a container needs to know of its account. */
export interface BinaryContainerProps {
  readonly accountName: string;
  readonly containerName: string;
  readonly containerId: string;
  readonly reachableByTerraform: boolean;
  /** What must exist before a file can be uploaded. */
  readonly dependencies: ITerraformDependable[];
}

/** What the containers of new and of existing accounts do alike. */
export class BinaryContainer extends Construct {
  // One array for all blobs: a grant that is made after a file was added still comes before its upload.
  private readonly uploadDependencies: string[];

  public constructor(scope: Construct, id: string, private readonly props: BinaryContainerProps) {
    super(scope, id);
    this.uploadDependencies = props.dependencies.map(dependable);
  }

  public grantRead(identity: IBuildIdentity): void {
    grantRole(this, identity, Role.BLOB_READER, this.props.containerId);
  }

  public grantUpload(principalId: string): void {
    verifyUnlessToken(this.place, 'principalId', principalId, guid);
    // Azure refuses the same grant twice; what a token stands for only Terraform knows.
    const id = `Upload-${Token.isUnresolved(principalId) ? this.node.children.length : principalId.toLowerCase()}`;
    if (this.node.tryFindChild(id) !== undefined) { return; }
    const assignment = new RoleAssignment(this, id, {
      scope: this.props.containerId, roleDefinitionName: Role.BLOB_CONTRIBUTOR, principalId,
    });
    this.uploadDependencies.push(dependable(assignment));
  }

  public addFile(blobPath: string, localFile: string): void {
    verify(this.place, 'blobPath', blobPath, all(blobPathCheck, literal));
    verify(this.place, 'localFile', basename(localFile), literal);
    if (!this.props.reachableByTerraform) {
      throw new Error(`[${this.place}] addFile(${quoted(blobPath)}) needs a storage account that the machine running Terraform reaches, and ${this.props.accountName} is closed to it; `
        + 'if that machine is in a network that you let in, say reachableByTerraform: true, or upload by "az storage blob upload" from one that is');
    }
    const id = `File-${blobPath.replace(/\//g, '|')}`;
    if (this.node.tryFindChild(id) !== undefined) {
      throw new Error(`[${this.place}] blobPath ${quoted(blobPath)} is taken by another file; give each file a path of its own`);
    }
    const path = resolve(localFile);
    const md5 = contentMd5(this.place, localFile, path);
    const file = new Construct(this, id);
    const asset = new TerraformAsset(file, 'Asset', { path, type: AssetType.FILE, assetHash: md5 });
    const blob = new StorageBlob(file, 'Blob', {
      name: blobPath,
      storageAccountName: this.props.accountName,
      storageContainerName: this.props.containerName,
      type: 'Block',
      source: asset.path,
      // Without it, Terraform would look at the file's path alone. It is also what the download can be checked by.
      contentMd5: md5,
    });
    blob.dependsOn = this.uploadDependencies;
  }

  private get place(): string { return this.node.scope!.node.path; }
}

const PIECE = 1024 * 1024;

/** MD5 of a file, read by pieces: binaries may be larger than what a buffer holds. MD5 is what Azure stores. */
function contentMd5(place: string, localFile: string, path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) {
    throw new Error(`[${place}] localFile ${stat === undefined ? 'does not exist' : 'is no file'}, got ${quoted(localFile)}, looked for at ${path}; write a path relative to the working directory`);
  }
  if (stat.size === 0) { throw new Error(`[${place}] localFile is empty, got ${quoted(localFile)}; download it again`); }
  const hash = createHash('md5');
  const buffer = Buffer.allocUnsafe(PIECE);
  const file = openSync(path, 'r');
  try {
    for (let read; (read = readSync(file, buffer)) > 0;) { hash.update(buffer.subarray(0, read)); }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
