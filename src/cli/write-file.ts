import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
    mkdirSync(directory, { recursive: true });
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    if (isDirectory(directory)) { rmSync(temporary, { force: true }); }
    throw new MistakesError([`${file}: cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); ${remedy}`]);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
