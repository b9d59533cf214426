/**
 * Where a run happens: in mount, network and process namespaces of its own. The kernel takes back what is in them
 * when their first process ends, however it ends. So a run cannot leave a process, mount, bridge or packet filter rule
 * behind, cannot meet another run, and has no way out to other networks.
 *
 * Two things are in no namespace: a folder and control groups. They carry the run's process id in their names; a run
 * removes its own, and those of runs that were killed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { AddressInfo, connect, createServer, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BRIDGE } from './cluster/addresses';

const PREFIX = 'cdk-kaniko-e2e-';
const FOLDERS = '/var/tmp';
const CONTROL_GROUPS = '/sys/fs/cgroup';

/** What a run has outside of its namespaces. */
export interface Sandbox {
  /** Everything that the run writes. */
  readonly folder: string;
  /** The control group of the run's containers, as the kubelet names it. */
  readonly controlGroup: string;
  /** `127.0.0.1:<gatePort>` on the machine leads to the address that `openGate` was given inside. */
  readonly gatePort: number;
}

/**
 * Runs a program of Node's in a new sandbox.
 * @param inspect is given the sandbox when the program has ended, before everything is removed
 * @returns the program's exit code, 130 where it was interrupted, 1 where something of it is left
 */
export async function runInSandbox(script: string, args: readonly string[], inspect: (sandbox: Sandbox) => void): Promise<number> {
  await removeLeftovers();
  const name = `${PREFIX}${process.pid}`;
  const folder = join(FOLDERS, name);
  mkdirSync(join(folder, 'tmp'), { recursive: true, mode: 0o700 });
  hierarchies().forEach(hierarchy => mkdirSync(join(hierarchy, name)));
  const gate = await listenForGate(folder);
  const sandbox: Sandbox = { folder, controlGroup: `/${name}`, gatePort: (gate.address() as AddressInfo).port };

  // setpriv: if this process is killed, the kernel kills unshare too, and --kill-child then the whole namespace.
  // sh: the first process of a process namespace has to reap what is orphaned in it, which Node does not.
  const program = spawn('setpriv', [
    '--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc',
    'sh', '-c', '"$@"; exit $?', 'sandbox', process.execPath, ...process.execArgv, script, ...args,
  ], {
    detached: true, // Ctrl-C is for this process, which then ends the namespace as a whole
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TMPDIR: join(folder, 'tmp'), E2E_SANDBOX: JSON.stringify(sandbox) },
  });
  const stop = () => program.kill('SIGKILL');
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  signals.forEach(signal => process.on(signal, stop));
  const code = await new Promise<number>((resolve, reject) => {
    program.once('error', reject).once('exit', status => resolve(status ?? 130));
  });
  inspect(sandbox);
  gate.close();
  await remove(name);
  signals.forEach(signal => process.off(signal, stop));
  const left = leftovers(name);
  console.log(`left behind: ${left.join(', ') || 'no process, mount, bridge, control group or folder'}`);
  return left.length === 0 ? code : 1;
}

/** What of a run is still there although it has ended. */
function leftovers(name: string): string[] {
  const folder = join(FOLDERS, name);
  const own = readlinkSync('/proc/self/ns/mnt');
  const users = readdirSync('/proc').filter(id => /^\d+$/.test(id)).flatMap(id => {
    try {
      // Every process of the sandbox sees what is mounted from the folder, and so does the machine if a mount got out.
      if (!readFileSync(join('/proc', id, 'mountinfo'), 'utf8').includes(folder)) return [];
      return readlinkSync(join('/proc', id, 'ns/mnt')) === own ? [`a mount of ${folder}`] : [`process ${id}`];
    } catch {
      return []; // it has ended
    }
  });
  const places = [folder, join('/sys/class/net', BRIDGE), ...hierarchies().map(hierarchy => join(hierarchy, name))];
  return [...new Set(users), ...places.filter(place => existsSync(place))];
}

/** The sandbox that this process runs in. */
export function currentSandbox(): Sandbox {
  return JSON.parse(process.env.E2E_SANDBOX!) as Sandbox;
}

/** Called inside: lets the machine reach an address of the sandbox at `127.0.0.1:<gatePort>`. */
export function openGate(host: string, port: number): void {
  createServer(socket => splice(socket, connect(port, host))).listen(gateSocket(currentSandbox().folder));
}

/** A socket with a name in the file system is the one thing that both network namespaces see. */
function gateSocket(folder: string): string {
  return join(folder, 'gate.sock');
}

async function listenForGate(folder: string): Promise<Server> {
  const server = createServer(socket => splice(socket, connect(gateSocket(folder))));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function splice(one: Socket, other: Socket): void {
  one.on('error', () => other.destroy()).pipe(other);
  other.on('error', () => one.destroy()).pipe(one);
}

/** With version 1 of control groups every controller has a tree of its own; with version 2 there is one. */
function hierarchies(): string[] {
  if (existsSync(join(CONTROL_GROUPS, 'cgroup.procs'))) return [CONTROL_GROUPS];
  return readdirSync(CONTROL_GROUPS).map(name => join(CONTROL_GROUPS, name)).filter(tree => existsSync(join(tree, 'cgroup.procs')));
}

async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(FOLDERS)) {
    if (name.startsWith(PREFIX) && !existsSync(join('/proc', name.slice(PREFIX.length)))) await remove(name);
  }
}

async function remove(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) await removeControlGroup(join(hierarchy, name));
  execFileSync('rm', ['-rf', join(FOLDERS, name)]); // hundreds of thousands of files, with which Node takes minutes
}

/** Removes a tree of control groups, waiting until the kernel has ended the processes in it. */
async function removeControlGroup(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeControlGroup(join(path, entry.name));
  }
  for (let tries = 100; ; tries--) {
    try {
      return rmdirSync(path);
    } catch (error) {
      if (tries === 0) throw error;
      await sleep(100);
    }
  }
}
