/** Repositories of the git host, written by the tests. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of a commit: content by path; a path that ends with `*` is executable and loses the star. */
export type Files = Readonly<Record<string, string>>;

/** A bare repository with one branch, `main`. */
export class Repository {
  private readonly workTree: string;

  /** @param folder the bare repository, as the server finds it */
  public constructor(private readonly folder: string) {
    this.workTree = `${folder}.work`;
    mkdirSync(this.workTree, { recursive: true });
    this.git('init', '--quiet', '--bare', '--initial-branch=main', folder);
    this.git('init', '--quiet', '--initial-branch=main');
  }

  /** Makes the files those of `main`, and nothing else. @returns the commit */
  public commit(files: Files): string {
    this.git('rm', '-rqf', '--ignore-unmatch', '.');
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.workTree, path.replace(/\*$/, ''));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      if (path.endsWith('*')) chmodSync(file, 0o755);
    }
    this.git('add', '--all');
    this.git('-c', 'user.name=Contoso', '-c', 'user.email=git@contoso.example', 'commit', '--quiet', '--allow-empty', '--message=files');
    this.git('push', '--quiet', this.folder, 'main');
    return this.git('rev-parse', 'HEAD').trim();
  }

  private git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.workTree, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
