import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { parametersInterface } from '../../scripts/generate-interface';
import { parametersTable } from '../../scripts/generate-table';
import { jsonSchema } from '../../src/parameters/json-schema';
import { PARAMETERS } from '../../src/parameters/parameter-table';
import { readParameters } from '../../src/parameters/read-parameters';

const read = (...path: string[]) => readFileSync(join(__dirname, '..', '..', ...path), 'utf8');
const parameter = (name: string) => PARAMETERS.find(candidate => candidate.name === name);

describe('the names that application teams know', () => {
  test.each(['poolName', 'serviceConnection', 'subscriptionName', 'resourceGroup', 'kubernetesCluster'])('%s is taken, and used by the pipeline alone', name => {
    expect(parameter(name)).toMatchObject({ pipeline: 'only' });
    expect(parameter(name)!.required ?? false).toBe(false);
  });

  test.each(['namespace', 'imagePath', 'imageName', 'imageTag'])('%s is required', name => {
    expect(parameter(name)).toMatchObject({ required: true });
  });

  test.each(['workloadIdentity', 'branchName'])('%s is required by the pipeline, and has an alternative in a file', name => {
    expect(parameter(name)).toMatchObject({ pipeline: 'required' });
    expect(parameter(name)!.required ?? false).toBe(false);
  });

  test.each(['dockerFile', 'args', 'managedIdentityClientId', 'storageAccountName', 'storageContainerName', 'appFiles'])('%s is optional', name => {
    expect(parameter(name)).toBeDefined();
    expect(parameter(name)!.required ?? false).toBe(false);
    expect(parameter(name)!.pipeline).toBeUndefined();
  });

  test('dockerFile is Dockerfile where it is not given', () => {
    expect(parameter('dockerFile')!.default).toBe('Dockerfile');
  });

  test('appFiles holds path and name', () => {
    const { type } = parameter('appFiles')!;
    const fields = type.kind === 'list' && type.items.kind === 'object' ? type.items.fields : [];
    expect(fields.filter(field => field.required).map(field => field.name)).toEqual(['path', 'name']);
  });
});

describe('the table', () => {
  test('names each parameter once', () => {
    const names = PARAMETERS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('gives every parameter one sentence without full stop, and a group', () => {
    for (const { name, help, group } of PARAMETERS) {
      expect(`${name}: ${help}`).toMatch(/^\w+: [A-Z].*[^.]$/);
      expect(group).toMatch(/./);
    }
  });

  test.each(PARAMETERS.flatMap(({ name, example, type }) => example === undefined || type.kind !== 'string' ? [] : [[name, example, type.check] as const]))(
    'the example of %s is valid', (_, example, check) => {
      expect(check(example)).toBeUndefined();
    });
});

describe('what is made from the table is current; run "npx ts-node scripts/generate.ts"', () => {
  test('the interface', () => {
    expect(read('src', 'parameters', 'build-parameters.ts')).toBe(parametersInterface());
  });

  test('the schema', () => {
    expect(JSON.parse(read('schema', 'build-parameters.schema.json'))).toEqual(jsonSchema());
  });

  test('the page', () => {
    expect(read('docs', 'parameters.md')).toContain(`<!-- parameters: generated -->\n${parametersTable()}<!-- /parameters -->`);
  });
});

describe('the schema', () => {
  const valid = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(jsonSchema());
  const example = parse(read('examples', 'build-agent', 'build.yaml')) as Record<string, unknown>;

  test('accepts the example, as the command does', () => {
    expect([valid(example), valid.errors]).toEqual([true, null]);
    expect(readParameters(read('examples', 'build-agent', 'build.yaml')).mistakes).toEqual([]);
  });

  test.each<[string, object]>([
    ['an unknown parameter', { imageNam: 'x' }],
    ['an unknown field', { appFiles: [{ path: 'a', name: 'b', sha: 'c' }] }],
    ['a file without its name', { appFiles: [{ path: 'a' }] }],
    ['a text for a list', { appFiles: 'kubectl' }],
    ['a list for a text', { imageName: ['app'] }],
    ['a number out of its bounds', { timeoutMinutes: 0 }],
    ['a choice that is none', { snapshotMode: 'fast' }],
    ['args in a form that is none', { args: { A: [1] } }],
    ['a build without its name', { imageName: undefined }],
    ['a build without its files', { repositoryUrl: undefined }],
  ])('refuses %s', (_, change) => {
    expect(valid(JSON.parse(JSON.stringify({ ...example, ...change })))).toBe(false);
  });

  test.each<[string, object]>([
    ['a tag that is a number', { imageTag: 42 }],
    ['args as a map', { args: { A: 1, B: true } }],
    ['args as a list', { args: ['A=1', '--reproducible'] }],
    ['args as a text', { args: 'A=1' }],
    ['a volume in place of a repository', { repositoryUrl: undefined, volumeClaimName: 'images' }],
    ['the address of the schema', { $schema: './schema.json' }],
  ])('accepts %s', (_, change) => {
    expect([valid(JSON.parse(JSON.stringify({ ...example, ...change }))), valid.errors]).toEqual([true, null]);
  });
});
