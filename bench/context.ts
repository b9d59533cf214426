/**
 * What it costs to get a build context: the init container's program against the ways that a user has without it, on
 * a repository of 20,000 files and more than 150 MB of history, over TLS on the loopback; and its download of binary
 * files against one plain curl of the same bytes. The contestants take turns, so that a busy machine slows all alike;
 * bytes are counted by the server. Needs git, curl, openssl and dash.
 *
 * Usage: ts-node bench/context.ts [--runs 5] [--json]
 * Fails where a goal is missed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { content, largeRepository, NAME, SMALL_DIRECTORY } from './context/large-repository';
import { Sandbox } from '../test/context/sandbox';
import { CLIENT_ID, Identity } from '../test/context/world';
import { Authority, GitServer, HttpsServer, STORAGE_AUDIENCE } from '../test/servers';

const FILES = 20;
const FILE_BYTES = 20_000_000;
const GOALS = { 'bytes / full clone': 1 / 20, 'seconds / depth 1': 1 / 3, 'seconds / plain curl': 1.3 };

interface Run { readonly seconds: number; readonly bytes: number }
type Contestants = Readonly<Record<string, (folder: string) => Promise<void>>>;

const OURS = 'prepare-context.sh';

async function contextRuns(runs: number, authority: Authority): Promise<Record<string, Run[]>> {
  const server = await GitServer.start({ tls: authority.issue('localhost'), root: await largeRepository() });
  const clone = (...args: string[]) => async (folder: string) => {
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    await succeed('git', ['clone', '--quiet', ...args, `${server.url}/${NAME}`, join(folder, 'clone')], { GIT_SSL_CAINFO: join(folder, 'ca.pem') });
  };
  try {
    return await inTurns(runs, () => server.bytesSent, {
      [OURS]: () => prepare(authority, box => box.set({
        PREPARE_GIT_URL: `${server.url}/${NAME}`, PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: SMALL_DIRECTORY,
      })),
      'full clone': clone(),
      'depth 1': clone('--depth', '1'),
      'partial, not sparse': clone('--filter=blob:none'),
    });
  } finally {
    await server.close();
  }
}

async function downloadRuns(runs: number, authority: Authority): Promise<Record<string, Run[]>> {
  const tls = authority.issue('localhost');
  const identity = await Identity.start(authority);
  const blobs = Array.from({ length: FILES }, (_, i) => content(`blob ${i}`, FILE_BYTES));
  const lines = blobs.map((blob, i) => [createHash('sha256').update(blob).digest('hex'), '0755', 'keep', `tool-${i}`, String(i)].join('\t'));
  let sent = 0;
  // Not the emulator of the tests: slower than a disk, it would hide what the program adds.
  const storage = await HttpsServer.start((request, response) => {
    identity.server.clientOf(request.headers.authorization!.slice('Bearer '.length), STORAGE_AUDIENCE);
    const blob = blobs[Number(request.url!.split('/').pop())];
    sent += blob.length;
    response.setHeader('content-length', blob.length);
    response.end(blob);
  }, { tls });
  const token = identity.server.issue(CLIENT_ID, STORAGE_AUDIENCE);
  try {
    return await inTurns(runs, () => sent, {
      [OURS]: () => prepare(authority, box => {
        identity.inject(box);
        box.set({ PREPARE_STORAGE_URL: `${storage.url}/bin`, PREPARE_FILES: lines.join('\n') });
      }),
      'plain curl': async folder => {
        const urls = blobs.map((_, i) => `url = "${storage.url}/bin/${i}"\noutput = "${join(folder, String(i))}"\n`).join('');
        writeFileSync(join(folder, 'ca.pem'), authority.certificate);
        writeFileSync(join(folder, 'config'), `${urls}header = "Authorization: Bearer ${token}"\nparallel\nno-progress-meter\nfail\n`);
        await succeed('curl', ['--config', join(folder, 'config'), '--cacert', join(folder, 'ca.pem')]);
      },
    });
  } finally {
    await storage.close();
    await identity.server.close();
  }
}

/** Runs the whole program, as a pod would, in folders of its own. */
async function prepare(authority: Authority, configure: (box: Sandbox) => void): Promise<void> {
  const box = new Sandbox({ command: ['dash'], path: process.env.PATH! }).mountAuthority(authority.certificate);
  try {
    configure(box);
    const { exit, log } = await box.run();
    if (exit !== 'OK') throw new Error(`${OURS} ended with ${exit}:\n${log}`);
  } finally {
    box.remove();
  }
}

async function succeed(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
}

/** @param count the bytes that the server has sent so far */
async function inTurns(runs: number, count: () => number, contestants: Contestants): Promise<Record<string, Run[]>> {
  const results: Record<string, Run[]> = Object.fromEntries(Object.keys(contestants).map(name => [name, []]));
  for (let n = 0; n < runs; n++) {
    for (const [name, contestant] of Object.entries(contestants)) {
      const folder = mkdtempSync(join(tmpdir(), 'context-bench-'));
      const [bytes, start] = [count(), performance.now()];
      await contestant(folder);
      results[name].push({ seconds: (performance.now() - start) / 1000, bytes: count() - bytes });
      rmSync(folder, { recursive: true });
    }
  }
  return results;
}

function summary(results: Record<string, Run[]>) {
  return Object.entries(results).map(([contestant, runs]) => {
    const seconds = runs.map(run => run.seconds).sort((a, b) => a - b);
    return { contestant, seconds: middle(seconds), fastest: seconds[0], slowest: seconds.at(-1)!, MB: middle(runs.map(run => run.bytes)) / 1e6 };
  });
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
  const runs = Number(values.runs);
  const authority = Authority.create();
  const context = summary(await contextRuns(runs, authority));
  const downloads = summary(await downloadRuns(runs, authority));

  const ratios: Record<keyof typeof GOALS, number> = {
    'bytes / full clone': context[0].MB / context[1].MB,
    'seconds / depth 1': context[0].seconds / context[2].seconds,
    'seconds / plain curl': downloads[0].seconds / downloads[1].seconds,
  };
  if (values.json) {
    console.log(JSON.stringify({ name: 'context', runs, node: process.version, goals: GOALS, ratios, context, downloads }));
  } else {
    console.log(`One directory of a large repository, medians of ${runs}:`);
    console.table(rounded(context));
    console.log(`${FILES} files of ${FILE_BYTES / 1e6} MB, medians of ${runs}; ours asks for a token and checks SHA-256:`);
    console.table(rounded(downloads));
    for (const [name, goal] of Object.entries(GOALS)) {
      console.log(`${name}: ${ratios[name as keyof typeof GOALS].toFixed(3)} (goal: at most ${goal.toFixed(3)})`);
    }
  }
  if (Object.entries(GOALS).some(([name, goal]) => ratios[name as keyof typeof GOALS] > goal)) process.exitCode = 1;
}

function rounded(rows: ReadonlyArray<Record<string, string | number>>) {
  return rows.map(row => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? +value.toFixed(2) : value])));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
