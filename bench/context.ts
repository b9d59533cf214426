/**
 * What the init container's program costs, against other ways to get the same: a small directory of a repository with
 * 20,000 files and 150 MB of history against clones by git, and 20 files of 20 MB against one curl. All from servers on
 * the loopback over TLS; the ways take turns, so that a busy machine slows all of them alike. The repository is made
 * once, always the same, below ~/.cache/cdk-kaniko/bench. Needs the programs of test:context.
 *
 * Usage: ts-node bench/context.ts [--runs 5] [--part clone|downloads]
 * Fails where a goal is missed: 1/20 of the full clone's bytes, 1/3 of the time of --depth 1, 1.3 times curl's.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Sandbox } from '../test/context/sandbox';
import { Identity } from '../test/context/world';
import { Authority, GitServer, HttpsServer } from '../test/servers';

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-kaniko/bench');
const REPOSITORY = 'history-1'; // another number where what it holds changes
const FOLDERS = 1000;
const FILES_PER_FOLDER = 20;
const FILE_BYTES = 3000;
const COMMITS = 71; // the first writes all files, the others 500 each
const CHANGED_PER_COMMIT = 500;
const DIRECTORY = 'services/service-0420';

const BLOBS = 20;
const BLOB_BYTES = 20 * 1000 * 1000;
const PACE = 125_000; // bytes a millisecond, over all connections

interface Cost { readonly seconds: number; readonly bytes: number }
type Way = () => Promise<Cost>;

/** The same incompressible bytes at every call. */
function keystream(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}

async function makeRepository(): Promise<void> {
  if (existsSync(join(CACHE, REPOSITORY))) { return; }
  console.error(`making ${join(CACHE, REPOSITORY)}, once ...`);
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'making-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  git('init', '--quiet', '--bare', '--initial-branch=main', '.');
  const files = FOLDERS * FILES_PER_FOLDER;
  const content = keystream((files + COMMITS * CHANGED_PER_COMMIT) * FILE_BYTES);
  const child = spawn('git', ['-C', folder, 'fast-import', '--quiet'], { stdio: ['pipe', 'inherit', 'inherit'] });
  let blob = 0;
  for (let commit = 0; commit < COMMITS; commit++) {
    const parts: Array<string | Buffer> = [`commit refs/heads/main\ncommitter Contoso <team@contoso.example> ${1_700_000_000 + commit} +0000\ndata 8\nA commit\n`];
    for (let i = 0; i < (commit === 0 ? files : CHANGED_PER_COMMIT); i++) {
      const file = commit === 0 ? i : (commit * 7919 + i * 37) % files;
      const service = String(Math.floor(file / FILES_PER_FOLDER)).padStart(4, '0');
      parts.push(`M 100644 inline services/service-${service}/file-${file % FILES_PER_FOLDER}\ndata ${FILE_BYTES}\n`,
        content.subarray(blob * FILE_BYTES, (blob + 1) * FILE_BYTES), '\n');
      blob++;
    }
    if (!child.stdin.write(Buffer.concat(parts.map(part => Buffer.from(part))))) { await once(child.stdin, 'drain'); }
  }
  child.stdin.end();
  const [status] = await once(child, 'close') as [number];
  if (status !== 0) { throw new Error(`git fast-import ended with ${status}`); }
  git('repack', '--quiet', '-ad', '--write-bitmap-index', '--window=0'); // as a git host keeps it
  renameSync(folder, join(CACHE, REPOSITORY));
}

/** Runs a program to its end. @returns its seconds */
async function timed(command: string, args: string[], environment: Record<string, string>): Promise<number> {
  const start = performance.now();
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [status] = await once(child, 'close') as [number];
  if (status !== 0) { throw new Error(`${command} ${args[0]} ended with ${status}`); }
  return (performance.now() - start) / 1000;
}

/** Runs the script in a sandbox. @returns its seconds */
async function prepare(authority: Authority, set: (box: Sandbox) => unknown): Promise<number> {
  const box = new Sandbox({ command: ['dash'], path: process.env.PATH! }).mountAuthority(authority.certificate);
  box.set({ PREPARE_STALL_SECONDS: '60' }); // as in a pod; the sandbox's own would end a transfer on a busy machine
  try {
    set(box);
    const start = performance.now();
    const { exit, log } = await box.run();
    if (exit !== 'OK') { throw new Error(log); }
    return (performance.now() - start) / 1000;
  } finally {
    box.remove();
  }
}

/** Works in a folder that is gone afterwards. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-context-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All ways, in turns. @returns the medians by name */
async function compare(ways: Record<string, Way>, runs: number): Promise<Record<string, Cost>> {
  const costs: Record<string, Cost[]> = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, way] of Object.entries(ways)) { costs[name].push(await way()); }
  }
  const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return Object.fromEntries(Object.entries(costs).map(([name, all]) =>
    [name, { seconds: median(all.map(cost => cost.seconds)), bytes: median(all.map(cost => cost.bytes)) }]));
}

