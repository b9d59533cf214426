import { readdirSync, readFileSync } from 'node:fs';
import { Repositories } from './repositories';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { Identity, Storage } from './world';
import { Authority, DEVOPS_AUDIENCE, gitAccess, GitServer } from '../servers';

const authority = Authority.create();
const repositories = new Repositories();
const PASSWORD = 'hunter2-of-contoso';
/** Every token of Entra's and of Kubernetes, the password, and the header of basic authentication. */
const SECRETS = [/eyJhbGciOi/, new RegExp(PASSWORD), new RegExp(Buffer.from(`builder:${PASSWORD}`).toString('base64').slice(0, 20))];
let identity: Identity;
let storage: Storage;
let server: GitServer;

beforeAll(async () => {
  server = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
  identity = await Identity.start(authority);
  storage = await Storage.start(authority, identity);
  await storage.put('kubectl', Buffer.alloc(100_000));
  repositories.create('images', { 'agent/Dockerfile': 'FROM scratch\n' });
});
afterAll(async () => {
  await storage?.close();
  await identity?.server.close();
  await server?.close();
  repositories.remove();
});

/** Reads what any process of the machine may see of a process and of all that it started, again and again. */
class Watch {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(this.pid), 2);

  public constructor(private readonly pid: number) {}

  public stop(): string {
    clearInterval(this.timer);
    return [...this.seen].join('\n');
  }

  private look(pid: number): void {
    try {
      for (const file of ['cmdline', 'environ']) this.seen.add(readFileSync(`/proc/${pid}/${file}`, 'latin1').replace(/\0/g, ' '));
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(child => child !== '');
      for (const child of children) this.look(Number(child));
    } catch {
      // it has ended
    }
  }
}

describe.each(SHELLS)('secrets in %s', (_, shell) => {
  let box: Sandbox;

  beforeEach(() => {
    server.reset();
    storage.door.reset();
    box = new Sandbox(shell()).mountAuthority(authority.certificate);
    storage.ask(box, ['-', '0755', 'keep', 'kubectl', 'kubectl']);
    box.set({
      PREPARE_GIT_URL: `${server.url}/images`, PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_KEEP_DIR: 'true', PREPARE_RETRY_SECONDS: '10', PREPARE_STALL_SECONDS: '2',
      PREPARE_APT_SOURCES: 'deb https://registry.contoso.example/debian bookworm main', PREPARE_APT_DIR: box.apt,
      PREPARE_APT_CREDENTIALS_DIR: `${box.root}/credentials`, PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials`,
    });
    box.write('credentials/username', 'builder');
    box.write('credentials/password', PASSWORD);
    // Long enough to be watched.
    storage.door.misbehave({ kind: 'stall', after: 10 });
    server.behaviour.failures = [503];
  });
  afterEach(() => box.remove());

  test.each([
    ['tokens of workload identity', 'workload-identity', gitAccess.bearer(token => identity.server.clientOf(token, DEVOPS_AUDIENCE))],
    ['a password', 'basic', gitAccess.basic('builder', PASSWORD)],
  ])('%s are in no process list, environment, log or context', async (_what, auth, access) => {
    server.behaviour.access = access;
    let watch: Watch;
    const { exit, log, termination } = await box.set({ PREPARE_GIT_AUTH: auth }).run(child => { watch = new Watch(child.pid!); });
    const processes = watch!.stop();
    expect(exit).toBe('OK');
    expect(processes).toMatch(/curl .*--parallel .*--config/); // the watch has seen what it should see
    expect(processes).toMatch(/git.* fetch /);
    expect(processes).toMatch(/GIT_CONFIG_GLOBAL=/);
    const context = readTree(box.context);
    for (const secret of SECRETS) {
      expect(processes).not.toMatch(secret);
      expect(log + termination).not.toMatch(secret);
      expect(context).not.toMatch(secret);
    }
    expect(box.left()).toEqual([]);
  });

  test('are in no log where they are refused', async () => {
    storage.door.reset();
    server.reset();
    server.behaviour.access = gitAccess.basic('builder', 'another');
    const { exit, log, termination } = await box.set({ PREPARE_GIT_AUTH: 'basic' }).run();
    expect(exit).toBe('GIT_AUTHENTICATION');
    for (const secret of SECRETS) expect(log + termination).not.toMatch(secret);
  });
});

function readTree(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map(entry => entry.isDirectory() ? readTree(`${folder}/${entry.name}`) : readFileSync(`${folder}/${entry.name}`, 'latin1')).join('\n');
}
