import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';

const SOURCE = 'deb [trusted=yes] https://registry.contoso.example/artifactory/debian bookworm main';

describe.each(SHELLS)('apt in %s', (_, shell) => {
  let box: Sandbox;
  const written = (path: string) => readFileSync(join(box.apt, path), 'utf8');

  beforeEach(() => {
    box = new Sandbox(shell());
    box.write('apt-credentials/username', 'builder\n');
    box.write('apt-credentials/password', 'p$a`s"s\\w%sord\n');
    box.set({ PREPARE_APT_SOURCES: SOURCE, PREPARE_APT_DIR: box.apt, PREPARE_APT_CREDENTIALS_DIR: join(box.root, 'apt-credentials') });
  });
  afterEach(() => box.remove());

  test('gets sources, credentials and authorities, readable for the user that apt becomes', async () => {
    const { exit, log } = await box.run();
    expect(exit).toBe('OK');
    expect(written('sources.list.d/mirror.list')).toBe(`${SOURCE}\n`);
    expect(written('sources.list')).toBe('');
    expect(written('auth.conf.d/mirror.conf')).toBe('machine registry.contoso.example\nlogin builder\npassword p$a`s"s\\w%sord\n');
    expect(written('apt.conf.d/90mirror')).toBe(`Acquire::https::CAInfo "${box.trust}/ca-certificates.crt";\n`);
    expect(statSync(join(box.apt, 'auth.conf.d/mirror.conf')).mode & 0o777).toBe(0o644);
    expect(log).not.toContain('p$a');
  });

  test('gets one entry a host, with its port', async () => {
    await box.set({ PREPARE_APT_SOURCES: `${SOURCE}\n${SOURCE.replace('main', 'contrib')}\ndeb-src https://mirror.contoso.example:8443/debian bookworm main` }).run();
    expect(written('auth.conf.d/mirror.conf').match(/^machine .*$/gm)).toEqual(['machine mirror.contoso.example:8443', 'machine registry.contoso.example']);
  });

  test('needs no credentials', async () => {
    const { exit } = await box.set({ PREPARE_APT_CREDENTIALS_DIR: '' }).run();
    expect([exit, written('auth.conf.d/mirror.conf')]).toEqual(['OK', '']);
  });

  test('gets nothing where no sources are given', async () => {
    await box.set({ PREPARE_APT_SOURCES: '' }).run();
    expect(readdirSync(box.apt)).toEqual([]);
  });

  test('can be written twice', async () => {
    await box.run();
    expect((await box.run()).exit).toBe('OK');
  });

  test.each([
    ['credentials in the url', 'deb https://builder:hunter2@registry.contoso.example/debian bookworm main', 'credentials in its url'],
    ['a url without TLS', 'deb http://registry.contoso.example/debian bookworm main', 'must begin with https://'],
    ['a line of another form', 'Types: deb', 'is not of the form'],
    ['no suite', 'deb https://registry.contoso.example/debian', 'is not of the form'],
    ['a bad second line', `${SOURCE}\ndeb https:// bookworm main`, 'line 2 has no valid host'],
  ])('refuses %s', async (_what, sources, message) => {
    const { exit, log, termination } = await box.set({ PREPARE_APT_SOURCES: sources }).run();
    expect([exit, log]).toEqual(['APT_INVALID', expect.stringContaining(message)]);
    expect(log + termination).not.toContain('hunter2');
  });

  test.each([
    ['a password with a space in it', 'two words', 'white space'],
    ['a password of two lines', 'one\ntwo', 'white space'],
    ['no password', '', "no key 'password'"],
  ])('refuses %s', async (_what, password, message) => {
    box.write('apt-credentials/password', password);
    const { exit, log } = await box.run();
    expect([exit, log]).toEqual(['APT_INVALID', expect.stringContaining(message)]);
  });
});
