/** A Debian repository over https that wants a user and a password, with one package that exists nowhere else. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { Authority } from '../../servers/certificates';
import { HttpsServer } from '../../servers/https-server';
import { PACKAGES } from '../cluster/addresses';
import { currentSandbox } from '../sandbox';
import { Login } from './registry';

/** The package: a program that greets. */
export const PACKAGE = { name: 'contoso-hello', program: 'usr/bin/contoso-hello', greeting: 'Hello from Contoso' };

const PATH = '/artifactory/remote-debian/debian';

export class Packages {
  /** What a line of apt's sources names. */
  public static readonly URL = `https://${PACKAGES.name}${PATH}`;

  public static async start(authority: Authority, login: Login): Promise<Packages> {
    const root = join(currentSandbox().folder, 'packages');
    makeRepository(root);
    const packages = new Packages();
    const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    await HttpsServer.start((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url!, Packages.URL).pathname));
      const allowed = request.headers.authorization === expected;
      packages.requests.push({ path, allowed });
      const file = join(root, path.slice(PATH.length));
      if (!allowed) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end();
      } else if (!path.startsWith(`${PATH}/`) || !existsSync(file) || !statSync(file).isFile()) {
        response.writeHead(404).end();
      } else {
        response.writeHead(200, { 'content-length': statSync(file).size }).end(readFileSync(file));
      }
    }, { address: PACKAGES.address, port: 443, tls: authority.issue(PACKAGES.name) });
    return packages;
  }

  /** What was asked for, and whether with the right password. */
  public readonly requests: Array<{ readonly path: string; readonly allowed: boolean }> = [];
  private constructor() {}
}

/** https://wiki.debian.org/DebianRepository/Format: one suite, unsigned. */
function makeRepository(root: string): void {
  const source = join(root, 'source');
  write(join(source, 'DEBIAN/control'), [`Package: ${PACKAGE.name}`, 'Version: 1.0', 'Architecture: all', 'Maintainer: Contoso <apt@contoso.example>',
    'Description: greets', ''].join('\n'));
  write(join(source, PACKAGE.program), `#!/bin/sh\necho ${PACKAGE.greeting}\n`);
  chmodSync(join(source, PACKAGE.program), 0o755);
  const file = `pool/${PACKAGE.name}_1.0_all.deb`;
  mkdirSync(join(root, 'pool'));
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', source, join(root, file)], { stdio: ['ignore', 'ignore', 'pipe'] });

  const fields = execFileSync('dpkg-deb', ['--field', join(root, file)], { encoding: 'utf8' }).trim();
  const index = `${fields}\nFilename: ${file}\nSize: ${statSync(join(root, file)).size}\nSHA256: ${sha256(readFileSync(join(root, file)))}\n`;
  write(join(root, 'dists/bookworm/main/binary-amd64/Packages'), index);
  write(join(root, 'dists/bookworm/Release'), ['Origin: Contoso', 'Suite: bookworm', 'Codename: bookworm', 'Components: main', 'Architectures: amd64',
    'Date: Thu, 01 Jan 2026 00:00:00 UTC', 'SHA256:', ` ${sha256(Buffer.from(index))} ${index.length} main/binary-amd64/Packages`, ''].join('\n'));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function write(path: string, content: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
}
