import { readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { Authority } from '../servers';

const own = Authority.create('Contoso Root').certificate;
const second = Authority.create('Contoso Second').certificate;

describe.each(SHELLS)('trust in %s', (_, shell) => {
  let box: Sandbox;
  const bundle = () => readFileSync(join(box.trust, 'ca-certificates.crt'), 'utf8');

  beforeEach(() => { box = new Sandbox(shell()); });
  afterEach(() => box.remove());

  test('joins the mounted authorities with those of the image, for kaniko and for the Dockerfile', async () => {
    const { exit } = await box.mountAuthority(own).mountAuthority(second, 'second.pem').run();
    expect(exit).toBe('OK');
    for (const authorities of [readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8'), own, second]) expect(bundle()).toContain(authorities.trim());
    expect(box.read('certs/ca-certificates.crt')).toBe(bundle());
    expect([box.mode('certs/ca-certificates.crt'), statSync(join(box.trust, 'ca-certificates.crt')).mode & 0o777]).toEqual(['0644', 0o644]);
  });

  test('is that of the image where nothing is mounted, so that a Dockerfile that copies it builds', async () => {
    const { exit } = await box.run();
    expect(exit).toBe('OK');
    expect(box.read('certs/ca-certificates.crt')).toContain('-----BEGIN CERTIFICATE-----');
  });

  test('leaves the repository\'s own bundle where nothing is mounted', async () => {
    box.write('context/certs/ca-certificates.crt', 'of the repository');
    await box.run();
    expect(box.read('certs/ca-certificates.crt')).toBe('of the repository');
  });

  test('reads a volume as Kubernetes mounts it, by links, and takes each authority once', async () => {
    box.mountAuthority(own).write('certificates/1/..2026/linked.crt', second);
    symlinkSync('..2026', join(box.root, 'certificates/1/..data'));
    symlinkSync('..data/linked.crt', join(box.root, 'certificates/1/linked.crt'));
    await box.run();
    expect(bundle().split(second.trim()).length - 1).toBe(1);
  });

  test('takes files with the ends of lines of Windows and with text between', async () => {
    const { exit } = await box.mountAuthority(`Contoso Root\r\n${own.replace(/\n/g, '\r\n')}# comment\r\n${second}`).run();
    expect(exit).toBe('OK');
    expect(bundle()).toContain(own.trim());
    expect(bundle()).not.toMatch(/\r|Contoso Root|comment/);
  });

  const cut = own.split('\n').filter((_line, i) => i !== 3).join('\n');
  test.each([
    ['no PEM', 'not a certificate', 'no certificate in PEM form'],
    ['an empty file', '', 'no certificate in PEM form'],
    ['a certificate without an end', own.replace(/-----END[^]*/, ''), 'has no end'],
    ['a certificate that lost a line', cut, 'cut or damaged'],
    ['no base64', own.replace(/\n[A-Za-z0-9]{4}/, '\n!!!!'), 'not base64'],
    ['a private key', `${own}-----BEGIN PRIVATE KEY-----\nSECRETKEY\n-----END PRIVATE KEY-----\n`, 'a private key does not belong here'],
  ])('refuses %s', async (_what, pem, message) => {
    const { exit, log, termination } = await box.mountAuthority(pem, 'bad.crt').run();
    expect([exit, log]).toEqual(['CERTIFICATE_INVALID', expect.stringContaining(message)]);
    expect(log).toContain('certificates/1/bad.crt');
    expect(log + termination).not.toContain('SECRETKEY');
  });

  test('refuses a mount without a certificate', async () => {
    box.write('certificates/1/.hidden', own);
    const { exit } = await box.set({ PREPARE_CERTIFICATES_DIR: join(box.root, 'certificates') }).run();
    expect(exit).toBe('CERTIFICATE_INVALID');
  });
});
