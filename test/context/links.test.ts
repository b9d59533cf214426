import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Entry, Repositories } from './repositories';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { Identity, Storage } from './world';
import { Authority, GitServer } from '../servers';

const authority = Authority.create();
const repositories = new Repositories();
let identity: Identity;
let storage: Storage;
let server: GitServer;

/** Repositories of an attacker, who knows a folder of the pod to write into. */
const OUTSIDE = 'tmp/outside';
const REPOSITORIES: Record<string, (outside: string) => Record<string, Entry>> = {
  'directory': outside => ({ agent: { link: outside } }),
  'directory-above': outside => ({ images: { link: outside } }),
  'directory-inside': () => ({ 'agent': { link: 'real' }, 'real/Dockerfile': 'FROM scratch' }),
  'certs': outside => ({ 'agent/Dockerfile': 'FROM scratch', 'agent/certs': { link: outside } }),
  'bundle': outside => ({ 'agent/Dockerfile': 'FROM scratch', 'agent/certs/ca-certificates.crt': { link: `${outside}/file` } }),
  'file': outside => ({ 'agent/Dockerfile': 'FROM scratch', 'agent/kubectl': { link: `${outside}/file` } }),
  'folder-of-file': outside => ({ 'agent/Dockerfile': 'FROM scratch', 'agent/bin': { link: outside } }),
  'dockerfile': () => ({ 'agent/Dockerfile': { link: '/etc/passwd' } }),
  'dockerfile-beside': () => ({ 'agent/Dockerfile': { link: 'python.Dockerfile' }, 'agent/python.Dockerfile': 'FROM python' }),
};

beforeAll(async () => {
  server = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
  identity = await Identity.start(authority);
  storage = await Storage.start(authority, identity);
  await storage.put('kubectl', 'the program');
});
afterAll(async () => {
  await storage?.close();
  await identity?.server.close();
  await server?.close();
  repositories.remove();
});

describe.each(SHELLS)('symbolic links of a repository, in %s', (_, shell) => {
  let box: Sandbox;
  const attack = async (name: string, settings: Record<string, string> = {}) => {
    const outside = join(box.root, OUTSIDE);
    repositories.create(name, REPOSITORIES[name](outside));
    box.write(`${OUTSIDE}/keep`, '');
    box.makeWritable(join(box.root, 'tmp'));
    box.set({ PREPARE_GIT_URL: `${server.url}/${name}`, PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'agent', PREPARE_DOCKERFILE: 'Dockerfile', ...settings });
    const outcome = await box.run();
    repositories.drop(name);
    expect(readdirSync(outside)).toEqual(['keep']);
    return outcome;
  };

  beforeEach(() => {
    box = new Sandbox(shell()).mountAuthority(authority.certificate);
    storage.ask(box, ['-', '0755', 'overwrite', 'kubectl', 'kubectl'], ['-', '0755', 'overwrite', 'bin/kubectl', 'kubectl']);
  });
  afterEach(() => box.remove());

  test.each([
    ['the directory', 'directory', {}, 'NO_DIRECTORY', 'is a symbolic link'],
    ['the directory, in a full work tree', 'directory', { PREPARE_GIT_SPARSE: 'false' }, 'UNSAFE_PATH', "'agent' leads out of the context"],
    ['a folder above the directory', 'directory-above', { PREPARE_DIRECTORY: 'images/agent' }, 'NO_DIRECTORY', 'images/agent'],
    ['the Dockerfile', 'dockerfile', {}, 'UNSAFE_PATH', "'Dockerfile' leads out of the context"],
    ['the folder of the authorities', 'certs', {}, 'UNSAFE_PATH', "'agent/certs' is a symbolic link"],
    ['the file of the authorities', 'bundle', {}, 'UNSAFE_PATH', 'a symbolic link is in its place'],
    ['a binary file', 'file', {}, 'UNSAFE_PATH', "'kubectl' cannot be put into the context"],
    ['the folder of a binary file', 'folder-of-file', {}, 'UNSAFE_PATH', "'agent/bin' is a symbolic link"],
  ])('are refused in place of %s', async (_what, name, settings, code, message) => {
    const { exit, log } = await attack(name, settings as Record<string, string>);
    expect([exit, log]).toEqual([code, expect.stringContaining(message)]);
  });

  test('leave the authorities out where none are mounted', async () => {
    const { exit } = await attack('certs', { PREPARE_CERTIFICATES_DIR: '', GIT_SSL_NO_VERIFY: 'true', PREPARE_STORAGE_URL: '', PREPARE_FILES: '' });
    expect(exit).toBe('OK');
  });

  test('are followed within the context', async () => {
    const { exit } = await attack('dockerfile-beside');
    expect([exit, box.read('agent/Dockerfile')]).toEqual(['OK', 'FROM python']);
  });

  test('to a directory within the context are followed in a full work tree', async () => {
    const { exit } = await attack('directory-inside', { PREPARE_GIT_SPARSE: 'false' });
    expect([exit, box.read('real/bin/kubectl')]).toEqual(['OK', 'the program']);
  });
});
