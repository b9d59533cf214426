import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from './terminal';
import { leastYaml } from '../parameters/base';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'synth-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);
const out = () => inFolder('dist');

function file(name: string, text: string): string {
  writeFileSync(inFolder(name), text);
  return inFolder(name);
}

function jobs(): string[] {
  const documents = parseAllDocuments(readFileSync(join(out(), 'kaniko-builds.k8s.yaml'), 'utf8')) as { toJS: () => any }[];
  return documents.map(document => document.toJS()).filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name);
}

test('writes the manifest and lists its objects', async () => {
  const ran = await run(['synth', '-f', file('build.yaml', leastYaml()), '-o', out()]);
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(ran.out).toMatch(/^.*dist\/kaniko-builds\.k8s\.yaml\n(  \w+ +builds\/[-\w]+\n)+$/);
  expect(ran.out).toContain('  Job            builds/app-1-0\n');
  expect(readdirSync(out())).toEqual(['kaniko-builds.k8s.yaml']);
  expect(jobs()).toEqual(['app-1-0']);
});

test('takes several files, documents and JSON, and makes the folder of the output', async () => {
  const two = file('two.yaml', `${leastYaml('imageName: one')}---\n${leastYaml('imageName: two')}`);
  const json = file('three.json', JSON.stringify({
    namespace: 'builds', volumeClaimName: 'images', imagePath: '.', registry: 'registry.contoso.example', imageName: 'three', imageTag: '1',
  }));
  expect(await run(['synth', '--file', two, '-f', json, '--out', join(out(), '.')])).toMatchObject({ code: 0 });
  expect(jobs().sort()).toEqual(['one-1-0', 'three-1', 'two-1-0']);
});

test('takes standard input', async () => {
  expect(await run(['synth', '-f', '-', '-o', out()], leastYaml())).toMatchObject({ code: 0, err: '' });
  expect(jobs()).toEqual(['app-1-0']);
});

test('replaces what an earlier run wrote', async () => {
  await run(['synth', '-f', '-', '-o', out()], leastYaml('imageTag: a'));
  await run(['synth', '-f', '-', '-o', out()], leastYaml('imageTag: b'));
  expect(jobs()).toEqual(['app-b']);
  expect(readdirSync(out())).toHaveLength(1);
});

test('gives each run names of its own', async () => {
  await run(['synth', '-f', '-', '-o', out(), '--run-id', '20261123.4'], leastYaml());
  expect(jobs()).toEqual(['app-1-0-20261123-4']);
});

test.each(['', 'a b', '-x', 'a/b', '$(id)', 'a\nb', 'a'.repeat(33)])('refuses the run id %j as wrong usage', async id => {
  const ran = await run(['synth', '-f', '-', '-o', out(), `--run-id=${id}`], leastYaml());
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toMatch(/^cdk-kaniko: --run-id [^\n]*\nSee "cdk-kaniko synth --help"\.\n$/);
  expect(existsSync(out())).toBe(false);
});

test('reports all mistakes of all files, each on one line with its file, and writes nothing, not even a folder', async () => {
  const bad = file('bad.yaml', leastYaml('imageTag: -x\nnope: 1'));
  const good = file('good.yaml', leastYaml());
  const missing = inFolder('missing.yaml');
  const ran = await run(['synth', '-f', bad, '-f', good, '-f', missing, '-f', '-', '-o', out()], leastYaml('imagePath: ../x'));
  expect([ran.code, ran.out]).toEqual([1, '']);
  expect(ran.err.split('\n')).toEqual([
    expect.stringMatching(`^${bad}:7: imageTag needs a tag .*, got "-x"; write for example`),
    `${bad}:8: nope is no parameter; the known ones are printed by "cdk-kaniko schema"`,
    `${missing}: cannot be read (ENOENT); check the path and its permissions`,
    expect.stringMatching('^standard input:7: imagePath leaves the build context'),
    '',
  ]);
  expect(readdirSync(folder).sort()).toEqual(['bad.yaml', 'good.yaml']);
});

test('a mistake leaves what an earlier run wrote', async () => {
  await run(['synth', '-f', '-', '-o', out()], leastYaml());
  expect(await run(['synth', '-f', '-', '-o', out()], leastYaml('imageTag: -x'))).toMatchObject({ code: 1 });
  expect(jobs()).toEqual(['app-1-0']);
});

test('refuses two builds of one name', async () => {
  const first = file('first.yaml', leastYaml());
  const second = file('second.yaml', leastYaml());
  const ran = await run(['synth', '-f', first, '-f', second, '-o', out()]);
  expect(ran).toEqual({ code: 1, out: '', err: `${second}:1: two builds have the name "app-1-0" in the namespace "builds"; give one another name (name)\n` });
  expect(existsSync(out())).toBe(false);
});

test('refuses what only the constructs can tell, without their places or a stack trace', async () => {
  const ran = await run(['synth', '-f', '-', '-o', out()], leastYaml('affinity: {nope: {}}'));
  expect(ran).toEqual({ code: 1, out: '', err: expect.stringMatching(/^standard input:1: [^[\n]*affinity\.nope[^\n]*\n$/) });
  expect(existsSync(out())).toBe(false);
});

test('a directory is no file', async () => {
  expect(await run(['synth', '-f', folder, '-o', out()])).toEqual({
    code: 1, out: '', err: `${folder}: cannot be read (EISDIR); check the path and its permissions\n`,
  });
});

test('says where it cannot write, and leaves nothing behind', async () => {
  const taken = file('taken', 'mine');
  expect(await run(['synth', '-f', '-', '-o', taken], leastYaml())).toEqual({
    code: 1, out: '', err: expect.stringMatching(/taken\/kaniko-builds\.k8s\.yaml: cannot be written \((EEXIST|ENOTDIR)\); choose another directory by -o\n$/),
  });
  expect(readFileSync(taken, 'utf8')).toBe('mine');
  mkdirSync(join(out(), 'kaniko-builds.k8s.yaml'), { recursive: true });
  expect(await run(['synth', '-f', '-', '-o', out()], leastYaml())).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written') });
  expect(readdirSync(out())).toEqual(['kaniko-builds.k8s.yaml']);
});
