import { readPrepareLine } from '../../../src/cli/run/prepare-log';

// The lines of docs/prepare-context.md, which the program's own tests hold it to.
test.each([
  ['trust: joining the authorities ...', { kind: 'begun', step: 'trust', text: 'joining the authorities' }],
  ['trust: 143 authorities, 1 mounted files (0.0 s)', { kind: 'ended', step: 'trust', text: '143 authorities, 1 mounted files' }],
  ['clone: branch \'main\' of https://git.contoso.example/wind (x) ...', { kind: 'begun', step: 'clone', text: 'branch \'main\' of https://git.contoso.example/wind (x)' }],
  ['clone: commit 1f2e, fetched 0.2 MB, work tree 0.1 MB (1.3 s)', { kind: 'ended', step: 'clone', text: 'commit 1f2e, fetched 0.2 MB, work tree 0.1 MB' }],
  ['files: 1 from https://contosobinaries.blob.core.windows.net/bin ...', { kind: 'begun', step: 'files', text: '1 from https://contosobinaries.blob.core.windows.net/bin' }],
  ['files: 1 from https://contosobinaries.blob.core.windows.net/bin (0.9 s)', { kind: 'ended', step: 'files', text: '1 from https://contosobinaries.blob.core.windows.net/bin' }],
  ['files: \'kubectl\', 48.1 MB (0.9 s)', undefined],
  ['clone: no answer from git.contoso.example; trying again in 2 s', undefined],
  ['dockerfile: instructions by stage: 4 0 6', { kind: 'instructions', byStage: [4, 0, 6] }],
  ['done in 1.4 s', undefined],
  ['error: there is no branch (exit code 32)', undefined],
])('reads "%s"', (line, read) => {
  expect(readPrepareLine(`prepare-context: ${line}`)).toEqual(read);
});

test('what another program says is not read', () => {
  expect(readPrepareLine('clone: x ...')).toBeUndefined();
});
