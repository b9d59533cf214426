import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** A new number wherever the content changes: it names the cached copy. */
const VERSION = 1;
const FOLDERS = 200;
const FILES_PER_FOLDER = 100;
const FILE_BYTES = 3200;
const COMMITS = 40;
const CHANGES_PER_COMMIT = 800;

/** The directory of it that an image build needs: 12 files, 38 kB. */
export const SMALL_DIRECTORY = 'k8s/images/build-agent';
/** The name of the repository below the root. */
export const NAME = 'monorepo';

/**
 * A repository of 20,000 files and more than 150 MB of history, the same bytes on every machine. It is made once and
 * kept outside the checkout, below `$XDG_CACHE_HOME` or `~/.cache`.
 * @returns the folder that holds the bare repository
 */
export async function largeRepository(): Promise<string> {
  const root = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdk-kaniko', 'bench', `context-${VERSION}`);
  if (existsSync(root)) return root;
  const unfinished = `${root}.${process.pid}`;
  const repository = join(unfinished, NAME);
  mkdirSync(dirname(repository), { recursive: true });
  try {
    await git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', repository]);
    await git(['-C', repository, 'fast-import', '--quiet'], history());
    // As a host keeps it: one pack with a bitmap, so that counting objects is not what is measured.
    await git(['-C', repository, 'repack', '-a', '-d', '--quiet', '--write-bitmap-index']);
    renameSync(unfinished, root);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return root;
}

/** The stream for `git fast-import`: one commit with everything, then commits that change files here and there. */
function* history(): Generator<Buffer | string> {
  const paths = Array.from({ length: FOLDERS * FILES_PER_FOLDER }, (_, i) => i < 12
    ? `${SMALL_DIRECTORY}/file-${i}`
    : `services/service-${Math.floor(i / FILES_PER_FOLDER)}/src/file-${i % FILES_PER_FOLDER}`);
  for (let commit = 0; commit < COMMITS; commit++) {
    yield `commit refs/heads/main\ncommitter Contoso <team@contoso.example> ${1767225600 + commit * 3600} +0000\ndata 8\nA commit\n`;
    const changes = commit === 0 ? paths.length : CHANGES_PER_COMMIT;
    for (let i = 0; i < changes; i++) {
      const file = commit === 0 ? i : (commit * 7919 + i * 23) % paths.length;
      yield `M 100644 inline ${paths[file]}\ndata ${FILE_BYTES}\n`;
      yield content(`${file} in ${commit}`, FILE_BYTES);
      yield '\n';
    }
  }
}

/** Bytes that depend on the seed alone and cannot be compressed: sizes are then what they seem to be. */
export function content(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16)).update(Buffer.alloc(size));
}

async function git(args: readonly string[], input: Iterable<Buffer | string> = []): Promise<void> {
  const child = spawn('git', args, { env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  for (const piece of input) {
    if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}`);
}
