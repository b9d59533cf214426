/** Binary files, beside one curl that gets the same. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Benchmark, Outcome, ratio, Table } from './benchmark';
import { inFolder, Sample, takeTurns, Way } from './measure';
import { keystream, prepare, PREPARE_PROGRAMS, timed } from './prepare';
import { missing } from './requirements';
import { Identity } from '../test/context/world';
import { Authority, HttpsServer } from '../test/servers';

const FILES = 20;
const FILE_BYTES = 20 * 1000 * 1000;
const PACE = 125_000; // bytes a millisecond, over all connections
/** The authorities of this machine, which an image has too. */
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** When the line is free for the next piece, in milliseconds. */
let lineFree = 0;

/** Sends as over one line that all answers share. */
async function sendPaced(content: Buffer, response: ServerResponse): Promise<void> {
  for (let sent = 0; sent < content.length; sent += PACE * 2) {
    const piece = content.subarray(sent, sent + PACE * 2);
    const at = Math.max(lineFree, performance.now());
    lineFree = at + piece.length / PACE;
    await setTimeout(at - performance.now());
    if (!response.write(piece)) { await once(response, 'drain'); }
  }
  response.end();
}

/** A server of the files: at once below `/fast`, as over a slow line below `/line`. */
class FileServer {
  public static async start(authority: Authority): Promise<FileServer> {
    const content = keystream(FILE_BYTES);
    const md5 = createHash('md5').update(content).digest('base64');
    const https = await HttpsServer.start((request, response) => {
      response.writeHead(200, { 'content-length': content.length, 'content-md5': md5 });
      return request.url!.startsWith('/line/') ? sendPaced(content, response) : void response.end(content);
    }, { tls: authority.issue('localhost') });
    return new FileServer(https, createHash('sha256').update(content).digest('hex'), await Identity.start(authority), authority);
  }

  private constructor(
    private readonly https: HttpsServer, private readonly sha256: string, private readonly identity: Identity, private readonly authority: Authority,
  ) {}

  /** By the init container's program. */
  public ours(container: string, checked: 'SHA-256' | 'MD5'): Way {
    const digest = checked === 'SHA-256' ? this.sha256 : '-';
    return async () => ({
      time: await prepare(this.authority, box => {
        this.identity.inject(box);
        box.set({
          PREPARE_STORAGE_URL: `${this.https.url}/${container}`,
          PREPARE_FILES: Array.from({ length: FILES }, (_, i) => [digest, '0755', 'keep', `file-${i}`, `file-${i}`].join('\t')).join('\n'),
        });
      }),
    });
  }

  /** By one curl that trusts these authorities. */
  public curl(container: string, authorities: string): Way {
    return () => inFolder(async (folder): Promise<Sample> => {
      writeFileSync(join(folder, 'ca.pem'), authorities);
      const files = Array.from({ length: FILES }, (_, i) => ['--output', join(folder, `file-${i}`), `${this.https.url}/${container}/file-${i}`]);
      const options = ['--silent', '--show-error', '--no-progress-meter', '--cacert', join(folder, 'ca.pem'), '--parallel'];
      return { time: await timed('curl', [...options, ...files.flat()], {}) };
    });
  }

  public async close(): Promise<void> {
    await this.https.close();
    await this.identity.server.close();
  }
}

async function table(title: string, ways: Readonly<Record<string, Way>>, runs: number): Promise<Table> {
  return { title, baseline: 'curl --parallel', measures: [{ name: 'time', unit: 's' }], rows: await takeTurns(title, ways, { runs }), plot: 'bars' };
}

export const downloads: Benchmark = {
  name: 'downloads',
  title: 'Binary files',
  about: 'The whole init container, with the exchange of its token, certificates and checksums, beside one `curl --parallel` that does nothing but get ' +
    'the same files and trusts the same authorities, those of the image and the company\'s. A server in Node sends them over TLS from memory, without ' +
    'authentication: it is the same for both, and leaves a processor of two to the client, where a storage account would leave all.',
  problems: () => missing(PREPARE_PROGRAMS),
  async run({ runs = 9 }): Promise<Outcome> {
    const authority = Authority.create();
    const server = await FileServer.start(authority);
    const joined = readFileSync(BUNDLE, 'utf8') + authority.certificate;
    try {
      const fast = await table(`${FILES} files of ${FILE_BYTES / 1e6} MB, as fast as this machine can`, {
        'ours, checked by SHA-256': server.ours('fast', 'SHA-256'),
        'ours, checked by MD5': server.ours('fast', 'MD5'),
        'curl --parallel': server.curl('fast', joined),
        'curl --parallel, which trusts that server alone': server.curl('fast', authority.certificate),
      }, runs);
      const line = await table(`The same over a line of ${PACE * 8 / 1e6} Gbit/s`, {
        'ours, checked by SHA-256': server.ours('line', 'SHA-256'), 'curl --parallel': server.curl('line', joined),
      }, Math.max(3, Math.ceil(runs / 3)));
      return {
        tables: [fast, line],
        goals: [fast, line].map(of => ({ name: `time, ${of.title}, ours / curl --parallel`, value: ratio(of, of.title, 'time', 'ours, checked by SHA-256'), atMost: 1.3 })),
        versions: { curl: execFileSync('curl', ['--version'], { encoding: 'utf8' }).split(' ')[1] },
      };
    } finally {
      await server.close();
    }
  },
};
