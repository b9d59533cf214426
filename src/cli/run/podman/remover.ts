/** What removes a pod when nobody waits for it any more, however this program ends: `assets/remove-pod.sh`. */
import { ChildProcessByStdio, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';

const PROGRAM = join(__dirname, '..', '..', '..', '..', 'assets', 'remove-pod.sh');

export class Remover {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly ended: Promise<void>;

  /**
   * From now on the end of this program removes everything.
   *
   * @param podman the program
   * @param folder the folder with the Secrets' files
   * @param label that of the pod and its volumes; without one they stay
   */
  public constructor(podman: string, folder: string, label?: string) {
    // Detached: Ctrl-C must not reach it.
    this.process = spawn('sh', [PROGRAM, podman, folder, ...label === undefined ? [] : [label]], {
      detached: true, stdio: ['pipe', 'pipe', 'ignore'], env: process.env,
    });
    // A shell that is gone reads nothing; its end is told by `ended`.
    this.process.stdin.on('error', () => undefined);
    let said = '';
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => { said += text; });
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', code => code === 0 ? resolve() : reject(new Error(said.trim() || `exit code ${code}`)));
    });
    this.ended.catch(() => undefined); // awaited by `remove`, or by nobody
    this.handles.forEach(handle => handle.unref()); // it outlives this program, which need not wait
  }

  /** Removes everything now. @throws Error with what podman says where it cannot */
  public async remove(): Promise<void> {
    this.handles.forEach(handle => handle.ref());
    this.process.stdin.end('remove\n');
    return this.ended;
  }

  private get handles(): ReadonlyArray<{ ref(): unknown; unref(): unknown }> {
    return [this.process, this.process.stdin as unknown as Socket, this.process.stdout as unknown as Socket];
  }
}
