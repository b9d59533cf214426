/** The build context from git, beside clones of the same repository. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Benchmark, Outcome, ratio, Table } from './benchmark';
import { inFolder, Sample, takeTurns } from './measure';
import { keystream, prepare, PREPARE_PROGRAMS, timed } from './prepare';
import { missing } from './requirements';
import { Authority, GitServer } from '../test/servers';

/** Where repositories of benchmarks are kept. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-kaniko/bench');
export const REPOSITORY = 'history-1'; // another number where what it holds changes
const FOLDERS = 1000;
const FILES_PER_FOLDER = 20;
const FILE_BYTES = 3000;
const COMMITS = 71; // the first writes all files, the others 500 each
const CHANGED_PER_COMMIT = 500;
/** One of its directories. */
export const DIRECTORY = 'services/service-0420';

/** Makes the repository, once, below ~/.cache: it is always the same. */
export async function makeRepository(): Promise<void> {
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

async function compare(authority: Authority, runs: number): Promise<Table> {
  const server = await GitServer.start({ tls: authority.issue('localhost'), root: CACHE });
  const url = `${server.url}/${REPOSITORY}`;
  const measured = (way: () => Promise<number>) => async (): Promise<Sample> => {
    server.reset();
    const time = await way();
    return { time, 'from the server': server.bytesSent };
  };
  const clone = (...options: string[]) => measured(() => inFolder(folder => {
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    return timed('git', ['clone', '--quiet', ...options, url, join(folder, 'clone')],
      { GIT_SSL_CAINFO: join(folder, 'ca.pem'), GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' });
  }));
  const ours = (settings: Record<string, string>) => measured(() => prepare(authority, box =>
    box.set({ PREPARE_GIT_URL: url, PREPARE_GIT_BRANCH: 'main', ...settings })));
  const title = `A directory of ${FILES_PER_FOLDER} files out of ${FOLDERS * FILES_PER_FOLDER}, with ${COMMITS} commits`;
  try {
    const rows = await takeTurns(title, {
      'ours, one directory': ours({ PREPARE_DIRECTORY: DIRECTORY }),
      'ours, the whole tree': ours({}),
      'git clone --depth 1': clone('--depth', '1'),
      'git clone --filter=blob:none': clone('--filter=blob:none'),
      'git clone': clone(),
    }, { runs });
    return { title, baseline: 'git clone --depth 1', measures: [{ name: 'time', unit: 's' }, { name: 'from the server', unit: 'bytes' }], rows, plot: 'bars' };
  } finally {
    await server.close();
  }
}

export const clone: Benchmark = {
  name: 'clone',
  title: 'The build context from git',
  about: 'One small directory of a repository with 20,000 files and 150 MB of history, from `git http-backend` on the loopback over TLS: the whole ' +
    'init container, certificates and checks included, beside clones by git alone. Both trust the same server; a network would make the bytes count more.',
  problems: () => missing(PREPARE_PROGRAMS),
  async run({ runs = 5 }): Promise<Outcome> {
    await makeRepository();
    const table = await compare(Authority.create(), runs);
    const goal = (measure: string, to: string, atMost: number) =>
      ({ name: `${measure}, one directory / ${to}`, value: ratio(table, table.title, measure, 'ours, one directory', to), atMost });
    return {
      tables: [table],
      goals: [goal('from the server', 'git clone', 0.05), goal('time', 'git clone --depth 1', 0.33)],
      versions: { git: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim().split(' ')[2] },
    };
  },
};
