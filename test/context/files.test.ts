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

  test('that fail for good end a clone that is being tried again, and their code is the script\'s', async () => {
    const git = await GitServer.start({ tls: authority.issue('localhost'), root: '/absent' });
    git.behaviour.failures = Array.from({ length: 20 }, () => 503);
    storage.ask(box, ['-', '0644', 'keep', 'kubectl', 'k8s/absent']);
    const { exit, log } = await box.set({ PREPARE_RETRY_SECONDS: '60', PREPARE_GIT_URL: `${git.url}/images`, PREPARE_GIT_BRANCH: 'main' }).run();
    await git.close();
    expect([exit, log.match(/prepare-context: error: .*/g)]).toEqual(['BLOB_MISSING', [expect.stringContaining("file 'kubectl'")]]);
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

    test.each([408, 429])('an answer of %i', async status => {
      storage.door.misbehave({ kind: 'status', status });
      const { exit } = await storage.ask(box, kubectl()).set(patient).run();
      expect(exit).toBe('OK');
    });

    test('a role that propagates', async () => {
      storage.door.misbehave({ kind: 'status', status: 403, code: 'AuthorizationPermissionMismatch' });
      const { exit } = await storage.ask(box, kubectl()).set(patient).run();
      expect(exit).toBe('OK');
    });

    test.each([
      ['a connection that is cut', { kind: 'cut' as const, after: 1000 }],
      ['a connection that stands still', { kind: 'stall' as const, after: 1000 }],
      ['a corrupted byte, by the stored MD5', { kind: 'corrupt' as const, at: 1000 }],
    ])('%s', async (_what, wrong) => {
      storage.door.misbehave(wrong);
      const { exit } = await storage.ask(box, kubectl()).set(patient).set({ PREPARE_STALL_SECONDS: '2' }).run();
      expect([exit, box.read('kubectl') === KUBECTL.toString(), storage.door.requests.length]).toEqual(['OK', true, 2]);
    });
  });

  describe('that were cut', () => {
    const cut = { kind: 'cut' as const, after: 150_000 };
    const path = `GET /${CONTAINER}/k8s/kubectl`;

    test.each([['the stored MD5', '-'], ['the given SHA-256', sha256(KUBECTL)]])('are continued where they broke off, and checked by %s', async (_what, digest) => {
      storage.door.misbehave(cut, { kind: 'status', status: 503 }, { kind: 'cut', after: 10_000 });
      const { exit, log } = await storage.ask(box, kubectl(digest)).set(patient).run();
      expect([exit, log]).toEqual(['OK', expect.stringMatching(/'kubectl': the answer of localhost:\d+ broke off: .*trying again in 1 s/)]);
      expect(storage.door.requests).toEqual([path, `${path} bytes=150000-`, `${path} bytes=150000-`, `${path} bytes=160000-`]);
      expect([box.read('kubectl') === KUBECTL.toString(), box.mode('kubectl')]).toEqual([true, '0755']);
    });

    test('begin anew where the blob is another one by then', async () => {
      await storage.put('k8s/replaced', Buffer.alloc(200_000, 'before '));
      storage.door.misbehave(cut);
      const after = Buffer.alloc(200_000, 'after ');
      const { exit, log } = await storage.ask(box, ['-', '0755', 'keep', 'replaced', 'k8s/replaced']).set(patient).run(child => {
        child.stdout!.on('data', (data: Buffer) => { if (data.includes('broke off')) void storage.put('k8s/replaced', after); });
      });
      expect([exit, log]).toEqual(['OK', expect.stringMatching(/412 ConditionNotMet for .*trying again/)]);
      expect(box.read('replaced') === after.toString()).toBe(true);
    });

    test('begin anew where the server knows no ranges', async () => {
      storage.door.misbehave(cut, { kind: 'rangeless' });
      const { exit, log } = await storage.ask(box, kubectl()).set(patient).run();
      expect([exit, log]).toEqual(['OK', expect.stringContaining('cannot continue what was cut')]);
      expect(storage.door.requests).toEqual([path, `${path} bytes=150000-`, path]);
      expect(box.read('kubectl') === KUBECTL.toString()).toBe(true);
    });

    test.each([['weak', 'W/"1"'], ['hostile', '"1\\"", --output "/tmp/x"']])('begin anew where the ETag is %s', async (_what, etag) => {
      storage.door.misbehave({ ...cut, etag });
      const { exit } = await storage.ask(box, kubectl()).set(patient).run();
      expect([exit, storage.door.requests]).toEqual(['OK', [path, path]]);
      expect(box.read('kubectl') === KUBECTL.toString()).toBe(true);
    });

    test('begin anew where the whole is not what it should be', async () => {
      storage.door.misbehave(cut, { kind: 'corrupt', at: 1000 });
      const { exit, log } = await storage.ask(box, kubectl()).set(patient).run();
      expect([exit, log]).toEqual(['OK', expect.stringContaining('Content-MD5 of what came')]);
      expect(storage.door.requests).toEqual([path, `${path} bytes=150000-`, path]);
    });

    test('are tried again although they came for longer than failures may last', async () => {
      storage.door.misbehave({ kind: 'stall', after: 1000 });
      const { exit } = await storage.ask(box, kubectl()).set({ PREPARE_RETRY_SECONDS: '1', PREPARE_STALL_SECONDS: '3' }).run();
      expect([exit, storage.door.requests.length]).toEqual(['OK', 2]);
    });
  });

  describe('are asked for', () => {
    // The pauses are 1, 2, 4 ... seconds: the second does not fit into 2.
    test.each([['once', '0', 1], ['twice', '2', 2]])('%s, where failures may last %s seconds', async (_what, seconds, times) => {
      storage.door.misbehave(...Array.from({ length: 5 }, () => ({ kind: 'status' as const, status: 503 })));
      const { exit } = await storage.ask(box, kubectl()).set({ PREPARE_RETRY_SECONDS: seconds }).run();
      expect([exit, storage.door.requests.length]).toEqual(['STORAGE_FAILED', times]);
    });

    test('until they stand still for as long as they may', async () => {
      storage.door.misbehave({ kind: 'stall', after: 1000 });
      const { exit, log } = await storage.ask(box, kubectl()).set({ PREPARE_STALL_SECONDS: '3' }).run();
      expect([exit, log]).toEqual(['NETWORK', expect.stringContaining('the last 3 seconds')]);
    });

    test('together again where several failed, the others once', async () => {
      storage.door.misbehave({ kind: 'status', status: 503 }, { kind: 'status', status: 503 });
      const { exit, log } = await storage.ask(box, ...['one', 'two', 'three'].map(name => ['-', '0755', 'keep', name, 'k8s/kubectl'])).set(patient).run();
      expect([exit, log]).toEqual(['OK', expect.stringContaining('for k8s/kubectl (and 1 more); trying again in 1 s')]);
      expect(storage.door.requests.length).toBe(5);
    });
  });

  describe('by a curl that cannot report on parallel transfers', () => {
    beforeEach(() => box.replaceProgram('curl', '[ "$*" != "--disable --version" ] || { echo "curl 7.61.1 (x86_64-redhat-linux-gnu)"; exit; }'));

    test('come all the same', async () => {
      const files = Array.from({ length: 20 }, (_unused, i) => [sha256(KUBECTL), '0644', 'keep', `file${i}`, 'k8s/kubectl']);
      const { exit } = await storage.ask(box, ...files).run();
      expect([exit, box.files().length, storage.door.requests.length]).toEqual(['OK', 21, 20]);
    });

    test('are continued where they were cut', async () => {
      storage.door.misbehave({ kind: 'cut', after: 150_000 });
      const { exit } = await storage.ask(box, kubectl()).set(patient).run();
      expect([exit, storage.door.requests.at(-1)]).toEqual(['OK', expect.stringContaining('bytes=150000-')]);
      expect(box.read('kubectl') === KUBECTL.toString()).toBe(true);
    });

    test('fail with a code', async () => {
      const { exit, log } = await storage.ask(box, ['-', '0644', 'keep', 'kubectl', 'k8s/absent']).set(patient).run();
      expect([exit, log]).toEqual(['BLOB_MISSING', expect.stringContaining("file 'kubectl': localhost")]);
    });
  });

  test('are checked by SHA-256 without openssl, too', async () => {
    const { exit } = await storage.ask(box.hidePrograms('openssl'), kubectl(sha256(KUBECTL))).run();
    expect(exit).toBe('OK');
    const other = await box.set({ PREPARE_FILES: kubectl('0'.repeat(64)).join('\t') }).run();
    expect([other.exit, other.log]).toEqual(['CHECKSUM', expect.stringContaining(`is ${sha256(KUBECTL)}, not`)]);
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

    test('a volume that is too small', async () => {
      storage.ask(box.withTinyContext(), kubectl());
      await expectFailure('NO_SPACE', 'give the volume more space');
    });

    test('a server that is not trusted', async () => {
      const url = storage.door.url.replace('localhost', '127.0.0.1'); // which its certificate does not name
      storage.ask(box, kubectl()).set({ PREPARE_STORAGE_URL: `${url}/${CONTAINER}` }).set(patient);
      await expectFailure('SERVER_NOT_TRUSTED', "file 'kubectl': the certificate of 127.0.0.1");
    });

    test('a curl that dies', async () => {
      box.replaceProgram('curl', 'case $* in *--parallel*) kill -9 $$ ;; esac');
      storage.ask(box, kubectl());
      await expectFailure('STORAGE_FAILED', "transfers ended with curl's exit code 137");
    });

    test('one of many', async () => {
      storage.ask(box, kubectl(), ['-', '0644', 'keep', 'second', 'k8s/absent'], ['-', '0644', 'keep', 'third', 'k8s/kubectl']);
      await expectFailure('BLOB_MISSING', "file 'second'");
    });
  });
});

// BusyBox' own shell always has sha256sum.
test('a SHA-256 is not left unchecked in an image that has no program for it', async () => {
  const box = new Sandbox(SHELLS[0][1]()).hidePrograms('openssl', 'sha256sum');
  try {
    const { exit, log } = await storage.ask(box, [sha256(KUBECTL), '0755', 'keep', 'kubectl', 'k8s/kubectl']).run();
    expect([exit, log]).toEqual(['TOOL_MISSING', expect.stringContaining('neither openssl nor sha256sum')]);
  } finally {
    box.remove();
  }
});
