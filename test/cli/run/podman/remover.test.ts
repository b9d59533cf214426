import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Remover } from '../../../../src/cli/run/podman/remover';

let folder: string;
const { PATH } = process.env;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'remover-')); });
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

test('a shell that reads no more is a removal that failed, and no crash', async () => {
  const deaf = join(folder, 'deaf');
  writeFileSync(join(folder, 'sh'), `#!/bin/sh\nexec 0<&-\n: >"${deaf}"\nwhile [ -e "${deaf}" ]; do sleep 0.1; done\nexit 3\n`);
  chmodSync(join(folder, 'sh'), 0o755);
  process.env.PATH = `${folder}:${PATH}`;
  const remover = new Remover('podman', folder);
  while (!existsSync(deaf)) { await new Promise(resolve => { setImmediate(resolve); }); }
  const removed = remover.remove();
  rmSync(deaf);
  await expect(removed).rejects.toThrow('exit code 3');
});
