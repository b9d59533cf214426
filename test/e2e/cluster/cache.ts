/** What takes long to make is made once a version, outside of the checkout. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder that all checkouts share. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cdk-kaniko');

/**
 * A folder of the cache, made where it is not there yet.
 * @param key its path in the cache, with the version in it
 * @param make fills an empty folder; where it throws, the cache stays as it was
 * @returns the folder
 */
export function cached(key: string, make: (folder: string) => void): string {
  const folder = join(CACHE, key);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    console.log(`making ${key} …`);
    const start = Date.now();
    make(unfinished);
    renameSync(unfinished, folder);
    console.log(`made ${key} in ${Math.round((Date.now() - start) / 1000)} s`);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}
