import { Sandbox } from './sandbox';
import { SHELLS } from './shells';

const FILE = ['-', '0644', 'keep', 'kubectl', 'k8s/kubectl'];
/** A line of PREPARE_FILES with some fields replaced. */
const file = (fields: Record<number, string>) => FILE.map((field, i) => fields[i] ?? field).join('\t');

describe.each(SHELLS)('settings in %s', (_, shell) => {
  let box: Sandbox;

  beforeEach(() => { box = new Sandbox(shell()); });
  afterEach(() => box.remove());

  const git = { PREPARE_GIT_URL: 'https://git.contoso.example/images', PREPARE_GIT_BRANCH: 'main' };
  test.each<[string, Record<string, string>, string]>([
    ['no context', { PREPARE_CONTEXT_DIR: '' }, 'PREPARE_CONTEXT_DIR'],
    ['a context that is the root', { PREPARE_CONTEXT_DIR: '/' }, 'PREPARE_CONTEXT_DIR'],
    ['a context that is not there', { PREPARE_CONTEXT_DIR: '/absent' }, 'PREPARE_CONTEXT_DIR'],
    ['a url without TLS', { ...git, PREPARE_GIT_URL: 'http://git.contoso.example/images' }, 'must begin with https://'],
    ['a url that git would run', { ...git, PREPARE_GIT_URL: 'ext::sh -c id' }, 'must begin with https://'],
    ['a url with a user', { ...git, PREPARE_GIT_URL: 'https://me:hunter2@git.contoso.example/images' }, 'give credentials by a Secret'],
    ['a url with a space', { ...git, PREPARE_GIT_URL: 'https://git.contoso.example/my images' }, 'write spaces as %20'],
    ['a url without a host', { ...git, PREPARE_GIT_URL: 'https:///images' }, 'has no host'],
    ['a url with a new line', { ...git, PREPARE_GIT_URL: 'https://git.contoso.example/images\n[core]' }, 'PREPARE_GIT_URL'],
    ['a url with a quote', { ...git, PREPARE_GIT_URL: 'https://git.contoso.example/"]' }, 'PREPARE_GIT_URL'],
    ['a branch and a tag', { ...git, PREPARE_GIT_TAG: 'v1' }, 'exactly one of'],
    ['no branch', { ...git, PREPARE_GIT_BRANCH: '' }, 'exactly one of'],
    ['a short commit', { ...git, PREPARE_GIT_BRANCH: '', PREPARE_GIT_COMMIT: 'abc1234' }, '40 hexadecimal digits'],
    ['a commit that is an option', { ...git, PREPARE_GIT_BRANCH: '', PREPARE_GIT_COMMIT: '--upload-pack=id' }, '40 hexadecimal digits'],
    ['a flag that is neither', { ...git, PREPARE_GIT_LFS: 'yes' }, "PREPARE_GIT_LFS must be true or false, got 'yes'"],
    ['another authentication', { ...git, PREPARE_GIT_AUTH: 'kerberos' }, 'PREPARE_GIT_AUTH'],
    ['a time in words', { PREPARE_RETRY_SECONDS: '2m' }, 'PREPARE_RETRY_SECONDS'],
    ['a time that is octal', { PREPARE_STALL_SECONDS: '010' }, 'PREPARE_STALL_SECONDS'],
    ['a time without an end', { PREPARE_RETRY_SECONDS: '9'.repeat(20) }, 'at most 999999'],
    ['a Dockerfile elsewhere', { PREPARE_DOCKERFILE: '../Dockerfile' }, 'PREPARE_DOCKERFILE'],
    ['files without a storage', { PREPARE_FILES: file({}) }, 'without PREPARE_STORAGE_URL'],
    ['a storage without a container', { PREPARE_STORAGE_URL: 'https://a.blob.core.windows.net', PREPARE_FILES: file({}) }, 'must name a container'],
    ['a storage with a path', { PREPARE_STORAGE_URL: 'https://a.blob.core.windows.net/bin/k8s', PREPARE_FILES: file({}) }, 'must end with the container'],
    ['a storage with a signature', { PREPARE_STORAGE_URL: 'https://a.blob.core.windows.net/bin?sig=hunter2', PREPARE_FILES: file({}) }, 'a query'],
  ])('refuses %s', async (_what, settings, message) => {
    const { exit, log, termination } = await box.set(settings).run();
    expect([exit, log]).toEqual(['BAD_SETTING', expect.stringContaining(message)]);
    expect(termination).toContain(message);
    expect(log + termination).not.toContain('hunter2');
  });

  test.each([
    ['a short SHA-256', file({ 0: 'abc' }), 'SHA-256'],
    ['a SHA-256 that is none', file({ 0: 'g'.repeat(64) }), 'SHA-256'],
    ['a mode with setuid', file({ 1: '4755' }), "the mode must be 0644 or 0755, got '4755'"],
    ['another policy', file({ 2: 'replace' }), 'keep or overwrite'],
    ['a name elsewhere', file({ 3: '../kubectl' }), 'the name'],
    ['an absolute name', file({ 3: '/etc/passwd' }), 'the name'],
    ['a name in .git', file({ 3: '.git/config' }), 'the name'],
    ['no path', file({ 4: '' }), "the blob's path"],
    ['a path elsewhere', file({ 4: 'k8s/../../other/kubectl' }), "the blob's path"],
    ['a path elsewhere, encoded', file({ 4: 'k8s/%2e%2E/kubectl' }), "the blob's path"],
    ['a path with a query', file({ 4: 'kubectl?comp=acl' }), 'percent-encoded'],
    ['a path with a space', file({ 4: 'my kubectl' }), 'percent-encoded'],
    ['two files of one name', `${file({})}\n${file({})}`, "line 2: two files have the name 'kubectl'"],
    ['too few fields', 'kubectl', 'PREPARE_FILES, line 1'],
  ])('refuses a file with %s', async (_what, files, message) => {
    const { exit, log } = await box.set({ PREPARE_STORAGE_URL: 'https://a.blob.core.windows.net/bin', PREPARE_FILES: files }).run();
    expect([exit, log]).toEqual(['BAD_SETTING', expect.stringContaining(message)]);
  });

  test.each([
    ['git', git],
    ['curl', { ...git, PREPARE_GIT_AUTH: 'workload-identity' }],
    ['curl', { PREPARE_STORAGE_URL: 'https://a.blob.core.windows.net/bin', PREPARE_FILES: file({}) }],
  ])('names %s where the image lacks it', async (program, settings) => {
    const { exit, log } = await box.hidePrograms(program).set(settings as Record<string, string>).run();
    expect([exit, log]).toEqual(['TOOL_MISSING', expect.stringContaining(`has no ${program};`)]);
  });

  test('prepares a volume that somebody else has filled', async () => {
    box.write('context/app/Dockerfile', 'FROM scratch');
    box.makeWritable();
    const { exit, log, termination } = await box.set({ PREPARE_DIRECTORY: 'app', PREPARE_DOCKERFILE: 'Dockerfile' }).run();
    expect([exit, box.files()]).toEqual(['OK', ['app/Dockerfile', 'app/certs/ca-certificates.crt']]);
    expect(log.trim().split('\n')).toEqual([
      'prepare-context: trust: joining the authorities ...',
      expect.stringMatching(/^prepare-context: trust: \d+ authorities, 0 mounted files \(\d+\.\d s\)$/),
      'prepare-context: dockerfile: instructions by stage: 0',
      expect.stringMatching(/^prepare-context: done in \d+\.\d s$/),
    ]);
    expect(termination).toMatch(/done in/);
  });

  test.each([
    ['comments, empty lines, small letters', 'ARG A\n# x\nfrom debian\n\n  run true\n#RUN false\nCOPY . .\n', '2'],
    ['stages', 'FROM a AS b\nRUN x\nFROM c\nFROM b\nRUN x\nUSER y\n', '1 0 2'],
    ['continued instructions, with comments within', 'FROM a\nRUN x && \\\n  # why\n\n  RUN y \\ \n  z\nUSER y', '2'],
    ['Windows\' line ends', 'FROM a\r\nRUN x \\\r\n  y\r\nUSER y\r\n', '2'],
    ['another escape', '# escape=`\nFROM a\nRUN x `\n  y\nCOPY a C:\\\nUSER y\n', '3'],
    ['here-documents', 'FROM a\nRUN <<EOF\nRUN x\nFROM y\nEOF\nCOPY <<-"A" <<B /x/\nUSER 1\n\tA\nUSER 2\nB\nUSER y\n', '3'],
    ['a here-document of a continued instruction', 'FROM a\nRUN cat <<E && \\\n  true\nUSER x\nE\nUSER y\n', '2'],
    ['a shift that is no here-document', 'FROM a\nRUN echo $((1<<3))\nUSER y\n', '2'],
  ])('counts the instructions of a Dockerfile with %s', async (_what, dockerfile, counts) => {
    box.write('context/Dockerfile', dockerfile);
    box.makeWritable();
    const { log } = await box.set({ PREPARE_DOCKERFILE: 'Dockerfile' }).run();
    expect(log).toContain(`prepare-context: dockerfile: instructions by stage: ${counts}\n`);
  });

  test('ends without secrets left behind where it is told to end', async () => {
    const { exit } = await box.set({ ...git, PREPARE_GIT_URL: 'https://localhost:1/images', PREPARE_RETRY_SECONDS: '60' }).run(child => {
      child.stdout!.on('data', (data: Buffer) => { if (data.includes('trying again')) child.kill('SIGTERM'); });
    });
    expect([exit, box.left()]).toEqual(['143', []]);
  });
});
