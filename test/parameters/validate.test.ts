import { fromValue } from '../../src/parameters/input';
import { Parameter } from '../../src/parameters/parameter';
import { validate } from '../../src/parameters/validate';
import { parseDocuments } from '../../src/parameters/yaml-documents';

const text = { kind: 'string', check: (value: string) => value === 'bad' ? 'is bad; write "good"' : undefined } as const;
const FIELDS: readonly Parameter[] = [
  { name: 'text', type: text, required: true, example: 'good', help: 'A text' },
  { name: 'count', type: { kind: 'integer', minimum: 1, maximum: 10 }, help: 'A number' },
  { name: 'on', type: { kind: 'boolean' }, help: 'A switch' },
  { name: 'list', type: { kind: 'list', items: text }, help: 'A list' },
  { name: 'map', type: { kind: 'map', key: key => key === 'bad' ? 'is bad' : undefined, values: text }, help: 'A map' },
  {
    name: 'object',
    help: 'An object',
    type: { kind: 'object', name: 'Thing', help: 'A thing.', fields: [{ name: 'id', type: text, required: true, help: 'Its id' }, { name: 'note', type: text, help: 'A note' }] },
  },
  { name: 'raw', type: { kind: 'raw', help: 'the manual' }, help: 'Anything' },
];

const yaml = (source: string) => validate(parseDocuments(source).documents[0], FIELDS);
const code = (value: unknown) => validate(fromValue(value), FIELDS);
const messages = ({ mistakes }: { mistakes: readonly { path: string; line?: number; message: string }[] }) =>
  mistakes.map(({ path, line, message }) => `${line ?? '-'}:${path} ${message}`);

test.each([
  ['a plain text', 'text: x', 'x'],
  ['1.10 as it was written', 'text: 1.10', '1.10'],
  ['a number with leading zeros', 'text: 007', '007'],
  ['a hexadecimal number', 'text: 0x1F', '0x1F'],
  ['a large number', 'text: 12345678901234567890', '12345678901234567890'],
  ['a quoted true', 'text: "true"', 'true'],
  ['a date', 'text: 2026-11-23', '2026-11-23'],
  ['yes, which is a text since YAML 1.2', 'text: yes', 'yes'],
])('takes %s for a text', (_, source, value) => {
  expect(yaml(source)).toEqual({ value: { text: value }, mistakes: [] });
});

test.each([['on: true', true], ['on: True', true], ['on: "True"', true], ['on: "false"', false], ['on: FALSE', false]])('takes %s for a switch', (source, value) => {
  expect(yaml(`text: x\n${source}`)).toEqual({ value: { text: 'x', on: value }, mistakes: [] });
});

test.each([['count: 5', 5], ['count: "5"', 5], ['count: 10', 10]])('takes %s for a number', (source, value) => {
  expect(yaml(`text: x\n${source}`)).toEqual({ value: { text: 'x', count: value }, mistakes: [] });
});

test.each(['0', '11', '1.0', '1e1', '0x5', '-1', 'five', 'true', '[5]', '99999999999999999999', '.inf'])('refuses %s for a number from 1 to 10', value => {
  expect(messages(yaml(`text: x\ncount: ${value}`))).toEqual([expect.stringContaining('2:count needs a whole number from 1 to 10, got ')]);
});

test.each(['""', '\'\'', '~', 'null', ''])('takes %s for a parameter that is not given, whatever its type', empty => {
  const all = FIELDS.filter(({ name }) => name !== 'text').map(({ name }) => `${name}: ${empty}`).join('\n');
  expect(yaml(`text: x\n${all}`)).toEqual({ value: { text: 'x' }, mistakes: [] });
  expect(messages(yaml(`text: ${empty}`))).toEqual(['1:text is required; write for example "text: good"']);
});

test('names what is missing with the line of its mapping', () => {
  expect(messages(yaml('# first line\ncount: 5\nobject:\n  note: x'))).toEqual(['4:object.id is required', '2:text is required; write for example "text: good"']);
});

test('reports all mistakes, each with path and line', () => {
  expect(messages(yaml('text: bad\ncount: x\nlist:\n  - a\n  - bad\nmap:\n  bad: a\n  k: bad\nobject: {id: bad, nope: 1}\nnope: 1'))).toEqual([
    '1:text is bad; write "good"',
    '2:count needs a whole number from 1 to 10, got "x"',
    '5:list[1] is bad; write "good"',
    '7:map has a key that is bad',
    '8:map["k"] is bad; write "good"',
    '9:object.id is bad; write "good"',
    '9:object.nope is no parameter; did you mean "note"?',
    '10:nope is no parameter; the known ones are printed by "cdk-kaniko schema"',
  ]);
});

test('hands a raw mapping on with its types', () => {
  expect(yaml('text: x\nraw: {a: [1, true, "2"]}').value.raw).toEqual({ a: [1, true, '2'] });
});

test('refuses a secret deep in a raw mapping, and a key with a line break', () => {
  expect(messages(yaml('text: x\nraw: {a: [{b: "-----BEGIN PRIVATE KEY-----"}], "c\\nd": 1}'))).toEqual([
    expect.stringContaining('2:raw.a[0].b looks like a private key (not shown)'),
    expect.stringContaining('2:raw has a key that holds a line break'),
  ]);
});

test.each([['a list', '[1]', 'a list'], ['a text', 'hello', '"hello"'], ['a number', '5', 'the number 5']])('refuses %s for the document', (_, source, got) => {
  expect(messages(yaml(source))).toEqual([`1: needs a mapping of parameters, got ${got}; write for example "imageName: build-agent"`]);
});

test('checks values given in code, without lines', () => {
  expect(code({ text: 'x', count: 5, on: false, list: undefined })).toEqual({ value: { text: 'x', count: 5, on: false }, mistakes: [] });
  expect(messages(code({ text: 'bad', nope: 1 }))[0]).toBe('-:text is bad; write "good"');
  expect(messages(code({ text: 'x', count: Number.NaN }))).toEqual(['-:count needs a whole number from 1 to 10, got the number NaN']);
});

test('knows no parameter that objects inherit', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    expect(messages(yaml(`text: x\n${name}: 1`))).toEqual([expect.stringContaining(`2:${name} is no parameter`)]);
  }
});
