import { quoted } from '../checks';

/** A mistake in the parameters: where it is, and a clause that says what is wrong and what to do. */
export interface Mistake {
  /** Such as `appFiles[1].sha256`; empty for the document as a whole. */
  readonly path: string;
  /** The line in the file, from 1; undefined for values given in code. */
  readonly line?: number;
  readonly message: string;
}

/** A value as it was given: in a file, with its line and its very characters, or in code. */
export type Input =
  | { readonly kind: 'scalar'; readonly value: unknown; readonly text: string; readonly line?: number }
  | { readonly kind: 'list'; readonly items: readonly Input[]; readonly line?: number }
  | { readonly kind: 'map'; readonly entries: readonly InputEntry[]; readonly line?: number };

/** One entry of a mapping. */
export interface InputEntry {
  readonly key: string;
  readonly value: Input;
  readonly line?: number;
}

/** A value given in code. */
export function fromValue(value: unknown): Input {
  if (Array.isArray(value)) { return { kind: 'list', items: value.map(fromValue) }; }
  if (typeof value === 'object' && value !== null) {
    return { kind: 'map', entries: Object.entries(value).filter(([, v]) => v !== undefined).map(([key, v]) => ({ key, value: fromValue(v) })) };
  }
  return { kind: 'scalar', value, text: String(value) };
}

/** The value without lines, for what is handed on as it is. */
export function toValue(input: Input): unknown {
  switch (input.kind) {
    case 'scalar': return input.value;
    case 'list': return input.items.map(toValue);
    case 'map': return Object.fromEntries(input.entries.map(({ key, value }) => [key, toValue(value)]));
  }
}

/** The value with each scalar within as it was written. */
export function toTexts(input: Input): unknown {
  const text = (item: Input) => item.kind === 'scalar' && item.value !== null ? item.text : toTexts(item);
  switch (input.kind) {
    case 'scalar': return input.value;
    case 'list': return input.items.map(text);
    case 'map': return Object.fromEntries(input.entries.map(({ key, value }) => [key, text(value)]));
  }
}

/** Whether nothing was given: a pipeline passes every optional parameter, as an empty string where the caller gave none. */
export function isUnset(input: Input): boolean {
  return input.kind === 'scalar' && (input.value === null || input.value === '');
}

/** What a value is, for "got …". */
export function describe(input: Input): string {
  if (input.kind !== 'scalar') { return `a ${input.kind === 'list' ? 'list' : 'mapping'}`; }
  if (input.value === null) { return 'nothing'; }
  return typeof input.value === 'string' ? quoted(input.value) : `the ${typeof input.value} ${input.text}`;
}
