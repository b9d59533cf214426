import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Repositories } from './repositories';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { Authority, GitServer } from '../servers';

const authority = Authority.create();
const repositories = new Repositories();
let server: GitServer;

const DIRECTORIES = ['with space', "it's", 'a"b', 'a;touch x', '$(touch x)', '`touch x`', '-rf', '--upload-pack=x', 'ünïcødé', '*', '[a]', 'a?b', 'a\\b', '!not', '#hash', ' lead', 'trail ', '%s%n'];
const BRANCHES = ["it's", 'a"b', 'a;touch', '$(touch)', '`touch`', '-b', 'ünïcødé', '##vso', '%s', 'a&b|c<d>'];
const FILES = ['with space', "it's", 'a"b', 'a;touch x', '$(touch x)', '-rf', 'ünïcødé', 'new\nline', '*', '%s', 'tab\there'];

beforeAll(async () => {
  server = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
  repositories.create('hostile', Object.fromEntries([
    ...DIRECTORIES.map(name => [`dirs/${name}/Dockerfile`, `FROM ${name}`]),
    ...DIRECTORIES.map(name => [`${name}/Dockerfile`, `FROM ${name}`]),
    ...FILES.map(name => [`files/${name}`, name]),
  ]) as Record<string, string>);
  for (const branch of BRANCHES) repositories.commit('hostile', { Dockerfile: branch }, branch);
});
afterAll(async () => {
  await server?.close();
  repositories.remove();
});

describe.each(SHELLS)('hostile names in %s', (_, shell) => {
  let box: Sandbox;
  const from = (settings: Record<string, string>) => box.set({ PREPARE_GIT_URL: `${server.url}/hostile`, ...settings });

  beforeEach(() => { box = new Sandbox(shell()).mountAuthority(authority.certificate); });
  afterEach(() => box.remove());

  test.each(DIRECTORIES)('of a directory: %j', async name => {
    for (const directory of [name, `dirs/${name}`]) {
      const { exit, log } = await from({ PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: directory, PREPARE_DOCKERFILE: 'Dockerfile' }).run();
      expect([exit, log]).toEqual(['OK', expect.any(String)]);
      expect(box.files()).toEqual([`${directory}/Dockerfile`, `${directory}/certs/ca-certificates.crt`]);
    }
  });

  test.each(BRANCHES)('of a branch: %j', async name => {
    const { exit, log } = await from({ PREPARE_GIT_BRANCH: name }).run();
    expect([exit, log]).toEqual(['OK', expect.any(String)]);
    expect(box.read('Dockerfile')).toBe(name);
    expect(existsSync(join(box.context, 'x'))).toBe(false);
  });

  test('of files', async () => {
    const { exit } = await from({ PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'files' }).run();
    expect([exit, box.files()]).toEqual(['OK', [...FILES.map(name => `files/${name}`), 'files/certs/ca-certificates.crt'].sort()]);
  });

  test('never become a command of the agent that follows the log', async () => {
    const { exit, log, termination } = await from({ PREPARE_GIT_BRANCH: '###vso[task.setvariable]x' }).run();
    expect([exit, log]).toEqual(['BAD_SETTING', expect.stringContaining('git allows no such name')]); // for its bracket
    expect(log + termination).not.toContain('##');
    const missing = await from({ PREPARE_GIT_BRANCH: '###absent' }).run();
    expect([missing.exit, missing.log + missing.termination]).toEqual(['GIT_NO_REF', expect.not.stringContaining('##')]);
  });

  test.each(['new\nline', 'a\tb', 'a\u0007b', '../etc', 'a/../../b', './../x', '/etc', '.git', 'a/.git/hooks', 'a//../b'])('are refused for a directory: %j', async name => {
    const { exit, log } = await from({ PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: name }).run();
    expect([exit, log]).toEqual(['BAD_SETTING', expect.stringContaining('PREPARE_DIRECTORY')]);
  });

  test.each(['a..b', 'a b', 'new\nline', 'a~1', 'HEAD^', 'a:b', 'refs/*', ''])('are refused for a branch: %j', async name => {
    const { exit } = await from({ PREPARE_GIT_BRANCH: name }).run();
    expect(exit).toBe('BAD_SETTING');
  });
});
