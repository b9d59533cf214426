import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A shell with the tools that its image would have. */
export interface Shell {
  readonly command: readonly string[];
  /** Where its tools are looked for. */
  readonly path: string;
}

/** For `describe.each`: every test runs in both. */
export const SHELLS: ReadonlyArray<readonly [string, () => Shell]> = [
  ['dash, with the tools of Debian', () => ({ command: ['dash'], path: process.env.PATH! })],
  ['BusyBox ash, with its own tools', busybox],
];

/** BusyBox's applets first, so that only git, curl and what they start are Debian's. */
function busybox(): Shell {
  const folder = join(tmpdir(), `cdk-kaniko-busybox-${process.getuid!()}`);
  if (!existsSync(folder)) {
    const made = mkdtempSync(`${folder}-`);
    const applets = join(made, 'bin');
    mkdirSync(applets);
    execFileSync('busybox', ['--install', '-s', applets]);
    execFileSync('chmod', ['-R', 'a+rX', made]);
    try {
      renameSync(made, folder);
    } catch (error) {
      if (readdirSync(folder).length === 0) throw error; // otherwise another worker was faster
    }
  }
  return { command: [join(folder, 'bin', 'ash')], path: `${join(folder, 'bin')}:${process.env.PATH}` };
}
