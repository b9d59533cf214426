import { Input, Mistake } from './input';
import { argumentName, quoted, shortText } from '../checks';

/** What `args` says: values for ARGs, and flags of kaniko. */
export interface ParsedArguments {
  readonly buildArgs: Record<string, string>;
  readonly flags: string[];
  readonly mistakes: Mistake[];
}

/** Flags of kaniko that stand alone, so that the next item is not their value. */
export type TakesValue = (flag: string) => boolean;

/**
 * Reads `args` in each of its forms: a map, a list of `NAME=value`, or a string of those; items that begin with
 * `--` are flags of kaniko. A string is split at spaces, with quotes around what holds some; nothing in it is
 * expanded, and no shell ever sees it.
 */
export function parseArguments(input: Input, takesValue: TakesValue): ParsedArguments {
  // Without a prototype: "__proto__" is a name as any other.
  const result: ParsedArguments = { buildArgs: Object.create(null) as Record<string, string>, flags: [], mistakes: [] };
  const { line } = input;
  switch (input.kind) {
    case 'map':
      for (const { key, value } of input.entries) {
        if (value.kind !== 'scalar' || value.value === null) {
          refuse(result, value.line ?? line, 'needs a text; write for example "VERSION: 1.0"', key);
        } else {
          addBuildArg(result, value.line ?? line, key, value.text);
        }
      }
      return result;
    case 'list':
      readItems(result, input.items.flatMap(item => {
        if (item.kind === 'scalar' && item.value !== null) { return splitFlag(item.text).map(text => ({ text, line: item.line })); }
        refuse(result, item.line ?? line, 'needs items such as "NAME=value" or "--flag=value"');
        return [];
      }), takesValue);
      return result;
    case 'scalar': {
      if (typeof input.value !== 'string') {
        refuse(result, line, `needs a map, a list or a string, got the ${typeof input.value} ${input.text}`);
        return result;
      }
      const words = splitWords(input.value);
      if (words === undefined) {
        refuse(result, line, `has a quote that is not closed, got ${quoted(input.value)}; close it, or write args as a list`);
        return result;
      }
      readItems(result, words.map(text => ({ text, line })), takesValue);
      return result;
    }
  }
}

interface Item { readonly text: string; readonly line?: number }

function readItems(result: ParsedArguments, items: readonly Item[], takesValue: TakesValue): void {
  for (let index = 0; index < items.length; index++) {
    const { text, line } = items[index];
    const [, flag, assigned] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(text) ?? [];
    if (flag === undefined) {
      if (text.startsWith('-')) {
        refuse(result, line, `holds ${quoted(text)}; write a flag's long form, "--flag=value"`);
      } else {
        addAssignment(result, line, text);
      }
      continue;
    }
    const next = items[index + 1]?.text;
    const takesNext = assigned === undefined && takesValue(flag) && next !== undefined && !next.startsWith('--');
    const value = takesNext ? next : assigned;
    if (takesNext) { index++; }
    if (flag === 'build-arg') {
      addAssignment(result, line, value ?? '');
    } else {
      const problem = shortText(value ?? '');
      if (problem !== undefined) { refuse(result, line, problem, `--${flag}`); }
      result.flags.push(value === undefined ? `--${flag}` : `--${flag}=${value}`);
    }
  }
}

function addAssignment(result: ParsedArguments, line: number | undefined, text: string): void {
  const equals = text.indexOf('=');
  if (equals < 0) {
    // kaniko passes the empty string for a name alone, unlike Docker, which takes the environment's value.
    refuse(result, line, shortText(text)
      ?? `holds ${quoted(text)} without a value; write "${argumentName(text) === undefined ? text : 'NAME'}=value"`);
    return;
  }
  addBuildArg(result, line, text.slice(0, equals), text.slice(equals + 1));
}

function addBuildArg(result: ParsedArguments, line: number | undefined, name: string, value: string): void {
  const problem = argumentName(name) ?? shortText(value);
  if (problem !== undefined) {
    refuse(result, line, problem, name);
  } else if (Object.hasOwn(result.buildArgs, name) && result.buildArgs[name] !== value) {
    refuse(result, line, 'is given twice, with different values; leave one out', name);
  } else {
    result.buildArgs[name] = value;
  }
}

function refuse(result: ParsedArguments, line: number | undefined, message: string, name?: string): void {
  result.mistakes.push({ path: name === undefined ? 'args' : `args[${quoted(name)}]`, line, message });
}

/** A list's item such as `--build-arg NAME=value` in its two halves. */
function splitFlag(item: string): string[] {
  const match = /^(--[a-z-]+)\s+([\s\S]*)$/.exec(item);
  return match === null ? [item] : [match[1], match[2]];
}

/** Words between spaces, with quotes as in a shell and nothing else of a shell; undefined for an open quote. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < text.length; index++) {
    const c = text[index];
    if (quote !== undefined) {
      if (c === quote) {
        quote = undefined;
      } else {
        const escapes = c === '\\' && quote === '"' && ['"', '\\'].includes(text[index + 1]);
        word += escapes ? text[++index] : c;
      }
    } else if (c === '"' || c === '\'') {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== undefined) { words.push(word); }
      word = undefined;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (quote !== undefined) { return undefined; }
  return word === undefined ? words : [...words, word];
}
