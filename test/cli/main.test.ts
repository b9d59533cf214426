import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './terminal';
import { jsonSchema } from '../../src/parameters/json-schema';

test.each([[['--help']], [['-h']], [['run', '--help']], [['synth', '--help']], [['synth', '-h']], [['schema', '--help']]])('%j prints help of at most 80 columns', async argv => {
  const { code, out, err } = await run(argv);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('Usage: cdk-kaniko');
  expect(out.split('\n').filter(line => line.length > 80)).toEqual([]);
});

test('the help names every command', async () => {
  const { out } = await run(['--help']);
  for (const command of ['run', 'synth', 'schema']) {
    expect(out).toMatch(new RegExp(`^  ${command} +[A-Z]`, 'm'));
    expect((await run([command, '--help'])).out).toContain(`cdk-kaniko ${command}`);
  }
});

test('without a command, the help is what went wrong', async () => {
  const { code, out, err } = await run([]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('Usage: cdk-kaniko <command>');
});

test('prints the version', async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
  expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test('prints the schema', async () => {
  const { code, out } = await run(['schema']);
  expect([code, JSON.parse(out)]).toEqual([0, jsonSchema()]);
});

test.each([
  [['synh'], 'cdk-kaniko: unknown command "synh"; did you mean "synth"?\nSee "cdk-kaniko --help".\n'],
  [['zzz'], 'cdk-kaniko: unknown command "zzz"\nSee "cdk-kaniko --help".\n'],
  [['constructor'], 'cdk-kaniko: unknown command "constructor"\nSee "cdk-kaniko --help".\n'],
  [['a\u001b[31mb'], 'cdk-kaniko: unknown command "a\\u001b[31mb"\nSee "cdk-kaniko --help".\n'],
  [['synth', '--nope'], 'cdk-kaniko: Unknown option \'--nope\'\nSee "cdk-kaniko synth --help".\n'],
  [['synth', 'build.yaml'], 'cdk-kaniko: Unexpected argument \'build.yaml\'\nSee "cdk-kaniko synth --help".\n'],
  [['synth'], 'cdk-kaniko: no parameters are named; write "-f build.yaml"\nSee "cdk-kaniko synth --help".\n'],
  [['synth', '-f', '-', '-f', '-'], 'cdk-kaniko: standard input can be read once, but "-f -" is given twice\nSee "cdk-kaniko synth --help".\n'],
  [['schema', '--nope'], 'cdk-kaniko: Unknown option \'--nope\'\nSee "cdk-kaniko schema --help".\n'],
])('%j is wrong usage', async (argv, message) => {
  expect(await run(argv)).toEqual({ code: 2, out: '', err: message });
});

test.each([[['synth', '-f']], [['synth', '-f', '-o', 'x']]])('%j lacks a value', async argv => {
  const { code, out, err } = await run(argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^cdk-kaniko: Option '-f[^]*\nSee "cdk-kaniko synth --help"\.\n$/);
});
