/** A platform team's defaults for the template, as `--set` gives them. */
import { TEMPLATE_PARAMETERS, TemplateParameter } from './template-parameters';
import { Input, Mistake } from '../parameters/input';
import { validate } from '../parameters/validate';
import { parseDocuments } from '../parameters/yaml-documents';

/** The defaults by parameter, and all that is wrong with them. */
export interface Defaults {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly mistakes: readonly Mistake[];
}

/** A variable of a pipeline in a text: what it will be, nobody knows yet. */
const VARIABLE = /\$\([a-zA-Z_][\w.-]*\)/g;

/** Checks each value as a build's own are checked. */
export function readDefaults(settings: ReadonlyArray<readonly [string, string]>): Defaults {
  const defaults: Record<string, unknown> = {};
  const mistakes: Mistake[] = [];
  for (const [name, text] of settings) {
    const refuse = (message: string) => { mistakes.push({ path: name, message }); };
    const parameter = TEMPLATE_PARAMETERS.find(candidate => candidate.name === name);
    if (Object.hasOwn(defaults, name)) {
      refuse('is given twice; leave one out');
    } else if (text.includes('${{')) {
      refuse('holds a template expression, which a default cannot be; write the value');
    } else if (text === '' && parameter !== undefined) {
      // Where it is optional, that says "none": no Node to install, for example.
      if (!mayBeEmpty(parameter)) { refuse('is empty; write a value, or leave it to the callers'); }
      defaults[name] = parameter.templateType === 'object' ? parameter.value : '';
    } else {
      const value = checked(name, text, parameter, mistakes);
      defaults[name] = parameter?.templateType === 'string' ? text : value;
    }
  }
  return { defaults, mistakes };
}

/** The service refuses a job without a name, and a boolean that is neither true nor false. */
function mayBeEmpty({ name, templateType, value }: TemplateParameter): boolean {
  return value !== undefined && templateType !== 'boolean' && !['jobName', 'condition'].includes(name);
}

function checked(name: string, text: string, parameter: TemplateParameter | undefined, mistakes: Mistake[]): unknown {
  const given = parameter?.templateType === 'object' ? parseDocuments(text) : { documents: [asText(text)], mistakes: [] };
  const { value, mistakes: wrong } = validate(
    { kind: 'map', entries: given.documents.map(document => ({ key: name, value: document })) },
    TEMPLATE_PARAMETERS.map(candidate => ({ ...candidate, required: false })),
  );
  mistakes.push(...given.mistakes.map(mistake => ({ ...mistake, path: name })), ...wrong);
  return value[name];
}

function asText(text: string): Input {
  const value = text.replace(VARIABLE, '1');
  return { kind: 'scalar', value, text: value };
}
