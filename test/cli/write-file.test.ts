import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../../src/cli/write-file';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'write-file-')); });
afterEach(() => { rmSync(folder, { recursive: true }); });

test('makes the directories that are missing, and leaves nothing beside the file', () => {
  const file = join(folder, 'a/b/report.md');
  writeWhole(file, 'one', 'choose another');
  writeWhole(file, 'two', 'choose another');
  expect([readFileSync(file, 'utf8'), readdirSync(join(folder, 'a/b'))]).toEqual(['two', ['report.md']]);
});

test('a path below a file is a mistake', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => writeWhole(join(file, 'a/report.md'), '', 'choose another')).toThrow(`${file}/a/report.md: cannot be written (ENOTDIR); choose another`);
});

test('a path below a directory that takes no entries is a mistake', () => {
  expect(() => writeWhole('/proc/reports/a/report.md', '', 'choose another')).toThrow(/^\/proc\/reports\/a\/report\.md: cannot be written \(E\w+\); choose another$/);
});
