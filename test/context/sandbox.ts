import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Exit } from './exit-codes';
import { Shell } from './shells';

const PROGRAM = join(__dirname, '../../assets/prepare-context');
/** The user of the init container; only root can become it. */
const USER: { uid?: number; gid?: number } = process.getuid!() === 0 ? { uid: 65532, gid: 65532 } : {};

export interface Outcome {
  /** The exit code, by its name where it has one. */
  readonly exit: string;
  /** What it printed, standard output and standard error. */
  readonly log: string;
  /** What the pod's status would show. */
  readonly termination: string;
}

/** The folders that the pod gives to the init container, and the script in it. */
export class Sandbox {
  public readonly root = mkdtempSync(join(tmpdir(), 'prepare-context-test-'));
  public readonly context = this.folder('context', 0o777);
  public readonly trust = this.folder('trust', 0o777);
  public readonly apt = this.folder('apt', 0o777);
  public readonly tmp = this.folder('tmp', 0o777);
  private readonly script = join(this.root, 'program/prepare-context.sh');
  private readonly variables: Record<string, string> = {};
  private tinyContext = false;

  public constructor(private readonly shell: Shell) {
    chmodSync(this.root, 0o755);
    cpSync(PROGRAM, join(this.root, 'program'), { recursive: true });
    this.set({
      PREPARE_CONTEXT_DIR: this.context,
      PREPARE_TRUST_DIR: this.trust,
      PREPARE_TERMINATION_LOG: join(this.tmp, 'termination-log'),
      PREPARE_RETRY_SECONDS: '0',
    });
  }

  /** Sets variables of the script. */
  public set(variables: Record<string, string>): this {
    Object.assign(this.variables, variables);
    return this;
  }

  /** Writes a file into the sandbox. @returns its absolute path */
  public write(path: string, content: string | Buffer): string {
    const absolute = join(this.root, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    return absolute;
  }

  /** Makes an image that lacks programs: PATH becomes a folder of links to all others. */
  public hidePrograms(...names: string[]): this {
    const folder = this.folder('bin', 0o755);
    for (const from of this.shell.path.split(':').filter(existsSync)) {
      for (const program of readdirSync(from)) {
        const link = join(folder, program);
        if (!names.includes(program) && !existsSync(link)) symlinkSync(join(from, program), link);
      }
    }
    return this.set({ PATH: folder });
  }

  /** Lets a program begin with some lines of shell. */
  public replaceProgram(name: string, lines: string): this {
    const folder = this.folder('replaced', 0o755);
    const program = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\nexec ${program} "$@"\n`, { mode: 0o755 });
    return this.set({ PATH: `${folder}:${this.shell.path}` });
  }

  /** Hands what was written into a folder to the user that the script runs as. */
  public makeWritable(folder = this.context): void {
    if (USER.uid !== undefined) execFileSync('chown', ['-R', `${USER.uid}:${USER.gid}`, folder]);
  }

  /** Gives the script a volume for the context that holds a few kilobytes. Nobody else sees what lies there. */
  public withTinyContext(): this {
    this.tinyContext = true;
    return this;
  }

  /** Mounts an authority the way that a ConfigMap is mounted. */
  public mountAuthority(pem: string, key = 'ca.crt'): this {
    this.write(`certificates/1/${key}`, pem);
    return this.set({ PREPARE_CERTIFICATES_DIR: join(this.root, 'certificates') });
  }

  /** Runs the script to its end. @param during is called with the process once it runs */
  public async run(during: (child: ChildProcess) => void = () => undefined): Promise<Outcome> {
    const [command, ...args] = [...this.tinyContext ? this.mountTinyContext() : [], ...this.shell.command, this.script];
    const child = spawn(command, args, {
      cwd: '/',
      env: { PATH: this.shell.path, HOME: this.tmp, TMPDIR: this.tmp, ...this.variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...this.tinyContext ? {} : USER, // who mounts must be root, and becomes the user then
    });
    let log = '';
    child.stdout!.on('data', (data: Buffer) => { log += data.toString('utf8'); });
    child.stderr!.on('data', (data: Buffer) => { log += data.toString('utf8'); });
    during(child);
    const code = await new Promise<number>(resolve => child.once('close', status => resolve(status ?? -1)));
    const termination = join(this.tmp, 'termination-log');
    return {
      exit: code === 0 ? 'OK' : Exit[code] ?? String(code),
      log,
      termination: existsSync(termination) ? readFileSync(termination, 'utf8') : '',
    };
  }

  /** The content of a file in the context. */
  public read(path: string): string {
    return readFileSync(join(this.context, path), 'utf8');
  }

  /** The permission bits of a path in the context. */
  public mode(path: string): string {
    return (statSync(join(this.context, path)).mode & 0o7777).toString(8).padStart(4, '0');
  }

  /** All files in the context but those of git, sorted. */
  public files(): string[] {
    const list = (folder: string, prefix: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
      entry.name === '.git' && prefix === '' ? [] :
        entry.isDirectory() ? list(join(folder, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]);
    return list(this.context, '').sort();
  }

  /** What is left in the in-memory folder beside the termination message. */
  public left(): string[] {
    return readdirSync(this.tmp).filter(name => name !== 'termination-log');
  }

  public remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** The beginning of a command that runs with the small volume, in a mount namespace of its own. */
  private mountTinyContext(): string[] {
    const user = USER.uid === undefined ? [] : ['/usr/bin/setpriv', `--reuid=${USER.uid}`, `--regid=${USER.gid}`, '--clear-groups'];
    return ['/usr/bin/unshare', '--mount', ...USER.uid === undefined ? ['--map-root-user'] : [], 'sh', '-c',
      'mount -t tmpfs -o size=64k,mode=0777 tmpfs "$PREPARE_CONTEXT_DIR" && exec "$@"', 'sh', ...user];
  }

  private folder(name: string, mode: number): string {
    const path = join(this.root, name);
    mkdirSync(path);
    chmodSync(path, mode);
    return path;
  }
}
