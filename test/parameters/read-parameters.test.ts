import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leastYaml } from './base';
import { BuildParametersFile } from '../../src/parameters/build-parameters-file';
import { checkParameters, readParameters } from '../../src/parameters/read-parameters';

const messages = (text: string) => readParameters(text).mistakes.map(({ path, line, message }) => `${line}:${path} ${message}`);

test('reads the parameters of a build', () => {
  expect(readParameters(leastYaml('additionalTags: [latest]\nbranchName: refs/heads/main'))).toEqual({
    mistakes: [],
    lines: [1],
    builds: [{
      namespace: 'builds', repositoryUrl: 'https://git.contoso.example/wind/images', branchName: 'refs/heads/main', imagePath: 'app',
      registry: 'registry.contoso.example/docker-local', imageName: 'app', imageTag: '1.0', additionalTags: ['latest'],
    }],
  });
});

test('keeps a tag and build arguments as they were written', () => {
  const { builds: [build] } = readParameters(leastYaml('imageTag: 1.10\nargs: {PYTHON: 3.10, DEBUG: True, HEX: 0x1F}'));
  expect(build.imageTag).toBe('1.10');
  expect(build.args).toEqual({ PYTHON: '3.10', DEBUG: 'True', HEX: '0x1F' });
  expect(readParameters(leastYaml('args: [A=1]')).builds[0].args).toEqual(['A=1']);
  expect(readParameters(leastYaml('args: A=1')).builds[0].args).toBe('A=1');
});

test('takes the empty strings that a pipeline passes for what its caller left out', () => {
  const empty = leastYaml('dockerFile: ""\nargs: ""\nappFiles: ""\nmanagedIdentityClientId: ""\ncache: ""\ntimeoutMinutes: ""\nlabels: ""\naffinity: ""');
  expect(readParameters(empty)).toEqual(readParameters(leastYaml()));
});

test('takes the strings that a pipeline makes of booleans and numbers', () => {
  expect(readParameters(leastYaml('cache: "True"\ntimeoutMinutes: "30"')).builds[0]).toMatchObject({ cache: true, timeoutMinutes: 30 });
});

test('reads several documents, and passes over empty ones', () => {
  const text = `---\n${leastYaml()}---\n# nothing\n---\n${leastYaml('imageName: other')}...\n`;
  expect(readParameters(text).builds.map(build => build.imageName)).toEqual(['app', 'other']);
});

test('reads JSON, with a schema, a byte order mark and Windows\' line ends', () => {
  const json = JSON.stringify({ $schema: './schema.json', ...readParameters(leastYaml()).builds[0] }, null, 2);
  expect(readParameters(json)).toEqual(readParameters(leastYaml()));
  expect(readParameters(`\ufeff${leastYaml().replaceAll('\n', '\r\n')}`)).toEqual(readParameters(leastYaml()));
});

test.each(['', '\n\n', '# only a comment\n', '---\n---\n', 'null', '~'])('refuses %j, which holds no parameters', text => {
  expect(readParameters(text)).toMatchObject({ builds: [], mistakes: [{ path: '', line: 1, message: 'holds no parameters; write for example "imageName: build-agent"' }] });
});

test('reports the mistakes of all documents in the order of their lines, and gives no build', () => {
  const text = `${leastYaml('imageTag: -x')}---\n${leastYaml()}---\n${leastYaml('imagePath: ../x\nnope: 1')}`;
  expect(readParameters(text).builds).toEqual([]);
  expect(messages(text).map(message => message.split(' ')[0])).toEqual(['7:imageTag', '24:imagePath', '25:nope']);
});

test('goes on after a document that is no YAML', () => {
  expect(messages(`a: b: c\n---\n${leastYaml('imageTag: -x')}`)).toEqual([
    expect.stringContaining('1: is no valid YAML or JSON: '), expect.stringContaining('9:imageTag needs a tag'),
  ]);
});

test.each([
  ['an anchor', 'args: &a {A: 1}', 'uses the YAML anchor "&a"; remove it'],
  ['an alias', 'imageTag: *a', 'uses the YAML alias "*a"; write the value out'],
  ['a tag', 'imageTag: !!binary aGk=', 'uses the YAML tag'],
  ['a tag of its own', 'imageTag: !secret x', 'uses the YAML tag "!secret"'],
  ['an anchor on a key', '&a dockerFile: x', 'uses the YAML anchor'],
  ['an anchor in a list', 'appFiles: [&a {path: a, name: b}]', 'uses the YAML anchor'],
  ['a duplicate key', 'imageTag: a\nimageTag: b', 'Map keys must be unique'],
  ['a duplicate key within', 'args: {A: 1, A: 2}', 'Map keys must be unique'],
])('refuses %s', (_, lines, message) => {
  expect(readParameters(leastYaml(lines)).builds).toEqual([]);
  expect(messages(leastYaml(lines))).toEqual([expect.stringContaining(message)]);
});

test('reads no alias before it refuses it: a small file that would become a huge one costs nothing', () => {
  const laughs = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`).join('\n');
  expect(messages(`a0: &a0 [x]\n${laughs}`)).toEqual([expect.stringContaining('uses the YAML')]);
});

test('reports rules between parameters only where each is valid', () => {
  expect(messages(leastYaml('imageTag: -x\ncreateServiceAccount: true'))).toHaveLength(1);
});

test('checks flags against the version of the executor', () => {
  const old = 'kanikoImage: registry.contoso.example/kaniko:v1.24.0-debug\n';
  expect(messages(leastYaml(`${old}args: --image-format=oci`))).toEqual([expect.stringContaining('9:args --image-format needs kaniko v1.28.1 or later, the image is v1.24.0')]);
  expect(messages(leastYaml('args: --image-format=oci'))).toEqual([]);
  expect(messages(leastYaml(`${old}featureFlags: {FF_KANIKO_ROLLING_CACHE_KEY: true}`))).toEqual([expect.stringContaining('the image is v1.24.0')]);
});

test('checks what is given in code as strictly, without lines', () => {
  const { builds: [build] } = readParameters(leastYaml());
  expect(checkParameters(build)).toEqual({ builds: [build], lines: [undefined], mistakes: [] });
  expect(checkParameters({ ...build, imageTag: '-x' })).toEqual({ builds: [], lines: [], mistakes: [{ path: 'imageTag', line: undefined, message: expect.stringContaining('needs a tag') }] });
});

describe('BuildParametersFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parameters-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('reads a file', () => {
    writeFileSync(join(folder, 'good.yaml'), leastYaml());
    expect(BuildParametersFile.read(join(folder, 'good.yaml'))).toEqual(readParameters(leastYaml()).builds);
  });

  test('throws with every mistake on a line of its own', () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, leastYaml('imageTag: -x\nnope: 1'));
    expect(() => BuildParametersFile.read(file)).toThrow(new RegExp(`^${file}:7: imageTag needs .*\n${file}:8: nope is no parameter.*$`));
  });
});
