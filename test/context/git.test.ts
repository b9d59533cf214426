import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { Repositories } from './repositories';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { CLIENT_ID, Identity } from './world';
import { Authority, DEVOPS_AUDIENCE, gitAccess, GitServer } from '../servers';

const authority = Authority.create();
const repositories = new Repositories();
const BIG = 'x'.repeat(300_000);
let server: GitServer;
let identity: Identity;
const commits: Record<string, string> = {};

beforeAll(async () => {
  server = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
  identity = await Identity.start(authority);

  commits.first = repositories.create('images', { 'agent/Dockerfile': 'FROM scratch\n', 'agent/run.sh': { program: '#!/bin/sh\n' }, 'other/big': BIG + '1' });
  commits.second = repositories.commit('images', { 'agent/Dockerfile': 'FROM debian\n', 'Dockerfile': 'FROM top\n', 'other/big': BIG + '2' });
  commits.branch = repositories.commit('images', { 'agent/Dockerfile': 'FROM branch\n' }, 'release/1.0');
  repositories.tag('images', 'v1.0', commits.first);

  const inner = repositories.create('inner', { 'inner.txt': 'inner\n' });
  repositories.create('outer', { 'app/Dockerfile': 'FROM scratch\n' });
  repositories.commit('outer', {
    'app/Dockerfile': 'FROM scratch\n',
    '.gitmodules': '[submodule "inner"]\n\tpath = app/inner\n\turl = ../inner\n',
  }, 'main', { 'app/inner': inner });

  repositories.create('large', { Dockerfile: 'FROM scratch\n' });
  const attributes = { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' };
  repositories.commit('large', { ...attributes, 'app/tool.bin': repositories.lfsPointer('large', 'the tool\n') });
  repositories.commit('large', { ...attributes, 'app/gone.bin': repositories.lfsPointer('large', 'gone\n', false) }, 'gone');
});
afterAll(async () => {
  await server?.close();
  await identity?.server.close();
  repositories.remove();
});
beforeEach(() => server.reset());

describe.each(SHELLS)('git in %s', (_, shell) => {
  let box: Sandbox;
  const from = (repository: string, settings: Record<string, string> = { PREPARE_GIT_BRANCH: 'main' }) =>
    box.set({ PREPARE_GIT_URL: `${server.url}/${repository}`, ...settings });

  beforeEach(() => { box = new Sandbox(shell()).mountAuthority(authority.certificate); });
  afterEach(() => box.remove());

  test('fetches the directory of a branch and nothing else', async () => {
    const { exit, log } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'agent', PREPARE_DOCKERFILE: 'Dockerfile' }).run();
    expect([exit, log]).toEqual(['OK', expect.stringContaining(`commit ${commits.second}`)]);
    expect(box.files()).toEqual(['agent/Dockerfile', 'agent/certs/ca-certificates.crt', 'agent/run.sh']);
    expect(box.read('agent/Dockerfile')).toBe('FROM debian\n');
    expect(server.bytesSent).toBeLessThan(20_000);
    expect(box.left()).toEqual([]);
  });

  test('leaves files as git has them: modes, and no .git', async () => {
    await from('images', { PREPARE_GIT_BRANCH: 'main' }).run();
    expect([box.mode('agent/Dockerfile'), box.mode('agent/run.sh'), box.mode('agent')]).toEqual(['0644', '0755', '0755']);
    await expect(async () => box.read('.git/HEAD')).rejects.toThrow('ENOENT');
  });

  test('leaves no setgid bit on a volume that hands one down', async () => {
    chmodSync(box.context, 0o2777);
    await from('images', { PREPARE_GIT_BRANCH: 'main' }).run();
    expect([box.mode('agent'), box.mode('agent/Dockerfile')]).toEqual(['0755', '0644']);
  });

  test('goes by the attributes of the folders above the directory', async () => {
    repositories.create('attributes', { 'apps/.gitattributes': '*.txt text eol=crlf\n', 'apps/one/note.txt': 'note\n' });
    const { exit } = await from('attributes', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'apps/one' }).run();
    repositories.drop('attributes');
    expect([exit, box.read('apps/one/note.txt')]).toEqual(['OK', 'note\r\n']);
  });

  test('keeps .git on request, without history and without credentials in it', async () => {
    server.behaviour.access = gitAccess.basic('', 'a secret');
    box.write('credentials/password', 'a secret\n');
    const { exit } = await from('images', {
      PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_KEEP_DIR: 'true', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials`,
    }).run();
    expect(exit).toBe('OK');
    expect([box.read('.git/HEAD').trim(), box.read('.git/shallow').trim()]).toEqual([commits.second, commits.second]);
    expect(box.read('.git/config')).not.toMatch(/authorization|secret/i);
  });

  test.each([
    ['a branch with a slash', { PREPARE_GIT_BRANCH: 'release/1.0' }, 'branch', 'FROM branch\n'],
    ['an annotated tag', { PREPARE_GIT_TAG: 'v1.0' }, 'first', 'FROM scratch\n'],
    ['a commit that is no branch\'s newest', 'first', 'first', 'FROM scratch\n'],
  ])('takes %s', async (_what, given, commit, dockerfile) => {
    const settings = typeof given === 'string' ? { PREPARE_GIT_COMMIT: commits[given].toUpperCase() } : given;
    const { exit, log } = await from('images', { ...settings, PREPARE_DIRECTORY: 'agent' } as Record<string, string>).run();
    expect([exit, log]).toEqual(['OK', expect.stringContaining(`commit ${commits[commit]}`)]);
    expect(box.read('agent/Dockerfile')).toBe(dockerfile);
  });

  test('gives the files beside the Dockerfile at the top', async () => {
    const { exit } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DOCKERFILE: 'Dockerfile' }).run();
    expect(exit).toBe('OK');
    expect(box.files()).toEqual(['Dockerfile', 'agent/Dockerfile', 'agent/run.sh', 'certs/ca-certificates.crt', 'other/big']);
  });

  test('gives the whole work tree where sparse is off', async () => {
    await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_SPARSE: 'false', PREPARE_DIRECTORY: 'agent' }).run();
    expect(box.files()).toContain('other/big');
  });

  test('starts afresh on a volume that an earlier run has filled', async () => {
    await from('images').run();
    box.write('context/stale', 'of a run that was killed');
    chmodSync(dirname(box.write('context/.prepare-context.abcdef/1', 'of a run that was killed')), 0o777);
    await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'agent' }).run();
    expect(box.files()).toEqual(['agent/Dockerfile', 'agent/certs/ca-certificates.crt', 'agent/run.sh']);
  });

  describe('from a server that can do less', () => {
    const want = { PREPARE_DIRECTORY: 'agent' };

    test('partial clones refused', async () => {
      server.behaviour.config = {};
      const { exit } = await from('images', { PREPARE_GIT_BRANCH: 'main', ...want }).run();
      expect([exit, box.files()]).toEqual(['OK', ['agent/Dockerfile', 'agent/certs/ca-certificates.crt', 'agent/run.sh']]);
    });

    test('the old protocol, where a commit cannot be asked for by its id', async () => {
      server.behaviour.oldProtocol = true;
      server.behaviour.config = {};
      const { exit, log } = await from('images', { PREPARE_GIT_COMMIT: commits.first, ...want }).run();
      expect([exit, log]).toEqual(['OK', expect.stringContaining('fetching more')]);
      expect(box.read('agent/Dockerfile')).toBe('FROM scratch\n');
    });

    test('the old protocol and partial clones, where no blob can be asked for later', async () => {
      server.behaviour.oldProtocol = true;
      const { exit } = await from('images', { PREPARE_GIT_BRANCH: 'main', ...want }).run();
      expect([exit, box.files()]).toEqual(['OK', ['agent/Dockerfile', 'agent/certs/ca-certificates.crt', 'agent/run.sh']]);
    });
  });

  describe('authentication', () => {
    test('basic, with a user name', async () => {
      server.behaviour.access = gitAccess.basic('builder', 'p:ä$s"w');
      box.write('credentials/username', 'builder\n');
      box.write('credentials/password', 'p:ä$s"w\r\n');
      const { exit } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials` }).run();
      expect(exit).toBe('OK');
    });

    test('by workload identity, with a token for Azure DevOps', async () => {
      server.behaviour.access = gitAccess.bearer(token => identity.server.clientOf(token, DEVOPS_AUDIENCE));
      identity.inject(box);
      const { exit } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'agent', PREPARE_GIT_AUTH: 'workload-identity' }).run();
      expect(exit).toBe('OK');
      expect(identity.server.requests.at(-1)).toEqual({ clientId: CLIENT_ID, scope: `${DEVOPS_AUDIENCE}/.default` });
    });

    test('none where one is needed', async () => {
      server.behaviour.access = gitAccess.basic('', 'other');
      const { exit, log, termination } = await from('images').run();
      expect([exit, log]).toEqual(['GIT_AUTHENTICATION', expect.stringContaining('anonymous authentication')]);
      expect(termination).toContain('check the credentials');
    });

    test('a wrong password', async () => {
      server.behaviour.access = gitAccess.basic('', 'right');
      box.write('credentials/password', 'wrong-password');
      const { exit, log } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials` }).run();
      expect([exit, log]).toEqual(['GIT_AUTHENTICATION', expect.not.stringContaining('wrong-password')]);
    });

    test('a Secret without a password', async () => {
      box.write('credentials/username', 'builder');
      const { exit, log } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials` }).run();
      expect([exit, log]).toEqual(['GIT_AUTHENTICATION', expect.stringContaining("has no key 'password'")]);
    });

    test('never follows a redirect with credentials', async () => {
      const thief = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
      try {
        server.behaviour.movedTo = thief.url;
        box.write('credentials/password', 'a secret');
        const { exit } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials` }).run();
        expect([exit, thief.requests]).toEqual(['GIT_NOT_FOUND', []]);
      } finally {
        await thief.close();
      }
    });
  });

  describe('submodules', () => {
    test('come on request', async () => {
      const { exit } = await from('outer', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_SUBMODULES: 'true', PREPARE_DIRECTORY: 'app' }).run();
      expect(exit).toBe('OK');
      expect(box.read('app/inner/inner.txt')).toBe('inner\n');
      expect(box.files().filter(name => name.includes('.git/') || name.endsWith('.git'))).toEqual([]);
    });

    test('on the same host get the credentials', async () => {
      server.behaviour.access = gitAccess.basic('', 'a secret');
      box.write('credentials/password', 'a secret');
      const { exit } = await from('outer', {
        PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_SUBMODULES: 'true', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials`,
      }).run();
      expect([exit, box.read('app/inner/inner.txt')]).toEqual(['OK', 'inner\n']);
    });

    test('on another host get none', async () => {
      const other = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
      try {
        const inner = repositories.commit('inner', { 'inner.txt': 'inner\n' }, 'elsewhere');
        repositories.copy('outer', 'beside');
        repositories.commit('beside', {
          'app/Dockerfile': 'FROM scratch\n',
          '.gitmodules': `[submodule "inner"]\n\tpath = app/inner\n\turl = ${other.url}/inner\n`,
        }, 'main', { 'app/inner': inner });
        server.behaviour.access = gitAccess.basic('', 'a secret');
        box.write('credentials/password', 'a secret');
        const { exit } = await from('beside', {
          PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_SUBMODULES: 'true', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials`,
        }).run();
        expect(exit).toBe('OK');
        expect(other.requests.length).toBeGreaterThan(0);
        expect(other.requests.filter(request => request.authorized)).toEqual([]);
      } finally {
        repositories.drop('beside');
        await other.close();
      }
    });

    test('stay empty otherwise', async () => {
      const { exit } = await from('outer').run();
      expect([exit, box.files()]).toEqual(['OK', ['.gitmodules', 'app/Dockerfile', 'certs/ca-certificates.crt']]);
    });

    test.each([
      ['a local path', 'file', () => `file://${repositories.root}/inner`],
      ['an unencrypted server', 'http', () => 'http://localhost:1/inner'],
    ])('from %s are refused', async (_what, transport, url) => {
      const inner = repositories.commit('inner', { 'inner.txt': 'inner\n' }, 'same');
      repositories.copy('outer', 'thief');
      repositories.commit('thief', {
        'app/Dockerfile': 'FROM scratch\n',
        '.gitmodules': `[submodule "inner"]\n\tpath = app/inner\n\turl = ${url()}\n`,
      }, 'elsewhere', { 'app/inner': inner });
      const { exit, log } = await from('thief', { PREPARE_GIT_BRANCH: 'elsewhere', PREPARE_GIT_SUBMODULES: 'true' }).run();
      repositories.drop('thief');
      expect([exit, log]).toEqual(['GIT_FAILED', expect.stringContaining(`transport '${transport}' not allowed`)]);
    });
  });

  describe('Git LFS', () => {
    test('fetches objects on request', async () => {
      const { exit } = await from('large', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_LFS: 'true', PREPARE_DIRECTORY: 'app' }).run();
      expect(exit).toBe('OK');
      expect(box.read('app/tool.bin')).toBe('the tool\n');
    });

    test('fetches objects with the credentials of the repository', async () => {
      server.behaviour.access = gitAccess.basic('', 'a secret');
      box.write('credentials/password', 'a secret');
      const { exit } = await from('large', {
        PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_LFS: 'true', PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials`,
      }).run();
      expect([exit, box.read('app/tool.bin')]).toEqual(['OK', 'the tool\n']);
    });

    test('fetches objects from where .lfsconfig says, and gives another host no credentials', async () => {
      const other = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
      try {
        repositories.copy('large', 'pointers');
        repositories.commit('pointers', {
          '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
          '.lfsconfig': `[lfs]\n\turl = ${other.url}/large/info/lfs\n`,
          'app/tool.bin': repositories.lfsPointer('large', 'the tool\n'),
        }, 'elsewhere');
        server.behaviour.access = gitAccess.basic('', 'a secret');
        box.write('credentials/password', 'a secret');
        const { exit } = await from('pointers', {
          PREPARE_GIT_BRANCH: 'elsewhere', PREPARE_GIT_LFS: 'true', PREPARE_DIRECTORY: 'app',
          PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: `${box.root}/credentials`,
        }).run();
        expect([exit, box.read('app/tool.bin')]).toEqual(['OK', 'the tool\n']);
        expect(other.requests.length).toBeGreaterThan(0);
        expect(other.requests.filter(request => request.authorized)).toEqual([]);
      } finally {
        repositories.drop('pointers');
        await other.close();
      }
    });

    test('leaves pointers otherwise', async () => {
      await from('large').run();
      expect(box.read('app/tool.bin')).toMatch(/^version https:\/\/git-lfs/);
    });

    test('says which object is missing', async () => {
      const { exit, log } = await from('large', { PREPARE_GIT_BRANCH: 'gone', PREPARE_GIT_LFS: 'true' }).run();
      expect([exit, log]).toEqual(['LFS_FAILED', expect.stringContaining('gone.bin')]);
    });

    test('says that the image lacks git-lfs', async () => {
      box.hidePrograms('git-lfs');
      const { exit, log } = await from('large', { PREPARE_GIT_BRANCH: 'main', PREPARE_GIT_LFS: 'true' }).run();
      expect([exit, log]).toEqual(['TOOL_MISSING', expect.stringContaining('has no git-lfs; name an image that has it')]);
    });
  });

  describe('fails with a code and a remedy', () => {
    test.each([
      ['no such branch', 'images', { PREPARE_GIT_BRANCH: 'absent' }, 'GIT_NO_REF', "has no branch 'absent'"],
      ['no such tag', 'images', { PREPARE_GIT_TAG: 'absent' }, 'GIT_NO_REF', "has no tag 'absent'"],
      ['no such commit', 'images', { PREPARE_GIT_COMMIT: '0'.repeat(39) + '1' }, 'GIT_NO_REF', '0001'],
      ['no such repository', 'absent', { PREPARE_GIT_BRANCH: 'main' }, 'GIT_NOT_FOUND', 'may not see it'],
      ['no such directory', 'images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'agent/absent' }, 'NO_DIRECTORY', "has no directory 'agent/absent'"],
      ['a file for a directory', 'images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'agent/Dockerfile' }, 'NO_DIRECTORY', 'is a file'],
      ['a submodule for a directory', 'outer', { PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'app/inner' }, 'NO_DIRECTORY', 'turn the sparse clone off'],
      ['no such Dockerfile', 'images', { PREPARE_GIT_BRANCH: 'main', PREPARE_DOCKERFILE: 'absent.Dockerfile' }, 'NO_DOCKERFILE', "no file 'absent.Dockerfile'"],
    ])('%s', async (_what, repository, settings, code, message) => {
      const { exit, log, termination } = await from(repository, settings as Record<string, string>).run();
      expect([exit, log]).toEqual([code, expect.stringContaining(message)]);
      expect(termination).toContain(message);
      expect([box.files(), box.left()]).toEqual([expect.not.arrayContaining([expect.stringContaining('.prepare-context')]), []]);
    });

    test.each(['images', 'outer'])('a volume that is too small for %s', async repository => {
      box.withTinyContext();
      const { exit, log } = await from(repository).run();
      expect([exit, log]).toEqual(['NO_SPACE', expect.stringMatching(/more space|cannot write/)]);
    });

    test('a server that is down for too long', async () => {
      server.behaviour.failures = [503, 503, 503, 503];
      const { exit, log } = await from('images').run();
      expect([exit, log]).toEqual(['NETWORK', expect.stringContaining('503')]);
    });

    test('a server that nobody answers for', async () => {
      const { exit } = await box.set({ PREPARE_GIT_URL: 'https://localhost:1/images', PREPARE_GIT_BRANCH: 'main' }).run();
      expect(exit).toBe('NETWORK');
    });

    test('a server that is not trusted', async () => {
      box.mountAuthority(Authority.create('Another').certificate);
      const { exit, log } = await from('images').run();
      expect([exit, log]).toEqual(['SERVER_NOT_TRUSTED', expect.stringContaining('mount its authority')]);
    });
  });

  test('goes on where a server was down for a moment', async () => {
    server.behaviour.failures = [503];
    const { exit, log } = await from('images', { PREPARE_GIT_BRANCH: 'main', PREPARE_RETRY_SECONDS: '10' }).run();
    expect([exit, log]).toEqual(['OK', expect.stringContaining('trying again in 1 s')]);
  });
});
