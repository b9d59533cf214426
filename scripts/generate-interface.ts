/** The TypeScript interface of the parameters, and of the objects in them. */
import { Parameter, ParameterType } from '../src/parameters/parameter';
import { PARAMETERS } from '../src/parameters/parameter-table';

export function parametersInterface(): string {
  const objects = new Map<string, ParameterType & { kind: 'object' }>();
  for (const { type } of PARAMETERS) { collectObjects(type, objects); }
  return [
    '// Generated from parameter-table.ts by scripts/generate.ts. Do not edit.\n',
    ...[...objects.values()].map(type => interfaceText(type.name, type.help, type.fields)),
    interfaceText('BuildParameters', 'The inputs of one build, as a file, the command and the pipeline\'s template name them.', PARAMETERS),
  ].join('\n');
}

function interfaceText(name: string, help: string, fields: readonly Parameter[]): string {
  return `/** ${help} */\nexport interface ${name} {\n${fields.map(fieldText).join('\n')}}\n`;
}

function fieldText(field: Parameter): string {
  const lines = [
    `${field.help}.`,
    ...field.example === undefined ? [] : ['', `For example \`${field.example}\`.`],
    ...field.required ? [] : ['', `@default ${defaultText(field)}`],
  ];
  const doc = lines.length === 1 ? `  /** ${lines[0]} */\n` : `  /**\n${lines.map(line => `   *${line === '' ? '' : ` ${line}`}\n`).join('')}   */\n`;
  return `${doc}  readonly ${field.name}${field.required ? '' : '?'}: ${typeText(field.type)};\n`;
}

/** jsii reads what follows `@default` as code, unless a dash stands before it. */
function defaultText(field: Parameter): string {
  if (field.default === undefined) { return '- none'; }
  return ['integer', 'boolean'].includes(field.type.kind) && /^(true|false|\d+)$/.test(field.default) ? field.default : `- ${field.default}`;
}

function typeText(type: ParameterType): string {
  switch (type.kind) {
    case 'string': return 'string';
    case 'integer': return 'number';
    case 'boolean': return 'boolean';
    case 'list': return `${typeText(type.items)}[]`;
    case 'map': return `{ readonly [key: string]: ${typeText(type.values)} }`;
    case 'object': return type.name;
    case 'arguments': return 'any';
    case 'raw': return '{ readonly [key: string]: any }';
  }
}

function collectObjects(type: ParameterType, objects: Map<string, ParameterType & { kind: 'object' }>): void {
  if (type.kind === 'list') { collectObjects(type.items, objects); }
  if (type.kind === 'object') { objects.set(type.name, type); }
}
