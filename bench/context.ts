/**
 * What the init container's program costs, against other ways to get the same: a small directory of a repository with
 * 20,000 files and 150 MB of history against clones by git, and 20 files of 20 MB against one curl. All from servers on
 * the loopback over TLS; the ways take turns, so that a busy machine slows all of them alike. The repository is made
 * once, always the same, below ~/.cache/cdk-kaniko/bench. Needs the programs of test:context.
 *
 * Usage: ts-node bench/context.ts [--runs 5] [--part clone|downloads] [--json]
 * Fails where a goal is missed: 1/20 of the full clone's bytes, 1/3 of the time of --depth 1, 1.3 times curl's.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Goal, median } from './measure';
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

/** The authorities of the image that this runs in. */
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const BLOBS = 20;
const BLOB_BYTES = 20 * 1000 * 1000;
const PACE = 125_000; // bytes a millisecond, over all connections

interface Cost { readonly seconds: number; readonly bytes: number }
type Way = () => Promise<Cost>;
/** What some ways to the same thing cost, a cost a run; the first way is ours. */
interface Comparison { readonly title: string; readonly costs: Record<string, Cost[]>; readonly goals: Goal[] }

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

/** All ways, in turns; the first turn fills caches and does not count. */
async function takeTurns(ways: Record<string, Way>, runs: number): Promise<Record<string, Cost[]>> {
  const costs: Record<string, Cost[]> = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const [name, way] of Object.entries(ways)) {
      const cost = await way();
      if (run >= 0) { costs[name].push(cost); }
    }
  }
  return costs;
}

/** What ours costs to what another way costs: the median of the turns' ratios. */
function ratio(costs: Record<string, Cost[]>, other: string, unit: keyof Cost): number {
  const [ours] = Object.values(costs);
  return median(costs[other].map((cost, run) => ours[run][unit] / cost[unit]));
}

/** Prints a table and the goals. */
function print({ title, costs, goals }: Comparison): void {
  console.log(`\n${title}\n\n| | seconds | from | to | ours to it | MB | ours to it |\n|---|---|---|---|---|---|---|`);
  for (const [name, runs] of Object.entries(costs)) {
    const seconds = runs.map(cost => cost.seconds);
    const columns = [median(seconds), Math.min(...seconds), Math.max(...seconds), ratio(costs, name, 'seconds'),
      median(runs.map(cost => cost.bytes)) / 1e6, ratio(costs, name, 'bytes')];
    console.log(`| ${[name, ...columns.map(value => value.toFixed(2))].join(' | ')} |`);
  }
  for (const goal of goals) {
    console.log(`\n${goal.name}: ${goal.ratio.toFixed(3)} (goal: at most ${goal.atMost.toFixed(3)}${goal.ratio > goal.atMost ? ', MISSED' : ''})`);
  }
}

async function benchClone(authority: Authority, runs: number): Promise<Comparison[]> {
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
    const costs = await takeTurns({
      'ours, one directory': ours({ PREPARE_DIRECTORY: DIRECTORY }),
      'ours, the whole tree': ours({}),
      'git clone': clone(),
      'git clone --depth 1': clone('--depth', '1'),
      'git clone --filter=blob:none': clone('--filter=blob:none'),
    }, runs);
    return [{
      title: `A directory of ${FILES_PER_FOLDER} files out of ${FOLDERS * FILES_PER_FOLDER}, ${COMMITS} commits (medians of ${runs})`,
      costs,
      goals: [
        { name: 'bytes / git clone', ratio: ratio(costs, 'git clone', 'bytes'), atMost: 1 / 20 },
        { name: 'seconds / git clone --depth 1', ratio: ratio(costs, 'git clone --depth 1', 'seconds'), atMost: 1 / 3 },
      ],
    }];
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

async function benchDownloads(authority: Authority, runs: number): Promise<Comparison[]> {
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
  const own = authority.certificate;
  const joined = readFileSync(BUNDLE, 'utf8') + own; // what a pod trusts that gets from Azure and from the company's servers
  const curl = (container: string, authorities: string): Way => async () => ({
    bytes: BLOBS * BLOB_BYTES,
    seconds: await inFolder(folder => {
      writeFileSync(join(folder, 'ca.pem'), authorities);
      const files = Array.from({ length: BLOBS }, (_, i) => ['--output', join(folder, `file-${i}`), `${server.url}/${container}/file-${i}`]);
      return timed('curl', ['--silent', '--show-error', '--no-progress-meter', '--cacert', join(folder, 'ca.pem'), '--parallel', ...files.flat()], {});
    }),
  });
  try {
    const fast = await takeTurns({
      'ours, checked by SHA-256': ours('bin', sha256),
      'ours, checked by MD5': ours('bin', '-'),
      'curl --parallel': curl('bin', joined),
      'curl --parallel that trusts nobody else': curl('bin', own),
    }, runs);
    const paced = await takeTurns({ 'ours, checked by SHA-256': ours('paced', sha256), 'curl --parallel': curl('paced', joined) }, runs);
    const goals = (costs: Record<string, Cost[]>) => [{ name: 'seconds / curl --parallel', ratio: ratio(costs, 'curl --parallel', 'seconds'), atMost: 1.3 }];
    return [
      { title: `${BLOBS} files of ${BLOB_BYTES / 1e6} MB as fast as this machine can, server included (medians of ${runs})`, costs: fast, goals: goals(fast) },
      { title: `The same from a server that sends ${PACE * 8 / 1e6} Gbit/s in all (medians of ${runs})`, costs: paced, goals: goals(paced) },
    ];
  } finally {
    await server.close();
    await identity.server.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '5' }, part: { type: 'string', default: 'clone downloads' }, json: { type: 'boolean', default: false } },
  });
  const runs = Number(values.runs);
  const authority = Authority.create();
  const comparisons = [
    ...values.part.includes('clone') ? await benchClone(authority, runs) : [],
    ...values.part.includes('downloads') ? await benchDownloads(authority, runs) : [],
  ];
  if (values.json) {
    console.log(JSON.stringify({ name: 'context', node: process.version, comparisons }));
  } else {
    comparisons.forEach(print);
  }
  if (comparisons.some(({ goals }) => goals.some(goal => goal.ratio > goal.atMost))) { process.exitCode = 1; }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
