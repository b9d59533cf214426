/** The commands that the template's steps start; test/pipeline/ runs them as an agent does. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './terminal';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'pipeline-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const LEAST = {
  PARAMETER_namespace: 'builds', PARAMETER_workloadIdentity: 'builder', PARAMETER_branchName: 'main', PARAMETER_imagePath: 'app',
  PARAMETER_registry: 'registry.contoso.example/docker-local', PARAMETER_imageName: 'app', PARAMETER_imageTag: 'v1',
};

const parameters = (env: Record<string, string>) => run(['pipeline-parameters', '-o', join(folder, 'build.json')], '', { ...LEAST, ...env });

test.each([
  ['https://contoso@dev.azure.com/contoso/wind%20data/_git/images', 'https://dev.azure.com/contoso/wind%20data/_git/images'],
  ['https://user:secret@git.contoso.example/a', 'https://git.contoso.example/a'],
  ['https://github.com/contoso/images', 'https://github.com/contoso/images'],
])('the pipeline\'s repository %s is built from %s', async (uri, url) => {
  expect(await parameters({ BUILD_REPOSITORY_URI: uri })).toEqual({ code: 0, out: '', err: '' });
  expect(JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8')).repositoryUrl).toBe(url);
});

test('a repository that is given is not the pipeline\'s', async () => {
  await parameters({ BUILD_REPOSITORY_URI: 'https://github.com/contoso/one', PARAMETER_repositoryUrl: 'https://github.com/contoso/two' });
  expect(JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8')).repositoryUrl).toBe('https://github.com/contoso/two');
});

test('what the constructs refuse is found too, and a mistake cannot give the agent a command', async () => {
  const { code, err } = await parameters({
    BUILD_REPOSITORY_URI: 'https://github.com/contoso/one', PARAMETER_affinity: '{"nope": {}}',
  });
  expect([code, err]).toEqual([1, expect.stringMatching(/^##vso\[task\.logissue type=error\][^\n]*affinity\.nope[^\n]*\n$/)]);
  const hostile = await parameters({ BUILD_REPOSITORY_URI: 'https://github.com/contoso/one', PARAMETER_imageTag: '###vso[task.x]a;b]%0A' });
  expect(hostile.err).toMatch(/^##vso\[task\.logissue type=error\]imageTag needs [^\n]*"# # #vso\[task\.x\]a;b\]%AZP250A"[^\n]*\n$/);
});

test('a variable that holds no JSON is named', async () => {
  expect(await parameters({ PARAMETER_appFiles: '[' })).toEqual({
    code: 1, out: '', err: '##vso[task.logissue type=error]PARAMETER_appFiles holds no JSON; use the template as "cdk-kaniko template" prints it\n',
  });
  expect(existsSync(join(folder, 'build.json'))).toBe(false);
});

test('a result that cannot be read is named', async () => {
  const result = join(folder, 'result.json');
  const outputs = () => run(['pipeline-outputs', '--result', result, '--summary', join(folder, 'none.md')]);
  expect(await outputs()).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`${result}: `) });
  writeFileSync(result, '{"outcome": "pushed"}');
  expect(await outputs()).toMatchObject({ code: 1, out: '', err: `${result}: the result holds no digest; run the build again\n` });
  writeFileSync(result, '##vso[x]');
  expect(await outputs()).toMatchObject({ code: 1, out: '', err: expect.not.stringContaining('##') });
});

test.each([[['pipeline-parameters']], [['pipeline-outputs']], [['pipeline-outputs', '--result', 'x']]])('%j is wrong usage', async argv => {
  expect(await run(argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('See "cdk-kaniko pipeline-') });
});
