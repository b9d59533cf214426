/** Values of parameters that want to be more than values. Needs lib/. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkingJob, jobOf, testAgent } from './fixture';
import { PARAMETERS } from '../../src/parameters/parameter-table';
import { parametersFrom } from '../../src/pipeline/environment';
import { TEMPLATE_PARAMETERS, TemplateParameter } from '../../src/pipeline/template-parameters';

// Programs are started, and the machine may be busy.
jest.setTimeout(600_000);

/** Each would make the file CANARY if anything took it for more than a text. */
const HOSTILE = [
  '$(touch CANARY)', '`touch CANARY`', '"; touch CANARY; "', '\'; touch CANARY; \'', '\n touch CANARY\n', '${{ variables.x }}', '${IFS}', '$[1]',
  '##vso[task.setvariable variable=PATH]CANARY', '##[command]x', '###vso[task.prependpath]x', ']; touch CANARY', '\\', '\\\\$(x)', '\\u0024(x)', '%0A##vso[task.prependpath]x', '--help', '-', '~',
  '*', '{"a": 1}', '[1]', '- a', 'a: b', '# c', '&a', '*a', '!!js', '1.10', '0x1F', '1e3', 'true', 'null', ' spaces ', 'tab\tbed', 'ümläut 日本 🚀', 'a\r\nb', '$', '$$', '$(', ')',
];

const PARAMETER_NAMES = new Set(PARAMETERS.map(({ name }) => name));
const OURS = TEMPLATE_PARAMETERS.filter(({ name }) => PARAMETER_NAMES.has(name));
const isClosed = ({ type }: TemplateParameter) => type.kind === 'string' && type.values !== undefined;
const TEXTS = OURS.filter(parameter => parameter.templateType === 'string' && !isClosed(parameter)).map(({ name }) => name);
const OBJECTS = OURS.filter(({ templateType }) => templateType === 'object').map(({ name }) => name);

// Every parameter gets another value in each of the runs, and every value is some parameter's in each.
test.each([0, 1, 2])('hostile values run nothing and reach the parameters file byte for byte (%d)', async round => {
  const { agent, folder, read, remove } = testAgent();
  const valueOf = (index: number) => HOSTILE[(index + 17 * round) % HOSTILE.length];
  const given = Object.fromEntries([
    ['cache', 'True'],
    ...TEXTS.map((name, index) => [name, valueOf(index)]),
    ...OBJECTS.map((name, index) => [name, { [valueOf(index)]: [valueOf(index + 1), { key: valueOf(index + 2) }] }]),
  ]);
  const check = (await agent.run(checkingJob(given))).at(-1)!;
  expect(JSON.parse(read('build.json'))).toMatchObject(given);
  expect(check.code).toBe(1);
  expect(new Set(check.commands.map(({ name }) => name))).toEqual(new Set(['task.logissue']));
  expect(check.refused).toEqual([]);
  for (const place of ['s', '_temp', '_temp/cdk-kaniko', '.']) { expect(existsSync(join(folder, place, 'CANARY'))).toBe(false); }
  remove();
});

test('the programs that log in get hostile names as one argument each', async () => {
  const { agent, started, folder, remove } = testAgent({ env: { FAKE_RESULT: '{"outcome":"failed"}' } });
  const value = '$(touch CANARY)`touch CANARY`"\';##vso[task.prependpath]x';
  await agent.run(jobOf({ kubernetesCluster: value, resourceGroup: value, subscriptionName: value }));
  expect(started().find(([program]) => program === 'az'))
    .toEqual(expect.arrayContaining([`--name=${value}`, `--resource-group=${value}`, `--subscription=${value}`]));
  expect(existsSync(join(folder, 's/CANARY'))).toBe(false);
  remove();
});

// What an environment variable cannot hold, YAML cannot either.
const anyText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[\x01-\x7f]*$/));
const { agent, remove } = testAgent();
afterAll(remove);

/** What the command reads of what the template was given. */
function through(given: Record<string, unknown>): Record<string, unknown> {
  const step = jobOf({ cache: true, buildSecretName: 'x', aptSources: ['x'], ...given }).steps.find(({ displayName }) => displayName === 'Check the parameters')!;
  return parametersFrom(agent.environment(step));
}

test('every text goes through as it is; an empty one is not given', () => {
  fc.assert(fc.property(fc.constantFrom(...TEXTS), anyText, (name, value) => {
    const unset = name === 'repositoryUrl' ? 'https://dev.azure.com/contoso/wind/_git/images' : undefined;
    expect(through({ [name]: value })[name]).toBe(value || unset);
  }), { numRuns: 150 });
});

test('every list and mapping goes through as it is; an empty one is not given', () => {
  const anyObject = fc.oneof(
    fc.array(fc.oneof(anyText, fc.dictionary(anyText, anyText))),
    fc.dictionary(anyText, fc.oneof(anyText, fc.boolean(), fc.integer(), fc.array(anyText))),
  );
  fc.assert(fc.property(fc.constantFrom(...OBJECTS), anyObject, (name, value) => {
    expect(JSON.stringify(through({ [name]: value })[name])).toBe(Object.keys(value).length === 0 ? undefined : JSON.stringify(value));
  }), { numRuns: 150 });
});
