/** What benchmarks need of the machine, and how to get it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './measure';

/** What is missing to load the library. */
export function libraryProblems(): string[] {
  return existsSync(join(ROOT, 'lib/index.js')) ? [] : ['the library is not compiled; npx projen compile'];
}

/** Which programs are missing, by the sentence that says where they come from. */
export function missing(programs: Readonly<Record<string, string>>): string[] {
  const folders = process.env.PATH!.split(':');
  return Object.entries(programs)
    .filter(([program]) => !(program.startsWith('/') ? [program] : folders.map(folder => join(folder, program))).some(path => existsSync(path)))
    .map(([program, remedy]) => `${program} is missing; ${remedy}`);
}

export const GNU_TIME = { '/usr/bin/time': 'on Debian: apt-get install time' };
export const KUBECTL = { kubectl: 'https://kubernetes.io/docs/tasks/tools/' };
