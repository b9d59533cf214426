/**
 * The process: with the real kubectl where there is one, in front of a server that plays an API server; with a kubectl of
 * a few lines of shell where it is to misbehave.
 */
import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ClusterError } from '../../../../src/cli/run/kubectl/cluster-error';
import { KubectlProxy } from '../../../../src/cli/run/kubectl/kubectl-proxy';
import { ProxiedApiServer } from '../../../../src/cli/run/kubectl/proxied-api-server';

const ROOT = join(__dirname, '..', '..', '..', '..');
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
if (!hasKubectl) { console.warn('not tried with the real kubectl, which is not installed'); }
const withKubectl = hasKubectl ? test : test.skip;

let folder: string;
let server: Server;
let asked: string[];
const { PATH } = process.env;
const proxies: KubectlProxy[] = [];
const parents: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.setHeader('Content-Type', 'application/json');
    response.end('{"major":"1","minor":"31"}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map(async proxy => proxy.close()));
  parents.splice(0).forEach(child => child.kill('SIGKILL'));
  process.env.PATH = PATH;
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** A kubeconfig of the server that plays. */
function kubeconfig(path = '', user: object = {}, host = 'http://127.0.0.1'): string {
  const file = join(folder, 'kube config');
  const { port } = server.address() as AddressInfo;
  writeFileSync(file, JSON.stringify({
    'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'builds',
    'clusters': [{ name: 'c', cluster: { server: `${host}:${port}${path}` } }],
    'users': [{ name: 'u', user }],
    'contexts': [{ name: 'builds', context: { cluster: 'c', user: 'u' } }],
  }));
  return file;
}

function proxyOf(...options: ConstructorParameters<typeof KubectlProxy>): KubectlProxy {
  const proxy = new KubectlProxy(...options);
  proxies.push(proxy);
  return proxy;
}

/** Puts a kubectl of a few lines of shell before the real one. */
function fakeKubectl(script: string): void {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
  process.env.PATH = `${folder}:${PATH}`;
}

/** Serves as the real one would say it, without serving. */
const SERVES = 'echo $$ >>"$0.pids"; for a; do case $a in --unix-socket=*) echo "Starting to serve on ${a#*=}";; esac; done; exec tail -f "$0"';
const pids = () => readFileSync(join(folder, 'kubectl.pids'), 'utf8').trim().split('\n').map(Number);

async function socketOf(proxy: KubectlProxy): Promise<string> {
  return (await proxy.place() as { socketPath: string }).socketPath;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) { await new Promise(resolve => { setTimeout(resolve, 20); }); }
}

