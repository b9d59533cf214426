/** Of signals.test.ts: `cdk-kaniko run` with an engine whose build never ends, and whose deleting may never end either. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from '../../../src/cli/main';
import { EngineMaker, ENGINES } from '../../../src/cli/run/engines';

const [, , mode, deleted] = process.argv;
process.argv.splice(2, 2, 'run', '-f', '-');

(ENGINES as Record<string, EngineMaker>).kubectl = async () => ({
  check: async () => [],
  build: async (_build, _tell, signal) => {
    process.stderr.write('building\n');
    await new Promise<void>(resolve => {
      const waiting = setInterval(() => { if (mode === 'talkative') { process.stderr.write('a line\n'); } }, 100);
      signal.addEventListener('abort', () => { clearInterval(waiting); resolve(); });
    });
    return { outcome: 'cancelled' };
  },
  remove: async () => {
    process.stderr.write('deleting\n');
    if (mode === 'stubborn') { await new Promise(() => setInterval(() => undefined, 1000)); }
    if (mode === 'talkative') {
      await sleep(1000);
      writeFileSync(deleted, '');
    }
    process.stderr.write('deleted\n');
  },
});

void main();
