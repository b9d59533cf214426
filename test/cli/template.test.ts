import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './terminal';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'template-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const set = (...settings: string[]) => run(['template', ...settings.flatMap(setting => ['--set', setting])]);

/** The defaults of the template that was printed. */
function defaults(text: string): Record<string, unknown> {
  return Object.fromEntries((parse(text).parameters as { name: string; default?: unknown }[]).map(({ name, ...rest }) => [name, rest.default]));
}

test('prints the committed template', async () => {
  expect(await run(['template'])).toEqual({ code: 0, err: '', out: readFileSync(join(__dirname, '../../templates/azure-pipelines.kaniko-build.yml'), 'utf8') });
});

test('writes a file whole, and names it', async () => {
  const file = join(folder, 'templates/build.yml');
  expect(await run(['template', '-o', file, '--set', 'registry=registry.contoso.example/a'])).toEqual({ code: 0, err: '', out: `${file}\n` });
  expect(defaults(readFileSync(file, 'utf8')).registry).toBe('registry.contoso.example/a');
  expect(readdirSync(join(folder, 'templates'))).toEqual(['build.yml']);
});

test('defaults are texts as they are, booleans, numbers, and lists and mappings in YAML or JSON', async () => {
  const { out } = await set(
    'poolName=a: b # "c" \'d\'=e', 'imageTag=1.10', 'cache=true', 'timeoutMinutes=90', 'nodeVersion=', 'repositoryUrl=https://git.contoso.example/$(Build.Repository.Name)',
    'caCertificates=[{configMapName: ca}]', 'nodeSelector={"pool": "builds"}', 'args=[A=1.10, --single-snapshot]', 'jobName=build', 'dependsOn=[a, b]', 'labels=',
  );
  expect(out).not.toMatch(/ $/m);
  expect(defaults(out)).toMatchObject({
    poolName: 'a: b # "c" \'d\'=e', imageTag: '1.10', cache: true, timeoutMinutes: '90', nodeVersion: '', repositoryUrl: 'https://git.contoso.example/$(Build.Repository.Name)',
    caCertificates: [{ configMapName: 'ca' }], nodeSelector: { pool: 'builds' }, args: ['A=1.10', '--single-snapshot'], jobName: 'build', dependsOn: ['a', 'b'], labels: {},
  });
});

test('every mistake is told at once, each on a line with its remedy, and nothing is written', async () => {
  const file = join(folder, 'build.yml');
  writeFileSync(file, 'mine');
  const ran = await run(['template', '-o', file, ...[
    'imageTag=-x', 'registri=x', 'cache=maybe', 'timeoutMinutes=0', 'appFiles=[{path: a}]', 'labels=[', 'poolName=', 'namespace=a', 'namespace=b', 'condition=${{ x }}', 'jobName=a-b',
    'kanikoVersion=\u001b[31m', 'sparse=', 'condition=',
  ].flatMap(setting => ['--set', setting])]);
  expect([ran.code, ran.out]).toEqual([1, '']);
  expect(ran.err.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^--set imageTag needs a tag .*; write for example/),
    '--set registri is no parameter; did you mean "registry"?',
    '--set cache needs true or false, got "maybe"',
    '--set timeoutMinutes needs a whole number from 1 to 1440, got 0',
    '--set appFiles[0].name is required; write for example "name: kubectl"',
    expect.stringMatching(/^--set labels is no valid YAML or JSON: .*; mend the file$/),
    '--set poolName is empty; write a value, or leave it to the callers',
    '--set namespace is given twice; leave one out',
    '--set condition holds a template expression, which a default cannot be; write the value',
    expect.stringMatching(/^--set jobName needs the name of a job /),
    expect.stringMatching(/^--set kanikoVersion holds a line break or control character/),
    '--set sparse is empty; write a value, or leave it to the callers',
    '--set condition is empty; write a value, or leave it to the callers',
  ]);
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test.each([[['--set', 'x']], [['--set', '=x']], [['--set']], [['more']]])('%j is wrong usage', async argv => {
  expect(await run(['template', ...argv])).toMatchObject({ code: 2, out: '' });
});
