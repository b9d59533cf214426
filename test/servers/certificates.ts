import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server's private key and its certificate, both PEM. */
export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

/**
 * A private certificate authority, as a company runs one: nothing trusts it until it is told to.
 *
 * Made by the `openssl` program, because Node can read certificates but not write them.
 */
export class Authority {
  /** @param name the common name that certificates show as their issuer */
  public static create(name = 'Contoso Test Authority'): Authority {
    return inTemporaryFolder(folder => {
      openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
        '-keyout', 'ca.key', '-out', 'ca.pem');
      return new Authority(readFileSync(join(folder, 'ca.pem'), 'utf8'), readFileSync(join(folder, 'ca.key'), 'utf8'));
    });
  }

  private constructor(
    /** The authority's own certificate, PEM: what a client has to trust. */
    public readonly certificate: string,
    private readonly key: string,
  ) {}

  /**
   * A key and a certificate for a server.
   * @param names host names and addresses that the certificate is valid for, at least one
   */
  public issue(...names: string[]): TlsFiles {
    return inTemporaryFolder(folder => {
      writeFileSync(join(folder, 'ca.pem'), this.certificate);
      writeFileSync(join(folder, 'ca.key'), this.key, { mode: 0o600 });
      const alternatives = names.map(name => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
      writeFileSync(join(folder, 'extensions'), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth\n`);
      openssl(folder, 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${names[0]}`,
        '-keyout', 'server.key', '-out', 'server.csr');
      openssl(folder, 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2',
        '-extfile', 'extensions', '-out', 'server.pem');
      return { key: readFileSync(join(folder, 'server.key'), 'utf8'), cert: readFileSync(join(folder, 'server.pem'), 'utf8') };
    });
  }
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
