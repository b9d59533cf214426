/** How parameters go from the template to the command: by environment, one variable each. */
import { isText } from './template-parameters';
import { PARAMETERS } from '../parameters/parameter-table';

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that carries a parameter. The agent writes its own in capital letters, so none of them is taken for a parameter. */
export function variableOf(parameter: string): string {
  return `PARAMETER_${parameter}`;
}

/**
 * The parameters of the build. Texts come as the agent wrote them, with its `$(variables)` filled in; everything else
 * is JSON. What is empty was not given, and neither was what only matters to something that was not.
 *
 * @throws Error for a variable that should be JSON and is not
 */
export function parametersFrom(environment: Environment): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const { name, type } of PARAMETERS) {
    const given = environment[variableOf(name)] ?? '';
    const value = isText(type) || given === '' ? given : fromJson(name, given);
    if (!isEmpty(value)) { parameters[name] = value; }
  }
  if (parameters.repositoryUrl === undefined && parameters.volumeClaimName === undefined) {
    const own = pipelinesRepository(environment);
    if (own !== undefined) { parameters.repositoryUrl = own; }
  }
  for (const [name, needed] of ONLY_WITH) {
    if (/^(undefined|false)$/i.test(String(parameters[needed]))) { delete parameters[name]; }
  }
  return parameters;
}

/**
 * Parameters that only say how something is done. A platform's default for them is no mistake of a caller who does not
 * ask for that, and a template cannot tell the two apart.
 */
const ONLY_WITH: ReadonlyArray<readonly [name: string, needed: string]> = [
  ['cacheRepository', 'cache'], ['cacheTtlHours', 'cache'], ['aptSecretName', 'aptSources'], ['buildSecretKeys', 'buildSecretName'],
];

/** The repository that the pipeline is of. Azure Repos writes a user name into the address, which nobody needs. */
function pipelinesRepository({ BUILD_REPOSITORY_URI: uri }: Environment): string | undefined {
  return uri?.replace(/^(https:\/\/)[^/@]*@/, '$1');
}

function fromJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${variableOf(name)} holds no JSON; use the template as "cdk-kaniko template" prints it`);
  }
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}
