import { Construct } from 'constructs';
import { PodContribution } from './pod-contribution';
import { blobPath, clashingName, endpointSuffix, fileName, sha256, storageAccountName, storageContainerName, verify } from '../../checks';

/** A file of the storage account, and where it lands. */
export interface BinaryFile {
  /** The blob's path in the container, such as `k8s/kubectl`. */
  readonly path: string;

  /** Where it lands, relative to the build context, such as `kubectl` or `bin/kubectl`. */
  readonly name: string;

  /**
   * The SHA-256 of the file, in hexadecimal digits: the build fails if the file has another one.
   *
   * @default - the server's Content-MD5 is checked, where it sends one
   */
  readonly sha256?: string;

  /**
   * Whether the file may be executed (mode 0755 instead of 0644).
   *
   * @default true
   */
  readonly executable?: boolean;

  /**
   * Whether it may replace a file of the repository.
   *
   * @default false
   */
  readonly overwrite?: boolean;
}

/** Options of `BinaryFiles.fromStorageAccount`. */
export interface StorageAccountOptions {
  /** The files. */
  readonly files: BinaryFile[];

  /**
   * The blob container.
   *
   * @default 'bin'
   */
  readonly container?: string;

  /**
   * The suffix of the cloud's blob endpoints.
   *
   * @default 'blob.core.windows.net'
   */
  readonly endpointSuffix?: string;
}

/** Files that the init container fetches and puts into the build context. */
export abstract class BinaryFiles {
  /**
   * Blobs of an Azure storage account, read with the pod's workload identity. The identity needs the role
   * Storage Blob Data Reader on the container.
   *
   * @param account the storage account's name
   * @throws if a name, path or hash is not valid, or two files land at the same place
   */
  public static fromStorageAccount(account: string, options: StorageAccountOptions): BinaryFiles {
    return new StorageAccountFiles(account, options);
  }

  /** What these files add to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

class StorageAccountFiles extends BinaryFiles {
  private readonly url: string;
  private readonly lines: string[];

  public constructor(account: string, options: StorageAccountOptions) {
    super();
    const place = 'BinaryFiles.fromStorageAccount';
    verify(place, 'account', account, storageAccountName);
    const container = verify(place, 'container', options.container ?? 'bin', storageContainerName);
    const suffix = verify(place, 'endpointSuffix', options.endpointSuffix ?? 'blob.core.windows.net', endpointSuffix);
    this.url = `https://${account}.${suffix}/${container}`;
    options.files.forEach((file, index) => verifyFile(place, `files[${index}]`, file));
    const clash = clashingName(options.files.map(file => file.name));
    if (clash !== undefined) { throw new Error(`[${place}] files ${clash}`); }
    this.lines = options.files.map(line);
  }

  public bind(): PodContribution {
    if (this.lines.length === 0) { return {}; }
    return {
      prepareEnvironment: { PREPARE_STORAGE_URL: this.url, PREPARE_FILES: this.lines.join('\n') },
      identityNeededTo: 'to read the storage account',
    };
  }
}

function verifyFile(place: string, name: string, file: BinaryFile): void {
  verify(place, `${name}.path`, file.path, blobPath);
  verify(place, `${name}.name`, file.name, fileName);
  if (file.sha256 !== undefined) { verify(place, `${name}.sha256`, file.sha256, sha256); }
}

/** One line of PREPARE_FILES (docs/prepare-context.md): tabs between the fields, none in them. */
function line(file: BinaryFile): string {
  return [
    file.sha256?.toLowerCase() ?? '-',
    file.executable === false ? '0644' : '0755',
    file.overwrite === true ? 'overwrite' : 'keep',
    file.name,
    percentEncoded(file.path),
  ].join('\t');
}

function percentEncoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
    .replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
