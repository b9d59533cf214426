/** The parameters as tables for people, one a group. */
import { Parameter, ParameterType } from '../src/parameters/parameter';
import { PARAMETERS } from '../src/parameters/parameter-table';
import { JOB_PARAMETERS } from '../src/pipeline/template-parameters';

export function parametersTable(): string {
  const groups = [...new Set(PARAMETERS.map(parameter => parameter.group))];
  return groups.map(group => `\n### ${group}\n\n${table(PARAMETERS.filter(parameter => parameter.group === group))}`).join('') + '\n';
}

/** The parameters that only the template has. */
export function jobParametersTable(): string {
  return `\n${table(JOB_PARAMETERS)}\n`;
}

function table(parameters: readonly Parameter[]): string {
  return ['| parameter | type | default | what it is |', '|---|---|---|---|', ...parameters.map(row), ''].join('\n');
}

function row(parameter: Parameter): string {
  const byDefault = parameter.required ? '**required**' : parameter.default ?? '';
  const example = parameter.example === undefined ? '' : `, such as \`${parameter.example}\``;
  return `| \`${parameter.name}\` | ${typeText(parameter.type)} | ${escape(byDefault)} | ${escape(parameter.help + example)} |`;
}

function typeText(type: ParameterType): string {
  switch (type.kind) {
    case 'string': return type.values === undefined ? 'text' : type.values.map(value => `\`${value}\``).join(', ');
    case 'integer': return `${type.minimum}–${type.maximum}`;
    case 'boolean': return 'true, false';
    case 'list': return type.items.kind === 'object' ? `list of {${type.items.fields.map(field => field.name).join(', ')}}` : 'list';
    case 'map': return 'mapping';
    case 'object': return 'mapping';
    case 'arguments': return 'mapping, list or text';
    case 'raw': return 'mapping';
  }
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
