/** The expander of these tests does what the service is known to do. */
import { expand } from './expander';

const WITH = (body: string, given: Record<string, unknown> = {}) => expand(`parameters:
- { name: text, type: string, default: '' }
- { name: flag, type: boolean, default: false }
- { name: list, type: object, default: [] }
${body}`, given);

test('the first branch that applies is inserted, in lists and in mappings', () => {
  const body = `steps:
- \${{ if eq(parameters.text, 'A') }}:
  - one
- \${{ elseif ne(parameters.text, '') }}:
  - two
- \${{ else }}:
  - three
map:
  \${{ if parameters.flag }}:
    on: yes
  always: x
`;
  expect(WITH(body, { text: 'a', flag: 'True' })).toEqual({ steps: ['one'], map: { on: 'yes', always: 'x' } });
  expect(WITH(body, { text: 'b' })).toEqual({ steps: ['two'], map: { always: 'x' } });
  expect(WITH(body)).toEqual({ steps: ['three'], map: { always: 'x' } });
});

test('each repeats, and a whole expression keeps its structure', () => {
  expect(WITH('a: ${{ parameters.list }}\nb:\n- ${{ each x in parameters.list }}:\n  - is ${{ x.n }}', { list: [{ n: 1 }, { n: 2 }] }))
    .toEqual({ a: [{ n: 1 }, { n: 2 }], b: ['is 1', 'is 2'] });
});

test('booleans are spelt with a capital letter outside of JSON', () => {
  expect(WITH('a: ${{ parameters.flag }}\nb: "${{ parameters.flag }}!"\nc: ${{ convertToJson(parameters.flag) }}')).toEqual({ a: 'False', b: 'False!', c: 'false' });
});

test('JSON is indented by two and quotes texts; a backslash in an expression is one', () => {
  expect(WITH('a: ${{ convertToJson(parameters.list) }}\nb: ${{ replace(convertToJson(parameters.text), \'$\', \'\\u0024\') }}', { list: [{ n: 'x' }], text: '"$' }))
    .toEqual({ a: '[\n  {\n    "n": "x"\n  }\n]', b: '"\\"\\u0024"' });
});

test.each([
  ['format(\'{1}-{0}\', \'a\', parameters.text)', 'T-a'], ['coalesce(\'\', parameters.text)', 'T'], ['length(parameters.text)', '1'],
  ['and(true, not(false), or(false, true))', 'True'], ['eq(true, \'x\')', 'True'], ['replace(\'it\'\'s\', \'\'\'\', \'$&\')', 'it$&s'],
])('%s is %s', (expression, value) => {
  expect(WITH(`a: \${{ ${expression} }}`, { text: 'T' })).toEqual({ a: value });
});

test.each(['nope(1)', 'parameters.', 'eq(1', '1 == 2', 'variables.x'])('what it does not know is an error: %s', expression => {
  expect(() => WITH(`a: \${{ ${expression} }}`)).toThrow(Error);
});
