import { parseArguments } from '../../src/parameters/arguments';
import { fromValue } from '../../src/parameters/input';
import { takesValue } from '../../src/parameters/read-parameters';

const parse = (args: unknown) => {
  const { buildArgs, flags, mistakes } = parseArguments(fromValue(args), takesValue);
  return { buildArgs: { ...buildArgs }, flags, mistakes: mistakes.map(({ path, message }) => `${path} ${message}`) };
};

test.each<[string, unknown, Record<string, string>, string[]]>([
  ['a map', { A: '1', B: 'x y' }, { A: '1', B: 'x y' }, []],
  ['a map of numbers and booleans', { A: 1.5, B: true }, { A: '1.5', B: 'true' }, []],
  ['a list', ['A=1', 'B=x y'], { A: '1', B: 'x y' }, []],
  ['a value with an equals sign', ['A=b=c'], { A: 'b=c' }, []],
  ['an empty value', ['A='], { A: '' }, []],
  ['a string', 'A=1 B=2', { A: '1', B: '2' }, []],
  ['a string with more space than needed', '  A=1 \t\n B=2  ', { A: '1', B: '2' }, []],
  ['an empty string', '', {}, []],
  ['an empty list', [], {}, []],
  ['quotes around spaces', 'A="x y" B=\'z "w"\'', { A: 'x y', B: 'z "w"' }, []],
  ['quotes around the whole', '"A=x y"', { A: 'x y' }, []],
  ['quotes beside each other', 'A="x"\'y\'z', { A: 'xyz' }, []],
  ['an escaped quote', 'A="x\\"y\\\\z"', { A: 'x"y\\z' }, []],
  ['a backslash without quotes', 'A=x\\y', { A: 'x\\y' }, []],
  ['what a shell would expand', 'A=$(id) B=`id` C=${HOME} D=* E=~ F=a;b|c&d', { A: '$(id)', B: '`id`', C: '${HOME}', D: '*', E: '~', F: 'a;b|c&d' }, []],
  ['a flag', ['--cache-ttl=5h'], {}, ['--cache-ttl=5h']],
  ['a flag and its value as two words', '--cache-ttl 5h A=1', { A: '1' }, ['--cache-ttl=5h']],
  ['a flag and its value in one item', ['--cache-ttl 5h'], {}, ['--cache-ttl=5h']],
  ['a flag without value before a build argument', '--reproducible A=1', { A: '1' }, ['--reproducible']],
  ['a flag that takes a value before a flag', '--label --reproducible', {}, ['--label', '--reproducible']],
  ['docker\'s form', '--build-arg A=1 --build-arg B="x y"', { A: '1', B: 'x y' }, []],
  ['docker\'s form in one item', ['--build-arg A=1', '--build-arg=B=2'], { A: '1', B: '2' }, []],
  ['one argument twice with one value', ['A=1', 'A=1'], { A: '1' }, []],
  ['names of what objects inherit', ['constructor=1', 'toString=2'], { constructor: '1', toString: '2' } as never, []],
])('takes %s', (_, args, buildArgs, flags) => {
  expect(parse(args)).toEqual({ buildArgs, flags, mistakes: [] });
});

test('takes an argument with the name of the prototype', () => {
  const { buildArgs } = parseArguments(fromValue(['__proto__=1']), takesValue);
  expect(Object.entries(buildArgs)).toEqual([['__proto__', '1']]);
});

test.each<[string, unknown, string]>([
  ['a name alone', ['A'], 'args holds "A" without a value; write "A=value"'],
  ['a text that is no name', ['a b'], 'args holds "a b" without a value; write "NAME=value"'],
  ['a name that ARG cannot declare', { '1A': 'x' }, 'args["1A"] needs the name of an ARG (letters, digits and "_"), got "1A"; write for example "PYTHON_VERSION"'],
  ['no name', ['=x'], 'args[""] needs the name of an ARG'],
  ['one argument twice with two values', ['A=1', 'A=2'], 'args["A"] is given twice, with different values; leave one out'],
  ['docker\'s form without argument', ['--build-arg'], 'args holds "" without a value'],
  ['a short flag', ['-v'], 'args holds "-v"; write a flag\'s long form, "--flag=value"'],
  ['a list in a list', [['A=1']], 'args needs items such as "NAME=value" or "--flag=value"'],
  ['nothing in a map', { A: null }, 'args["A"] needs a text; write for example "VERSION: 1.0"'],
  ['a number', 5, 'args needs a map, a list or a string, got the number 5'],
  ['an open quote', 'A="x', 'args has a quote that is not closed, got "A=\\"x"; close it, or write args as a list'],
  ['an open quote after a backslash', 'A="x\\"', 'args has a quote that is not closed'],
  ['a line break in a value', ['A=x\ny'], 'args["A"] holds a line break or control character (U+000A)'],
  ['a secret as a flag\'s value', ['--label=-----BEGIN PRIVATE KEY-----'], 'args["--label"] looks like a private key (not shown)'],
  ['a secret without a name', [`ghp_${'a'.repeat(36)}`], 'args looks like an access token (not shown)'],
  ['a value of more than 8192 characters', { A: 'x'.repeat(8193) }, 'args["A"] needs at most 8192 characters, got 8193'],
])('refuses %s', (_, args, message) => {
  expect(parse(args).mistakes).toEqual([expect.stringContaining(message)]);
});

test('reports all mistakes, and keeps what is valid', () => {
  const { buildArgs, mistakes } = parse(['A', 'B=2', '-c']);
  expect(mistakes).toHaveLength(2);
  expect(buildArgs).toEqual({ B: '2' });
});
