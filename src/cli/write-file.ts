import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MistakesError } from './command';

/**
 * Writes a file whole or not at all; its directory is made.
 *
 * @param remedy what to do where that is not possible
 * @throws MistakesError where it cannot be written
 */
export function writeWhole(file: string, content: string, remedy: string): void {
  const directory = dirname(file);
  const temporary = join(directory, `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    makeDirectory(directory);
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    if (isDirectory(directory)) { rmSync(temporary, { force: true }); }
    throw new MistakesError([`${file}: cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); ${remedy}`]);
  }
}

/** Makes a directory and its parents. `mkdirSync` with `recursive` never returns below a directory that takes no entries, such as /proc. */
function makeDirectory(path: string): void {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) { makeDirectory(parent); }
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isDirectory(path)) { throw error; }
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
