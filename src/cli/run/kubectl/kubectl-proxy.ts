import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from './cluster-error';
import { clusterArguments, KubectlOptions, saidFor } from './kubectl';

/** Where a proxy listens; `path` comes before the API's own paths. */
export type Place = { readonly socketPath: string; readonly path: '' } | { readonly port: number; readonly path: string };

/** Becomes kubectl, and ends it when this process ends. */
const KEEPER = join(__dirname, '..', '..', '..', '..', 'assets', 'run', 'kubectl-proxy.sh');

/** The longest path of a socket that every system takes: macOS 103 bytes, Linux 107. https://man7.org/linux/man-pages/man7/unix.7.html */
const LONGEST_SOCKET_PATH = 103;

/** A proxy that ends again and again is not begun for ever. */
const MOST_STARTS = 5;

/** The end of what kubectl and its plugins print is kept, for messages. */
const KEPT_CHARACTERS = 4000;

/**
 * One `kubectl proxy` for all requests of a run: kubectl's start, its certificates and its login are paid once.
 *
 * Nobody else on the machine may use the user's rights by it: it listens on a socket in a folder that only the user
 * may enter. Node knows no such sockets on Windows; there it listens on a port of the loopback and answers only under
 * a path of 128 random bits, which stands in kubectl's command line, for administrators and the user alone to read.
 *
 * It ends with this process, however that ends: by `kubectl-proxy.sh`, and on Windows by the job object that Node puts
 * its children into. It does not get the Ctrl-C of the terminal, since what was made is removed after that.
 */
export class KubectlProxy {
  private starts = 0;
  private serving?: Promise<Place>;
  private ended = new ClusterError('kubectl proxy has been ended');
  private printed = '';
  private stop?: () => Promise<void>;
  private closed = false;

  /**
   * @param sockets whether Node can reach sockets that are files
   * @param temporary the folder for temporary files
   */
  public constructor(
    private readonly options: KubectlOptions, private readonly sockets = process.platform !== 'win32', private readonly temporary = tmpdir(),
  ) {}

  /**
   * Where it listens. It is started where it does not run; one that could not be is not tried again.
   *
   * @throws ClusterError
   */
  public async place(): Promise<Place> {
    if (this.serving === undefined) {
      if (this.closed || this.starts === MOST_STARTS) { throw this.ended; }
      this.starts++;
      this.serving = this.start();
    }
    return this.serving;
  }

  /** What kubectl and its plugins have said lately: of a login, perhaps. */
  public get said(): string {
    return saidFor(this.printed);
  }

  /** Ends it. */
  public async close(): Promise<void> {
    this.closed = true;
    await this.stop?.();
  }

  private async start(): Promise<Place> {
    const { child, place } = this.sockets ? this.spawnOnSocket() : this.spawnOnPort();
    const closed = new Promise<void>(resolve => {
      child.once('error', () => resolve());
      // Kubectl and the keeper alone hold that. Standard error may be held for ever by what a login has left behind, such as a browser.
      child.stdout.once('close', () => resolve());
    });
    this.stop = async () => {
      // The keeper waits for this. On Windows there is none, and it is kubectl that is ended.
      child.stdin.end();
      if (!this.sockets) { child.kill(); }
      await closed;
    };
    child.stdin.on('error', () => undefined); // a child that is gone reads nothing; its end is told by `exit`
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.printed = (this.printed + text).slice(-KEPT_CHARACTERS); });
    return new Promise((resolve, reject) => {
      let served = false;
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const [, where] = /^Starting to serve on (.+)\n/m.exec(output += text) ?? [];
        if (served || where === undefined) { return; }
        served = true;
        resolve(place(where));
      });
      child.once('error', (error: NodeJS.ErrnoException) => reject(new ClusterError(error.message, undefined, error.code === 'ENOENT')));
      child.once('exit', (code, signal) => {
        const how = `kubectl proxy ended with ${signal ?? `exit code ${code}`}`;
        this.ended = new ClusterError(served ? how : this.said || how, undefined, code === 127);
        if (served) {
          this.serving = undefined;
          child.stderr.destroy();
        } else {
          child.once('close', () => reject(this.ended));
        }
      });
    });
  }

  private spawnOnSocket(): { child: ChildProcessWithoutNullStreams; place: () => Place } {
    const folder = privateFolder(this.temporary);
    const socketPath = join(folder, 'api');
    const child = spawn('sh', [KEEPER, folder, 'kubectl', ...this.arguments(`--unix-socket=${socketPath}`)], { detached: true, env: process.env });
    child.once('error', () => rmSync(folder, { recursive: true, force: true }));
    return { child, place: () => ({ socketPath, path: '' }) };
  }

  private spawnOnPort(): { child: ChildProcessWithoutNullStreams; place: (where: string) => Place } {
    const path = `/${randomBytes(16).toString('hex')}`;
    const child = spawn('kubectl', this.arguments('--port=0', `--api-prefix=${path}/`), { windowsHide: true, env: process.env });
    return { child, place: where => ({ port: Number(where.split(':').at(-1)), path }) };
  }

  /** A server may have a path of its own, such as Rancher's; kubectl knows that option since 1.21. */
  private arguments(...listen: string[]): string[] {
    return [...clusterArguments(this.options), 'proxy', '--append-server-path', ...listen];
  }
}

/** A new folder that only the user may enter, with a path that leaves room for a socket's name. */
function privateFolder(temporary: string): string {
  const [parent] = [temporary, '/tmp'].filter(folder => Buffer.byteLength(join(folder, 'cdk-kaniko-XXXXXX', 'api')) <= LONGEST_SOCKET_PATH);
  try {
    return mkdtempSync(join(parent, 'cdk-kaniko-'));
  } catch (error) {
    throw new ClusterError(`there is no place for the socket of kubectl proxy: ${(error as Error).message}; name a folder that can be written to by TMPDIR`);
  }
}
