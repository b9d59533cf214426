/** What Azure Pipelines does with a pipeline before any of it runs: parameters checked, templates inserted, `${{ }}` evaluated. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { evaluate, Scope, text, truthy } from './expression';

export interface Step {
  readonly bash?: string;
  readonly task?: string;
  readonly checkout?: string;
  readonly name?: string;
  readonly displayName?: string;
  readonly condition?: string;
  readonly target?: { readonly container?: string; readonly commands?: string; readonly settableVariables?: unknown };
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly job: string;
  readonly dependsOn: unknown;
  readonly condition: string;
  readonly pool: { readonly name: string };
  readonly steps: readonly Step[];
}

interface Declaration {
  readonly name: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly values?: readonly unknown[];
}

/** Expands a file. @param templates the text of each template, by the name of its file */
export function expandFile(file: string, given: Scope, templates: Readonly<Record<string, string>> = {}): any {
  return expand(readFileSync(file, 'utf8'), given, templates);
}

/** Expands a template or pipeline. @throws Error as the service refuses it */
export function expand(yaml: string, given: Scope, templates: Readonly<Record<string, string>> = {}): any {
  const { parameters: declarations = [], ...rest } = parse(yaml) as { parameters?: Declaration[] };
  return expandNode(rest, { parameters: bindParameters(declarations, given) }, templates);
}

function bindParameters(declarations: readonly Declaration[], given: Scope): Scope {
  const unexpected = Object.keys(given).filter(name => !declarations.some(declaration => declaration.name === name));
  if (unexpected.length > 0) throw new Error(`Unexpected parameter '${unexpected[0]}'`);
  return Object.fromEntries(declarations.map(({ name, type = 'string', values, ...declaration }) => {
    const value = name in given ? given[name] : declaration.default;
    if (value === undefined) throw new Error(`A value for the '${name}' parameter must be provided`);
    const typed = convert(name, type, value);
    if (values !== undefined && !values.map(text).includes(text(typed))) throw new Error(`'${text(typed)}' is no value of the parameter '${name}'`);
    return [name, typed];
  }));
}

function convert(name: string, type: string, value: unknown): unknown {
  switch (type) {
    case 'object': return value;
    case 'boolean':
      if (!/^(true|false)$/i.test(text(value))) throw new Error(`'${name}' is no boolean`);
      return text(value).toLowerCase() === 'true';
    case 'string':
      if (typeof value === 'object' && value !== null) throw new Error(`'${name}' is no string`);
      return text(value);
    default: throw new Error(`there is no type '${type}'`);
  }
}

type Templates = Readonly<Record<string, string>>;

function expandNode(node: unknown, scope: Scope, templates: Templates): unknown {
  if (Array.isArray(node)) return expandList(node, scope, templates);
  if (typeof node === 'object' && node !== null) return expandMapping(node as Scope, scope, templates);
  return typeof node === 'string' ? expandText(node, scope) : node;
}

/** A whole expression that is a list or a mapping is inserted as such; everything else becomes text. */
function expandText(node: string, scope: Scope): unknown {
  const whole = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(node);
  if (whole !== null) {
    const value = evaluate(whole[1], scope);
    return typeof value === 'object' && value !== null ? value : text(value);
  }
  return node.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => text(evaluate(expression, scope)));
}

function expandList(items: readonly unknown[], scope: Scope, templates: Templates): unknown[] {
  const chain = new Chain();
  return items.flatMap(item => {
    const [key] = typeof item === 'object' && item !== null ? Object.keys(item) : [];
    const directive = key === undefined ? undefined : directiveOf(key);
    if (directive !== undefined) {
      return chain.scopes(directive, scope).flatMap(inner => expandNode((item as Scope)[key], inner, templates) as unknown[]);
    }
    if (key === 'template') {
      const { template, parameters = {} } = expandNode(item, scope, templates) as { template: string; parameters?: Scope };
      const found = templates[basename(template)];
      if (found === undefined) throw new Error(`there is no template '${template}'`);
      return expand(found, parameters, templates).jobs as unknown[];
    }
    return [expandNode(item, scope, templates)];
  });
}

function expandMapping(mapping: Scope, scope: Scope, templates: Templates): Scope {
  const chain = new Chain();
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(mapping)) {
    const directive = directiveOf(key);
    if (directive === undefined) {
      result[text(expandText(key, scope))] = expandNode(value, scope, templates);
    } else {
      for (const inner of chain.scopes(directive, scope)) Object.assign(result, expandNode(value, inner, templates));
    }
  }
  return result;
}

interface Directive { readonly keyword: string; readonly rest: string }

function directiveOf(key: string): Directive | undefined {
  const match = /^\$\{\{\s*(if|elseif|else|each)\b(.*)\}\}$/s.exec(key);
  return match === null ? undefined : { keyword: match[1], rest: match[2] };
}

/** A run of `if`, `elseif` and `else`, of which one applies. */
class Chain {
  private taken = true;

  /** The scopes in which what stands below the directive is inserted: none, one, or one for each item. */
  public scopes({ keyword, rest }: Directive, scope: Scope): Scope[] {
    if (keyword === 'each') {
      const [, variable, expression] = /^\s*(\w+)\s+in\s+(.*)$/s.exec(rest)!;
      const value = evaluate(expression, scope);
      const items = Array.isArray(value) ? value : Object.entries(value as Scope).map(([key, entry]) => ({ key, value: entry }));
      return items.map(item => ({ ...scope, [variable]: item }));
    }
    if (keyword === 'if') this.taken = false;
    if (this.taken) return [];
    this.taken = keyword === 'else' || truthy(evaluate(rest, scope));
    return this.taken ? [scope] : [];
  }
}