/** Prints a table; the ratios are to the first line. */
function print(title: string, costs: Record<string, Cost>): void {
  const [ours] = Object.values(costs);
  console.log(`\n${title}\n\n| | seconds | to ours | MB | to ours |\n|---|---|---|---|---|`);
  for (const [name, { seconds, bytes }] of Object.entries(costs)) {
    console.log(`| ${name} | ${seconds.toFixed(2)} | ${(seconds / ours.seconds).toFixed(2)} | ${(bytes / 1e6).toFixed(2)} | ${(bytes / ours.bytes).toFixed(2)} |`);
  }
}

async function benchClone(authority: Authority, runs: number): Promise<string[]> {
  await makeRepository();
  const server = await GitServer.start({ tls: authority.issue('localhost'), root: CACHE });
  const url = `${server.url}/${REPOSITORY}`;
  const measured = (way: () => Promise<number>): Way => async () => {
    server.reset();
    const seconds = await way();
    return { seconds, bytes: server.bytesSent };
  };
  const clone = (...options: string[]) => measured(() => inFolder(folder => {
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    return timed('git', ['clone', '--quiet', ...options, url, join(folder, 'clone')],
      { GIT_SSL_CAINFO: join(folder, 'ca.pem'), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' });
  }));
  const ours = (settings: Record<string, string>) => measured(() => prepare(authority, box =>
    box.set({ PREPARE_GIT_URL: url, PREPARE_GIT_BRANCH: 'main', ...settings })));
  try {
    const costs = await compare({
      'ours, one directory': ours({ PREPARE_DIRECTORY: DIRECTORY }),
      'ours, the whole tree': ours({}),
      'git clone': clone(),
      'git clone --depth 1': clone('--depth', '1'),
      'git clone --filter=blob:none': clone('--filter=blob:none'),
    }, runs);
    print(`A directory of ${FILES_PER_FOLDER} files out of ${FOLDERS * FILES_PER_FOLDER}, ${COMMITS} commits (medians of ${runs})`, costs);
    return [
      ...costs['ours, one directory'].bytes * 20 > costs['git clone'].bytes ? ['more than 1/20 of the bytes of a full clone'] : [],
      ...costs['ours, one directory'].seconds * 3 > costs['git clone --depth 1'].seconds ? ['more than 1/3 of the time of git clone --depth 1'] : [],
    ];
  } finally {
    await server.close();
  }
}

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

async function benchDownloads(authority: Authority, runs: number): Promise<string[]> {
  const content = keystream(BLOB_BYTES);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const md5 = createHash('md5').update(content).digest('base64');
  const identity = await Identity.start(authority);
  const server = await HttpsServer.start((request, response) => {
    response.writeHead(200, { 'content-length': content.length, 'content-md5': md5 });
    return request.url!.startsWith('/paced/') ? sendPaced(content, response) : void response.end(content);
  }, { tls: authority.issue('localhost') });
  const ours = (container: string, digest: string): Way => async () => ({
    bytes: BLOBS * BLOB_BYTES,
    seconds: await prepare(authority, box => {
      identity.inject(box);
      box.set({
        PREPARE_STORAGE_URL: `${server.url}/${container}`,
        PREPARE_FILES: Array.from({ length: BLOBS }, (_, i) => [digest, '0755', 'keep', `file-${i}`, `file-${i}`].join('\t')).join('\n'),
      });
    }),
  });
  const curl = (container: string): Way => async () => ({
    bytes: BLOBS * BLOB_BYTES,
    seconds: await inFolder(folder => {
      writeFileSync(join(folder, 'ca.pem'), authority.certificate);
      const files = Array.from({ length: BLOBS }, (_, i) => ['--output', join(folder, `file-${i}`), `${server.url}/${container}/file-${i}`]);
      return timed('curl', ['--silent', '--show-error', '--no-progress-meter', '--cacert', join(folder, 'ca.pem'), '--parallel', ...files.flat()], {});
    }),
  });
  try {
    const costs = await compare({
      'ours, checked by SHA-256': ours('bin', sha256), 'ours, checked by MD5': ours('bin', '-'), 'curl --parallel, unchecked': curl('bin'),
    }, runs);
    print(`${BLOBS} files of ${BLOB_BYTES / 1e6} MB as fast as this machine can, server included (medians of ${runs})`, costs);
    print(`The same from a server that sends ${PACE * 8 / 1e6} Gbit/s in all (medians of ${runs})`, await compare({
      'ours, checked by SHA-256': ours('paced', sha256), 'curl --parallel, unchecked': curl('paced'),
    }, runs));
    return costs['ours, checked by SHA-256'].seconds > 1.3 * costs['curl --parallel, unchecked'].seconds ? ['more than 1.3 times the time of curl'] : [];
  } finally {
    await server.close();
    await identity.server.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' }, part: { type: 'string', default: 'clone downloads' } } });
  const runs = Number(values.runs);
  const authority = Authority.create();
  const missed = [
    ...values.part.includes('clone') ? await benchClone(authority, runs) : [],
    ...values.part.includes('downloads') ? await benchDownloads(authority, runs) : [],
  ];
  for (const goal of missed) { console.error(`goal missed: ${goal}`); }
  if (missed.length > 0) { process.exitCode = 1; }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
