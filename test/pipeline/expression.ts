/**
 * Template expressions of Azure Pipelines, as far as the template and its callers use them.
 * https://learn.microsoft.com/azure/devops/pipelines/process/expressions
 */

/** The names that an expression may use. */
export type Scope = Readonly<Record<string, unknown>>;

const FUNCTIONS: Readonly<Record<string, (...values: any[]) => unknown>> = {
  and: (...values) => values.every(truthy),
  or: (...values) => values.some(truthy),
  not: value => !truthy(value),
  eq: equal,
  ne: (a, b) => !equal(a, b),
  length: value => typeof value === 'object' && value !== null ? Object.keys(value).length : text(value).length,
  coalesce: (...values) => values.find(value => value !== undefined && value !== null && value !== '') ?? '',
  format: (pattern: string, ...values) => pattern.replace(/\{(\d+)\}/g, (_, index) => text(values[Number(index)])),
  replace: (where, what, by) => text(where).replaceAll(text(what), () => text(by)),
  convertToJson: value => JSON.stringify(value, null, 2),
};

const TOKEN = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([a-zA-Z_][\w]*)|([.,()]))/y;

/** @throws Error for what it does not know: a test that needs more teaches it */
export function evaluate(expression: string, scope: Scope): unknown {
  TOKEN.lastIndex = 0;
  let token = next();
  const value = parse();
  if (token !== undefined) throw new Error(`'${expression}' goes on behind its end`);
  return value;

  function next(): RegExpExecArray | undefined {
    const at = TOKEN.lastIndex;
    if (expression.slice(at).trim() === '') return undefined;
    const match = TOKEN.exec(expression);
    if (match === null) throw new Error(`'${expression.slice(at)}' is no part of an expression`);
    return match;
  }

  function take(punctuation: string): boolean {
    if (token?.[4] !== punctuation) return false;
    token = next();
    return true;
  }

  function parse(): unknown {
    const [, quoted, number, name] = token ?? [];
    token = next();
    if (quoted !== undefined) return quoted.replaceAll('\'\'', '\'');
    if (number !== undefined) return Number(number);
    if (name === undefined) throw new Error(`'${expression}' lacks a value`);
    if (/^(true|false)$/i.test(name)) return name.toLowerCase() === 'true';
    return take('(') ? call(name) : reference(name);
  }

  function call(name: string): unknown {
    const known = Object.keys(FUNCTIONS).find(candidate => candidate.toLowerCase() === name.toLowerCase());
    if (known === undefined) throw new Error(`there is no function '${name}'`);
    const values: unknown[] = [];
    while (!take(')')) {
      values.push(parse());
      if (!take(',') && token?.[4] !== ')') throw new Error(`'${expression}' lacks a bracket`);
    }
    return FUNCTIONS[known](...values);
  }

  function reference(name: string): unknown {
    if (!(name in scope)) throw new Error(`'${name}' is unknown`);
    let found = scope[name];
    while (take('.')) {
      const [, , , property] = token ?? [];
      token = next();
      if (property === undefined) throw new Error(`'${expression}' lacks a property`);
      found = (found as Scope | undefined)?.[property];
    }
    return found;
  }
}

/** A value within a text. */
export function text(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === undefined || value === null ? '' : String(value);
}

export function truthy(value: unknown): boolean {
  return value !== false && value !== '' && value !== 0 && value !== null && value !== undefined;
}

/** The right side becomes what the left one is; texts are equal in any case. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a === 'boolean') return a === truthy(b);
  if (typeof a === 'number') return a === Number(b);
  return text(a).toLowerCase() === text(b).toLowerCase();
}
