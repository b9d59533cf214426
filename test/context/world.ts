import { Sandbox } from './sandbox';
import { Authority, Azurite, BlobDoor, SigningKey, STORAGE_AUDIENCE, TokenServer } from '../servers';

export const ACCOUNT = 'contosobinaries';
export const CONTAINER = 'bin';
export const CLIENT_ID = '11111111-1111-1111-1111-111111111111';
const TENANT_ID = '99999999-9999-9999-9999-999999999999';
const ISSUER = 'https://cluster.contoso.example/';
const SUBJECT = 'system:serviceaccount:builds:builder';

/** Entra and the cluster that it trusts. */
export class Identity {
  public static async start(authority: Authority): Promise<Identity> {
    const cluster = new SigningKey();
    const server = await TokenServer.start({
      tls: authority.issue('localhost'),
      tenantId: TENANT_ID,
      credentials: [{ clientId: CLIENT_ID, issuer: ISSUER, subject: SUBJECT }],
      assertionKeys: () => [cluster.jwk],
    });
    return new Identity(server, cluster);
  }

  private constructor(public readonly server: TokenServer, private readonly cluster: SigningKey) {}

  /** Gives a sandbox what the webhook gives to a pod. @param claims that differ from the right ones */
  public inject(sandbox: Sandbox, claims: Record<string, unknown> = {}): void {
    const assertion = this.cluster.sign({ iss: ISSUER, sub: SUBJECT, aud: ['api://AzureADTokenExchange'], ...claims });
    sandbox.set({
      AZURE_CLIENT_ID: CLIENT_ID,
      AZURE_TENANT_ID: TENANT_ID,
      AZURE_AUTHORITY_HOST: this.server.url,
      AZURE_FEDERATED_TOKEN_FILE: sandbox.write('identity/azure-identity-token', assertion),
    });
  }
}

/** A storage account with one container that the identity may read. */
export class Storage {
  public static async start(authority: Authority, identity: Identity): Promise<Storage> {
    const azurite = await Azurite.start([ACCOUNT]);
    const readers = new Set([`${CLIENT_ID} ${CONTAINER}`]);
    const door = await BlobDoor.start({ tls: authority.issue('localhost'), azurite, tokens: identity.server, account: ACCOUNT, readers });
    const storage = new Storage(azurite, door, readers, identity);
    await azurite.createContainer(storage.token(), ACCOUNT, CONTAINER);
    return storage;
  }

  private constructor(
    private readonly azurite: Azurite,
    public readonly door: BlobDoor,
    public readonly readers: Set<string>,
    private readonly identity: Identity,
  ) {}

  public async put(path: string, content: Buffer | string): Promise<void> {
    await this.azurite.putBlob(this.token(), ACCOUNT, CONTAINER, path, content);
  }

  /** Lets a sandbox ask for files: fields of PREPARE_FILES a line. */
  public ask(sandbox: Sandbox, ...files: string[][]): Sandbox {
    this.identity.inject(sandbox);
    return sandbox.set({ PREPARE_STORAGE_URL: `${this.door.url}/${CONTAINER}`, PREPARE_FILES: files.map(fields => fields.join('\t')).join('\n') });
  }

  public async close(): Promise<void> {
    await this.door.close();
    await this.azurite.close();
  }

  private token(): string {
    return this.identity.server.issue(CLIENT_ID, STORAGE_AUDIENCE);
  }
}