/** Processes whose command line has the text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(name => {
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replace(/\0/g, ' ');
      return line.includes(text) ? [line] : [];
    } catch {
      return []; // it has ended
    }
  });
}

withKubectl('serves the context\'s API, the path of its server included, and leaves nothing when it is closed', async () => {
  const proxy = proxyOf({ kubeconfig: kubeconfig('/k8s/clusters/c-1'), context: 'builds' });
  const api = new ProxiedApiServer({}, proxy);
  expect(await api.request('GET', '/version')).toEqual({ major: '1', minor: '31' });
  expect(asked.at(-1)).toBe('/k8s/clusters/c-1/version'); // a kubectl that chooses among its versions asks too
  const socket = await socketOf(proxy);
  await api.close();
  expect([existsSync(dirname(socket)), processesWith(socket)]).toEqual([false, []]);
  expect(await api.request('GET', '/version').catch((error: Error) => error)).toBeInstanceOf(ClusterError);
});

withKubectl('where Node knows no sockets: answers on a port under a path that nobody can guess, and under no other', async () => {
  const proxy = proxyOf({ kubeconfig: kubeconfig() }, false);
  const api = new ProxiedApiServer({}, proxy);
  expect(await api.request('GET', '/version')).toEqual({ major: '1', minor: '31' });
  const { port, path } = await proxy.place() as { port: number; path: string };
  expect(path).toMatch(/^\/[0-9a-f]{32}$/);
  expect((await fetch(`http://127.0.0.1:${port}/version`)).status).toBe(404);
  await api.close();
  expect(processesWith(path)).toEqual([]);
});

withKubectl('nobody else may enter the folder of the socket', async () => {
  const socket = await socketOf(proxyOf({ kubeconfig: kubeconfig() }));
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  if (process.getuid!() !== 0) { return; } // only root can become somebody else to try
  const tried = spawnSync(process.execPath, ['-e', 'require("net").connect(process.argv[1]).on("error", e => console.log(e.code)).on("connect", () => console.log("reached"))', socket], {
    uid: 65534, gid: 65534, encoding: 'utf8', cwd: '/', timeout: 20_000,
  });
  expect(tried.stdout.trim()).toBe('EACCES');
});

withKubectl('a folder for temporary files that is too deep for a socket is left alone', async () => {
  const deep = join(folder, 'deep'.repeat(30));
  mkdirSync(deep);
  const socket = await socketOf(proxyOf({ kubeconfig: kubeconfig() }, true, deep));
  expect(dirname(dirname(socket))).toBe('/tmp');
  expect(existsSync(socket)).toBe(true);
});

test('says so where there is no folder for the socket', async () => {
  await expect(proxyOf({}, true, join(folder, 'nowhere')).place()).rejects.toThrow(/no place for the socket of kubectl proxy: ENOENT.*TMPDIR$/);
});

withKubectl.each([
  ['a context that does not exist', () => ({ kubeconfig: kubeconfig(), context: 'nope' }), /^context "nope" does not exist$/],
  ['a kubeconfig that does not exist', () => ({ kubeconfig: '/nonexistent' }), /^stat \/nonexistent: no such file or directory$/],
] as const)('%s is told in kubectl\'s words, without trying again', async (_, options, message) => {
  const proxy = proxyOf(options());
  await expect(proxy.place()).rejects.toThrow(message);
  await expect(proxy.place()).rejects.toThrow(message);
});

withKubectl('a login that fails is told with the words of its plugin', async () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', 'echo please log in >&2; exit 3'], interactiveMode: 'IfAvailable' };
  const api = new ProxiedApiServer({}, proxyOf({ kubeconfig: kubeconfig('', { exec }, 'https://127.0.0.1') }));
  await expect(api.request('GET', '/version')).rejects.toThrow(/getting credentials: exec: executable sh failed with exit code 3\nplease log in$/);
});

withKubectl('a server that is gone is an error without a reason', async () => {
  const api = new ProxiedApiServer({}, proxyOf({ kubeconfig: kubeconfig() }));
  await api.request('GET', '/version');
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  await expect(api.request('GET', '/version')).rejects.toMatchObject({ reason: undefined, message: expect.stringMatching(/kubectl does not reach the API server: dial tcp .* connection refused/) });
  server.listen(0, '127.0.0.1'); // for what comes after each test
});

test.each([true, false])('says that there is no kubectl (by a socket: %s)', async sockets => {
  process.env.PATH = folder;
  if (sockets) { spawnSync('/bin/ln', ['-s', '/bin/sh', join(folder, 'sh')]); spawnSync('/bin/ln', ['-s', '/bin/rm', join(folder, 'rm')]); }
  await expect(proxyOf({}, sockets).place()).rejects.toMatchObject({ missing: true });
});

test('a kubectl that ends without a word is named by its end', async () => {
  fakeKubectl('exit 7');
  await expect(proxyOf({}).place()).rejects.toThrow('kubectl proxy ended with exit code 7');
});

test('one that dies is started again, but not for ever', async () => {
  fakeKubectl(SERVES);
  const proxy = proxyOf({});
  const sockets = new Set<string>();
  for (let count = 1; count <= 5; count++) {
    sockets.add(await socketOf(proxy));
    const [pid] = pids().slice(-1);
    process.kill(pid, 'SIGKILL');
    await until(() => !existsSync(dirname([...sockets].at(-1)!)));
  }
  expect([sockets.size, pids().length]).toEqual([5, 5]);
  await expect(proxy.place()).rejects.toThrow('kubectl proxy ended with SIGKILL');
});

test('what a login has left behind is not waited for', async () => {
  // A program that leaves the group, and keeps kubectl's standard error open.
  fakeKubectl(`[ -e "$0.left" ] || setsid sh -c 'echo $$ >"$0.left"; exec tail -f "$0"' "$0" >/dev/null & while [ ! -s "$0.left" ]; do sleep 0.01; done; ${SERVES}`);
  const proxy = proxyOf({});
  const socket = await socketOf(proxy);
  const left = Number(readFileSync(join(folder, 'kubectl.left'), 'utf8'));
  await proxy.close();
  expect(existsSync(dirname(socket))).toBe(false);
  process.kill(left); // throws where it is not there any more
});

test('hands kubeconfig and context on as they are', async () => {
  fakeKubectl(`for a; do echo "$a" >>"$0.args"; done; ${SERVES}`);
  await proxyOf({ kubeconfig: '/home/$(id)/kube config', context: '-x' }).place();
  expect(readFileSync(join(folder, 'kubectl.args'), 'utf8').split('\n').slice(0, 3)).toEqual(['--kubeconfig=/home/$(id)/kube config', '--context=-x', 'proxy']);
});

/** A process that has started a proxy, told where it listens, and waits. */
async function parent(): Promise<{ child: ChildProcess; socket: string }> {
  const program = `const { KubectlProxy } = require('./src/cli/run/kubectl/kubectl-proxy');
    new KubectlProxy({}).place().then(({ socketPath }) => console.log(socketPath)); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', program], {
    cwd: ROOT, env: { ...process.env, TS_NODE_PROJECT: 'test/tsconfig.json' }, stdio: ['ignore', 'pipe', 'inherit'], detached: true,
  });
  parents.push(child);
  const socket = await new Promise<string>(resolve => child.stdout.once('data', text => resolve(String(text).trim())));
  return { child, socket };
}

test.each(['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const)('dies with its parent, and takes the folder along: %s', async signal => {
  // A plugin that waits for somebody to log in dies too.
  fakeKubectl(`tail -f "$0" & ${SERVES}`);
  const { child, socket } = await parent();
  child.kill(signal);
  await until(() => [...processesWith(socket), ...processesWith(folder)].length === 0 && !existsSync(dirname(socket)));
}, 60_000);

test('the Ctrl-C of the terminal, which is for a whole group, does not reach it', async () => {
  fakeKubectl(SERVES);
  const { child } = await parent();
  const groupOf = (pid: number) => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[2]);
  expect([groupOf(child.pid!), groupOf(pids()[0])]).toEqual([child.pid, pids()[0]]);
  child.kill();
  await until(() => processesWith(folder).length === 0);
}, 60_000);
