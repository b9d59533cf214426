import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exit } from './exit-codes';

const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
const FOLDER = 'assets/prepare-context';
const script = readdirSync(join(__dirname, '../..', FOLDER)).map(file => read(`${FOLDER}/${file}`)).join('\n');
const page = read('docs/prepare-context.md');

const tested = Object.fromEntries(Object.entries(Exit).filter(([name]) => isNaN(Number(name))));

test('the page lists the exit codes of the script', () => {
  const listed = [...page.matchAll(/^\| (\d+) \| `(\w+)` \| .+ \| .+ \|$/gm)].map(([, code, name]) => [name, Number(code)]);
  expect(Object.fromEntries(listed)).toEqual(tested);
});

test('the script has no exit code that the tests do not know', () => {
  const block = script.slice(script.indexOf('\n# Failing:'), script.indexOf('# What an attempt returns'));
  const defined = [...block.matchAll(/([A-Z_]+)=(\d+)/g)].map(([, name, code]) => [name, Number(code)]);
  expect(Object.fromEntries(defined)).toEqual(tested);
});

test('the page lists the variables that the script reads', () => {
  const names = (text: string) => [...new Set(text.match(/\b(PREPARE|AZURE)_[A-Z_]+\b/g))].sort();
  expect(names(page)).toEqual(names(script));
});

test('each exit code is shown by a test that runs the script', () => {
  const tests = readdirSync(__dirname).filter(file => file.endsWith('.test.ts')).map(file => readFileSync(join(__dirname, file), 'utf8')).join('\n');
  expect(Object.keys(tested).filter(name => !tests.includes(`'${name}'`))).toEqual([]);
});
