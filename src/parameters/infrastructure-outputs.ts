import { readFileSync } from 'node:fs';
import { Check, dnsLabel, dnsSubdomain, guid, httpUrl, quoted, storageAccountName, storageContainerName, suggestion } from '../checks';

/**
 * The outputs of the Azure half, each under the name of the build parameter that it fills where there is one. This
 * table is all that the two halves share: the Azure half declares these names, this file reads them.
 */
export const OUTPUTS = {
  managedIdentityClientId: 'managedIdentityClientId',
  tenantId: 'tenantId',
  namespace: 'namespace',
  workloadIdentity: 'workloadIdentity',
  serviceAccounts: 'serviceAccounts',
  storageAccountName: 'storageAccountName',
  storageContainerName: 'storageContainerName',
  keyVaultUrl: 'keyVaultUrl',
} as const;

/**
 * What `cdktf deploy` made on Azure, as plain strings: the file that its option `--outputs-file` writes. Reading
 * it needs neither cdktf nor Terraform.
 */
export class InfrastructureOutputs {
  /**
   * Reads the outputs of one stack.
   *
   * @param file the file that `cdktf deploy --outputs-file` wrote
   * @param stack name of the stack; may be left out where the file holds one stack with such outputs
   * @throws if the file cannot be read, the stack is not to be told, or an output is missing or not of its kind
   */
  public static fromFile(file: string, stack?: string): InfrastructureOutputs {
    const stacks = readStacks(file);
    const name = stack ?? onlyStack(file, stacks);
    if (!Object.hasOwn(stacks, name)) {
      throw new Error(`[${file}] has no stack ${quoted(name)}${suggestion(name, Object.keys(stacks)) || `; it has ${list(Object.keys(stacks))}`}`);
    }
    return new InfrastructureOutputs(new StackOutputs(file, name, stacks[name]));
  }

  /** Client id of the identity of build pods. */
  public readonly managedIdentityClientId: string;

  /** Tenant of the identity. */
  public readonly tenantId: string;

  /** Namespace of the build pods. */
  public readonly namespace: string;

  /** Name of the build pods' service account. */
  public readonly workloadIdentity: string;

  /**
   * Storage account of the binaries.
   * @default - the stack has no storage
   */
  public readonly storageAccountName?: string;

  /**
   * Container of the binaries.
   * @default - the stack has no storage
   */
  public readonly storageContainerName?: string;

  /**
   * Address of the key vault with the secrets.
   * @default - the stack has no vault
   */
  public readonly keyVaultUrl?: string;

  private readonly accounts: string[];

  private constructor(outputs: StackOutputs) {
    this.managedIdentityClientId = outputs.required(OUTPUTS.managedIdentityClientId, guid);
    this.tenantId = outputs.required(OUTPUTS.tenantId, guid);
    this.namespace = outputs.required(OUTPUTS.namespace, dnsLabel);
    this.workloadIdentity = outputs.required(OUTPUTS.workloadIdentity, dnsSubdomain);
    this.accounts = outputs.required(OUTPUTS.serviceAccounts, serviceAccountList).split(' ');
    this.storageAccountName = outputs.optional(OUTPUTS.storageAccountName, storageAccountName);
    this.storageContainerName = outputs.optional(OUTPUTS.storageContainerName, storageContainerName);
    this.keyVaultUrl = outputs.optional(OUTPUTS.keyVaultUrl, httpUrl);
  }

  /** Every service account that may act as the identity, each as `<namespace>/<name>`. */
  public get serviceAccounts(): string[] { return [...this.accounts]; }
}

type Stacks = { [stack: string]: { [output: string]: unknown } };

/** The file's stacks: the objects at its first level. */
function readStacks(file: string): Stacks {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`[${file}] cannot be read (${(error as NodeJS.ErrnoException).code}); ${remedy(file)}`);
  }
  let content: unknown;
  try { content = JSON.parse(text); } catch { throw new Error(`[${file}] is no JSON; ${remedy(file)}`); }
  if (!isObject(content)) { throw new Error(`[${file}] holds no stacks; ${remedy(file)}`); }
  return Object.fromEntries(Object.entries(content).filter((entry): entry is [string, { [output: string]: unknown }] => isObject(entry[1])));
}

function onlyStack(file: string, stacks: Stacks): string {
  const names = Object.keys(stacks).filter(name => Object.hasOwn(stacks[name], OUTPUTS.managedIdentityClientId));
  if (names.length === 1) { return names[0]; }
  throw new Error(names.length === 0
    ? `[${file}] has no stack with the output ${OUTPUTS.managedIdentityClientId}; deploy a BuildInfrastructureStack, or declare BuildOutputs in your own, and ${remedy(file)}`
    : `[${file}] has outputs of ${names.length} stacks, ${list(names)}; name the one that this build is for`);
}

/** The outputs of one stack; every message names file, stack and output. */
class StackOutputs {
  public constructor(private readonly file: string, private readonly stack: string, private readonly values: { [output: string]: unknown }) {}

  public required(name: string, check: Check): string {
    const value = this.optional(name, check);
    if (value === undefined) {
      throw new Error(`[${this.file}] ${this.stack}.${name} is missing; deploy with this version of the library and ${remedy(this.file)}`);
    }
    return value;
  }

  public optional(name: string, check: Check): string | undefined {
    if (!Object.hasOwn(this.values, name)) { return undefined; }
    const value = this.values[name];
    const problem = typeof value !== 'string'
      ? `needs a string, got ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`
      : value.includes('${') ? `holds a Terraform expression, got ${quoted(value)}` : check(value);
    if (problem !== undefined) { throw new Error(`[${this.file}] ${this.stack}.${name} ${problem}; ${remedy(this.file)}`); }
    return value as string;
  }
}

const serviceAccountList: Check = value => {
  const bad = value.split(' ').find(account => {
    const [namespace, name, ...rest] = account.split('/');
    return name === undefined || rest.length > 0 || dnsLabel(namespace) !== undefined || dnsSubdomain(name) !== undefined;
  });
  return bad === undefined ? undefined : `needs service accounts as "namespace/name", separated by spaces, got ${quoted(bad)}`;
};

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(names: string[]): string { return names.map(quoted).join(', ') || 'none'; }

function remedy(file: string): string { return `run "cdktf deploy --outputs-file ${file}"`; }
