import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What a file of a commit is: its content, a program, or a symbolic link. */
export type Entry = string | { readonly program: string } | { readonly link: string };

/** Bare repositories for the git server, made from what they shall hold. */
export class Repositories {
  public readonly root = mkdtempSync(join(tmpdir(), 'repositories-'));

  /** A bare repository with one commit on `main`. @returns the commit's id */
  public create(name: string, files: Record<string, Entry>): string {
    git('init', '--quiet', '--bare', '--template=', '--initial-branch=main', join(this.root, name));
    return this.commit(name, files);
  }

  /** A commit upon a branch, which starts with nothing where it is new. @returns its id */
  public commit(name: string, files: Record<string, Entry>, branch = 'main', submodules: Record<string, string> = {}): string {
    const work = mkdtempSync(join(tmpdir(), 'work-tree-'));
    try {
      git('clone', '--quiet', join(this.root, name), work);
      const here = (...args: string[]) => git('-C', work, ...args);
      here('symbolic-ref', 'HEAD', `refs/heads/${branch}`);
      for (const [path, entry] of Object.entries(files)) writeEntry(join(work, path), entry);
      here('add', '--all', '.');
      for (const [path, commit] of Object.entries(submodules)) here('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`);
      here('commit', '--quiet', '--allow-empty', '--message', 'A commit');
      here('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
      return here('rev-parse', 'HEAD').trim();
    } finally {
      rmSync(work, { recursive: true });
    }
  }

  public tag(name: string, tag: string, commit: string): void {
    git('-C', join(this.root, name), 'tag', '--annotate', '--message', 'A tag', tag, commit);
  }

  /** Stores an object of Git LFS. @returns the pointer to commit in its place */
  public lfsPointer(name: string, content: string, stored = true): string {
    const oid = createHash('sha256').update(content).digest('hex');
    if (stored) writeEntry(join(this.root, name, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid), content);
    return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${Buffer.byteLength(content)}\n`;
  }

  /** The same repository by another name. */
  public copy(from: string, to: string): void {
    cpSync(join(this.root, from), join(this.root, to), { recursive: true });
  }

  /** Removes one. */
  public drop(name: string): void {
    rmSync(join(this.root, name), { recursive: true });
  }

  public remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

function writeEntry(path: string, entry: Entry): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof entry === 'string') {
    writeFileSync(path, entry);
  } else if ('link' in entry) {
    symlinkSync(entry.link, path);
  } else {
    writeFileSync(path, entry.program);
    chmodSync(path, 0o755);
  }
}

/** git with no settings but these: what it makes is the same on every machine. */
export function git(...args: string[]): string {
  const who = { NAME: 'Contoso', EMAIL: 'team@contoso.example', DATE: '2026-01-01T00:00:00Z' };
  return execFileSync('git', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...Object.fromEntries(Object.entries(who).flatMap(([key, value]) => [[`GIT_AUTHOR_${key}`, value], [`GIT_COMMITTER_${key}`, value]])),
    },
  });
}
