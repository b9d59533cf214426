import { createHash } from 'node:crypto';
import { Repositories } from './repositories';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { CLIENT_ID, CONTAINER, Identity, Storage } from './world';
import { Authority, GitServer } from '../servers';

const authority = Authority.create();
const KUBECTL = Buffer.alloc(200_000, 'kubectl ');
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
let identity: Identity;
let storage: Storage;

beforeAll(async () => {
  identity = await Identity.start(authority);
  storage = await Storage.start(authority, identity);
  await storage.put('k8s/kubectl', KUBECTL);
  await storage.put('k8s/a%20%26%20%C3%A4%3Bname', 'odd');
});
afterAll(async () => {
  await storage?.close();
  await identity?.server.close();
});
beforeEach(() => storage.door.reset());

describe.each(SHELLS)('binary files in %s', (_, shell) => {
  let box: Sandbox;
  const kubectl = (digest = '-', policy = 'keep') => [digest, '0755', policy, 'kubectl', 'k8s/kubectl'];
  const patient = { PREPARE_RETRY_SECONDS: '10' };

  beforeEach(() => { box = new Sandbox(shell()).mountAuthority(authority.certificate); });
  afterEach(() => box.remove());

  test('lie in the context with their mode', async () => {
    const { exit, log } = await storage.ask(box, kubectl(sha256(KUBECTL)), ['-', '0644', 'keep', 'bin/a;b/ä "name"', 'k8s/a%20%26%20%C3%A4%3Bname']).run();
    expect([exit, log]).toEqual(['OK', expect.stringMatching(/files: 'kubectl', 0\.2 MB \(\d+\.\d s\)/)]);
    expect(box.files()).toEqual(['bin/a;b/ä "name"', 'certs/ca-certificates.crt', 'kubectl']);
    expect([box.read('kubectl') === KUBECTL.toString(), box.mode('kubectl'), box.mode('bin/a;b/ä "name"')]).toEqual([true, '0755', '0644']);
    expect(box.left()).toEqual([]);
  });

  test('more than there are workers', async () => {
    const files = Array.from({ length: 20 }, (_unused, i) => ['-', '0644', 'keep', `file${i}`, 'k8s/kubectl']);
    const { exit } = await storage.ask(box, ...files).run();
    expect([exit, box.files().length, storage.door.requests.length]).toEqual(['OK', 21, 20]);
  });

  test('are kept while the clone beside them is begun again', async () => {
    const repositories = new Repositories();
    repositories.create('images', { Dockerfile: 'FROM scratch' });
    const git = await GitServer.start({ tls: authority.issue('localhost'), root: repositories.root });
    git.behaviour.failures = [503];
    const { exit } = await storage.ask(box, kubectl()).set({ ...patient, PREPARE_GIT_URL: `${git.url}/images`, PREPARE_GIT_BRANCH: 'main' }).run();
    await git.close();
    repositories.remove();
    expect([exit, box.files()]).toEqual(['OK', ['Dockerfile', 'certs/ca-certificates.crt', 'kubectl']]);
  });

  test('lie beside the Dockerfile of a directory', async () => {
    box.write('context/agent/Dockerfile', 'FROM scratch');
    box.makeWritable();
    await storage.ask(box, kubectl()).set({ PREPARE_DIRECTORY: 'agent' }).run();
    expect(box.files()).toEqual(['agent/Dockerfile', 'agent/certs/ca-certificates.crt', 'agent/kubectl']);
  });

  describe('that exist in the context', () => {
    test('stay, and the build fails', async () => {
      box.write('context/kubectl', 'of the repository');
      const { exit, log } = await storage.ask(box, kubectl()).run();
      expect([exit, log, box.read('kubectl')]).toEqual(['FILE_EXISTS', expect.stringContaining('allow that it overwrites'), 'of the repository']);
    });

    test('are overwritten where that is allowed', async () => {
      box.write('context/kubectl', 'of the repository');
      const { exit } = await storage.ask(box, kubectl('-', 'overwrite')).run();
      expect([exit, box.read('kubectl') === KUBECTL.toString()]).toEqual(['OK', true]);
    });

    test('with the same content are no clash', async () => {
      box.write('context/kubectl', KUBECTL);
      const { exit } = await storage.ask(box, kubectl()).run();
      expect([exit, box.mode('kubectl')]).toEqual(['OK', '0755']);
    });

    test('as directories are a clash in any case', async () => {
      box.write('context/kubectl/file', '');
      const { exit } = await storage.ask(box, kubectl('-', 'overwrite')).run();
      expect(exit).toBe('FILE_EXISTS');
    });
  });

  describe('survive', () => {
    test('a server that is busy', async () => {
      storage.door.misbehave({ kind: 'status', status: 503, code: 'ServerBusy' }, { kind: 'status', status: 500, code: 'OperationTimedOut' });
      const { exit, log } = await storage.ask(box, kubectl()).set(patient).run();
      expect([exit, log]).toEqual(['OK', expect.stringMatching(/503 ServerBusy .*trying again in 1 s[^]*500 OperationTimedOut .*trying again in 2 s/)]);
    });

    test('a role that propagates', async () => {
      storage.door.misbehave({ kind: 'status', status: 403, code: 'AuthorizationPermissionMismatch' });
      const { exit } = await storage.ask(box, kubectl()).set(patient).run();
      expect(exit).toBe('OK');
    });

    test.each([
      ['a connection that is cut', { kind: 'cut' as const, after: 1000 }],
      ['a connection that stalls', { kind: 'stall' as const, after: 1000 }],
      ['a corrupted byte, by the stored MD5', { kind: 'corrupt' as const, at: 1000 }],
    ])('%s', async (_what, wrong) => {
      storage.door.misbehave(wrong);
      const { exit } = await storage.ask(box, kubectl()).set(patient).run();
      expect([exit, box.read('kubectl') === KUBECTL.toString(), storage.door.requests.length]).toEqual(['OK', true, 2]);
    });
  });

  describe('fail with a code and a remedy', () => {
    const expectFailure = async (code: string, message: string) => {
      const { exit, log, termination } = await box.run();
      expect([exit, log]).toEqual([code, expect.stringContaining(message)]);
      expect(termination).toContain(message);
      expect([box.files(), box.left()]).toEqual([[], []]);
    };

    test('another SHA-256', async () => {
      storage.ask(box, kubectl('0'.repeat(64))).set(patient);
      await expectFailure('CHECKSUM', `the SHA-256 of what came is ${sha256(KUBECTL)}`);
      expect(storage.door.requests.length).toBe(2);
    });

    test('no role', async () => {
      storage.readers.clear();
      storage.ask(box, kubectl());
      await expectFailure('STORAGE_FORBIDDEN', `the identity ${CLIENT_ID} needs the role Storage Blob Data Reader`);
      storage.readers.add(`${CLIENT_ID} ${CONTAINER}`);
    });

    test('network rules', async () => {
      storage.door.misbehave({ kind: 'status', status: 403, code: 'AuthorizationFailure' });
      storage.ask(box, kubectl()).set(patient);
      await expectFailure('STORAGE_FORBIDDEN', 'network rules');
    });

    test('a token that the account does not take', async () => {
      storage.door.misbehave({ kind: 'status', status: 401, code: 'InvalidAuthenticationInfo' });
      storage.ask(box, kubectl()).set(patient);
      await expectFailure('STORAGE_FORBIDDEN', 'InvalidAuthenticationInfo');
    });

    test('no such blob', async () => {
      storage.ask(box, ['-', '0644', 'keep', 'kubectl', 'k8s/absent']);
      await expectFailure('BLOB_MISSING', '404 BlobNotFound for k8s/absent; check the container and the path');
    });

    test('a server that stays busy', async () => {
      storage.door.misbehave({ kind: 'status', status: 503, code: 'ServerBusy' });
      storage.ask(box, kubectl());
      await expectFailure('STORAGE_FAILED', '503 ServerBusy');
    });

    test('nobody who answers', async () => {
      storage.ask(box, kubectl()).set({ PREPARE_STORAGE_URL: 'https://localhost:1/bin' });
      await expectFailure('NETWORK', 'no answer from localhost:1');
    });

    test('one of many', async () => {
      storage.ask(box, kubectl(), ['-', '0644', 'keep', 'second', 'k8s/absent'], ['-', '0644', 'keep', 'third', 'k8s/kubectl']);
      await expectFailure('BLOB_MISSING', "file 'second'");
    });
  });
});
