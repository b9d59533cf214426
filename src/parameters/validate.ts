import { describe, Input, InputEntry, isUnset, Mistake, toTexts, toValue } from './input';
import { Parameter, ParameterType } from './parameter';
import { freeText, integer, quoted, suggestion } from '../checks';

/** Parameters as checked values, and all that is wrong with them. */
export interface Validated {
  readonly value: Record<string, unknown>;
  readonly mistakes: Mistake[];
}

/** Checks a mapping against the table: each value by its type, unknown names with a suggestion, required ones. */
export function validate(input: Input, parameters: readonly Parameter[]): Validated {
  const mistakes: Mistake[] = [];
  if (input.kind !== 'map') {
    mistakes.push({ path: '', line: input.line, message: `needs a mapping of parameters, got ${describe(input)}; write for example "imageName: build-agent"` });
    return { value: {}, mistakes };
  }
  return { value: validateFields('', input, parameters, mistakes), mistakes };
}

function validateFields(path: string, input: Input & { kind: 'map' }, fields: readonly Parameter[], mistakes: Mistake[]): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const names = fields.map(field => field.name);
  for (const entry of input.entries) {
    const field = fields.find(candidate => candidate.name === entry.key);
    const at = join(path, entry.key);
    if (field === undefined) {
      if (path === '' && entry.key === '$schema') { continue; }
      mistakes.push({ path: join(path, bare(entry.key)), line: entry.line, message: unknownName(entry, names) });
    } else if (!isUnset(entry.value)) {
      value[field.name] = validateValue(at, entry.value, field.type, mistakes);
    }
  }
  for (const { name, example } of fields.filter(field => field.required === true && value[field.name] === undefined)) {
    const present = input.entries.find(entry => entry.key === name);
    if (present !== undefined && !isUnset(present.value)) { continue; }
    mistakes.push({
      path: join(path, name),
      line: present?.line ?? input.line,
      message: `is required${example === undefined ? '' : `; write for example "${name}: ${example}"`}`,
    });
  }
  return value;
}

function validateValue(path: string, input: Input, type: ParameterType, mistakes: Mistake[]): unknown {
  const refuse = (message: string) => { mistakes.push({ path, line: input.line, message }); return undefined; };
  switch (type.kind) {
    case 'string': {
      // Numbers as they were written: "imageTag: 1.10" means 1.10.
      if (input.kind !== 'scalar' || !['string', 'number'].includes(typeof input.value)) {
        return refuse(`needs a text, got ${describe(input)}; ${input.kind === 'scalar' && input.value !== null ? 'put it in quotes' : 'write one value'}`);
      }
      const problem = type.check(input.text);
      return problem === undefined ? input.text : refuse(problem);
    }
    case 'integer': {
      const text = input.kind === 'scalar' && ['string', 'number'].includes(typeof input.value) ? input.text : '';
      const problem = /^-?\d+$/.test(text) ? integer(Number(text), type.minimum, type.maximum)
        : `needs a whole number from ${type.minimum} to ${type.maximum}, got ${describe(input)}`;
      return problem === undefined ? Number(text) : refuse(problem);
    }
    case 'boolean': {
      const text = input.kind === 'scalar' ? input.text.toLowerCase() : '';
      return ['true', 'false'].includes(text) ? text === 'true' : refuse(`needs true or false, got ${describe(input)}`);
    }
    case 'list':
      if (input.kind !== 'list') { return refuse(`needs a list, got ${describe(input)}; begin each item with "- "`); }
      return input.items.map((item, index) => validateValue(`${path}[${index}]`, item, type.items, mistakes));
    case 'map':
      if (input.kind !== 'map') { return refuse(`needs a mapping, got ${describe(input)}; write "name: value"`); }
      return Object.fromEntries(input.entries.map(entry => {
        const problem = type.key(entry.key);
        if (problem !== undefined) { mistakes.push({ path, line: entry.line, message: `has a key that ${problem}` }); }
        return [entry.key, validateValue(`${path}[${quoted(entry.key)}]`, entry.value, type.values, mistakes)];
      }));
    case 'object':
      if (input.kind !== 'map') {
        return refuse(`needs a mapping with ${type.fields.filter(field => field.required).map(field => field.name).join(', ')}, got ${describe(input)}`);
      }
      return validateFields(path, input, type.fields, mistakes);
    case 'arguments':
      // As they were written: "VERSION: 1.10" means 1.10.
      return toTexts(input);
    case 'raw':
      if (input.kind !== 'map') { return refuse(`needs a mapping, got ${describe(input)}; see ${type.help}`); }
      checkTexts(path, input, mistakes);
      return toValue(input);
  }
}

/** No token, control character or secret anywhere within. */
function checkTexts(path: string, input: Input, mistakes: Mistake[]): void {
  if (input.kind === 'list') { input.items.forEach((item, index) => checkTexts(`${path}[${index}]`, item, mistakes)); }
  if (input.kind === 'map') {
    for (const { key, value, line } of input.entries) {
      const problem = freeText(key);
      if (problem !== undefined) { mistakes.push({ path, line, message: `has a key that ${problem}` }); }
      checkTexts(`${path}.${bare(key)}`, value, mistakes);
    }
  }
  const problem = input.kind === 'scalar' ? freeText(input.text) : undefined;
  if (problem !== undefined) { mistakes.push({ path, line: input.line, message: problem }); }
}

function unknownName(entry: InputEntry, names: readonly string[]): string {
  const near = suggestion(entry.key, names);
  return near === '' ? 'is no parameter; the known ones are printed by "cdk-kaniko schema"' : `is no parameter${near}`;
}

/** A key for a path: as it is, or hidden where it looks like a secret. */
function bare(key: string): string {
  return quoted(key).replace(/^"|"$/g, '');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
