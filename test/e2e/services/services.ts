/** The servers around the cluster, all under one private authority and at the names that a company would use. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Authority, Azurite, BlobDoor, DEVOPS_AUDIENCE, FederatedCredential, gitAccess, GitServer, PublicJwk, STORAGE_AUDIENCE, TokenServer } from '../../servers';
import { AUTHORITY, GIT, STORAGE } from '../cluster/addresses';
import { currentSandbox } from '../sandbox';
import { Packages } from './packages';
import { Login, Registry } from './registry';
import { Repository } from './repository';

export interface ServicesOptions {
  readonly tenantId: string;
  /** The keys of the cluster, which the token server asks for. */
  readonly assertionKeys: () => Promise<readonly PublicJwk[]>;
}

const STORAGE_CONTAINER = 'bin';

export class Services {
  public static async start(options: ServicesOptions): Promise<Services> {
    const authority = Authority.create('Contoso Root');
    const registryLogin = login('registry-user');
    const packagesLogin = login('apt-user');
    const credentials: FederatedCredential[] = [];
    const readers = new Set<string>();
    const account = STORAGE.name.split('.')[0];
    const [registry, packages, azurite, tokens] = await Promise.all([
      Registry.start(authority, registryLogin),
      Packages.start(authority, packagesLogin),
      Azurite.start([account]),
      TokenServer.start({
        ...options, credentials, address: AUTHORITY.address, port: 443, hostname: AUTHORITY.name, tls: authority.issue(AUTHORITY.name),
      }),
    ]);
    const storage = await BlobDoor.start({
      azurite, tokens, account, readers, address: STORAGE.address, port: 443, tls: authority.issue(STORAGE.name),
    });
    const git = await GitServer.start({
      root: join(currentSandbox().folder, 'git'),
      access: gitAccess.bearer(token => tokens.clientOf(token, DEVOPS_AUDIENCE)),
      address: GIT.address, port: 443, hostname: GIT.name, tls: authority.issue(GIT.name),
    });
    const services = new Services(
      authority, registry, registryLogin, packages, packagesLogin, git, tokens, storage, credentials, readers, azurite, account,
    );
    await azurite.createContainer(services.storageToken(), account, STORAGE_CONTAINER);
    return services;
  }

  private constructor(
    public readonly authority: Authority,
    public readonly registry: Registry,
    public readonly registryLogin: Login,
    public readonly packages: Packages,
    public readonly packagesLogin: Login,
    public readonly git: GitServer,
    public readonly tokens: TokenServer,
    public readonly storage: BlobDoor,
    /** Whom the token server knows; tests add to it. */
    public readonly credentials: FederatedCredential[],
    /** Who may read which storage container; tests add to it. */
    public readonly readers: Set<string>,
    private readonly azurite: Azurite,
    private readonly account: string,
  ) {}

  /** A new repository. @returns it and its address */
  public repository(name: string): { repository: Repository; url: string } {
    const path = `contoso/wind/_git/${name}`;
    return { repository: new Repository(join(currentSandbox().folder, 'git', path)), url: `https://${GIT.name}/${path}` };
  }

  /** Puts a file into the storage account's container `bin`. */
  public async putBlob(path: string, content: Buffer | string): Promise<void> {
    await this.azurite.putBlob(this.storageToken(), this.account, STORAGE_CONTAINER, path, content);
  }

  private storageToken(): string {
    return this.tokens.issue('33333333-3333-3333-3333-333333333333', STORAGE_AUDIENCE);
  }
}

function login(username: string): Login {
  return { username, password: randomBytes(12).toString('hex') };
}
