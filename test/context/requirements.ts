import { spawnSync } from 'node:child_process';

/** What these tests run, and the Debian package that has it. */
const PROGRAMS = { 'git': 'git', 'git-lfs': 'git-lfs', 'curl': 'curl', 'openssl': 'openssl', 'dash': 'dash', 'busybox': 'busybox-static' };

/** Says all at once what the machine lacks, before the first test. */
export default function requirements(): void {
  const missing = Object.entries(PROGRAMS).filter(([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length === 0) return;
  throw new Error(`test:context needs ${missing.map(([program]) => program).join(', ')}; on Debian: apt-get install ${missing.map(([, name]) => name).join(' ')}`);
}
