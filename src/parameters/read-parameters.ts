import { parseArguments } from './arguments';
import { BuildParameters } from './build-parameters';
import { InfrastructureOutputs } from './infrastructure-outputs';
import { fromValue, Input, Mistake } from './input';
import { joinInfrastructure } from './join-infrastructure';
import { PARAMETERS } from './parameter-table';
import { ruleMistakes } from './rules';
import { validate } from './validate';
import { withoutPlace } from '../checks';
import { KanikoImage } from '../kaniko';
import { flagProblems } from '../kaniko/kaniko-arguments';
import { KANIKO_FLAGS } from '../kaniko/kaniko-flags';

/** The builds of a text, or what is wrong with it: never both. */
export interface ReadParameters {
  readonly builds: BuildParameters[];
  /** The line at which each build begins, where they come from a text. */
  readonly lines: (number | undefined)[];
  readonly mistakes: Mistake[];
}

/**
 * Reads YAML or JSON with one or several documents, each the parameters of one build. All mistakes at once.
 * What the infrastructure's outputs say need not be given, and is not contradicted.
 */
export function readParameters(text: string, infrastructure?: InfrastructureOutputs): ReadParameters {
  const { documents, mistakes } = yamlDocuments().parseDocuments(text);
  if (documents.length === 0 && mistakes.length === 0) {
    return { builds: [], lines: [], mistakes: [{ path: '', line: 1, message: 'holds no parameters; write for example "imageName: build-agent"' }] };
  }
  const read = documents.map(document => readInput(document, infrastructure));
  const all = [...mistakes, ...read.flatMap(document => document.mistakes)].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return all.length > 0 ? { builds: [], lines: [], mistakes: all }
    : { builds: read.map(document => document.parameters), lines: documents.map(document => document.line), mistakes: [] };
}

/** Checks parameters that were given in code, as strictly as those of a file. */
export function checkParameters(parameters: BuildParameters, infrastructure?: InfrastructureOutputs): ReadParameters {
  const { mistakes, parameters: checked } = readInput(fromValue(parameters), infrastructure);
  return mistakes.length > 0 ? { builds: [], lines: [], mistakes } : { builds: [checked], lines: [undefined], mistakes: [] };
}

/** Loaded when a text is read: the YAML parser costs as much as the rest of the library, and builds given in code need none. */
function yamlDocuments(): typeof import('./yaml-documents') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./yaml-documents');
}

function readInput(given: Input, infrastructure?: InfrastructureOutputs): { parameters: BuildParameters; mistakes: Mistake[] } {
  const { input, mistakes: contradictions } = infrastructure === undefined
    ? { input: given, mistakes: [] } : joinInfrastructure(given, infrastructure);
  const { value, mistakes } = validate(input, PARAMETERS);
  const parameters = value as unknown as BuildParameters;
  const all = [...contradictions, ...mistakes, ...kanikoMistakes(parameters, input)];
  // Rules between parameters speak of valid ones only, or one mistake would be reported twice.
  if (all.length === 0) { all.push(...ruleMistakes(parameters).map(mistake => ({ ...mistake, line: lineOf(input, mistake.path) }))); }
  return { parameters, mistakes: all };
}

/** Mistakes in `args` and `featureFlags`, which depend on the version of the executor. */
function kanikoMistakes(parameters: BuildParameters, input: Input): Mistake[] {
  const image = kanikoImage(parameters);
  if (typeof image === 'string') { return [{ path: 'kanikoImage', line: lineOf(input, 'kanikoImage'), message: image }]; }
  const args = input.kind === 'map' ? input.entries.find(entry => entry.key === 'args')?.value : undefined;
  const parsed = args === undefined || parameters.args === undefined ? undefined : parseArguments(args, takesValue);
  const line = lineOf(input, 'args');
  return [
    ...parsed?.mistakes ?? [],
    ...flagProblems(parsed?.flags ?? [], image).map(message => ({ path: 'args', line, message })),
    ...Object.keys(parameters.featureFlags ?? {}).flatMap(flag => image._featureFlagProblem(flag) ?? [])
      .map(message => ({ path: 'featureFlags', line: lineOf(input, 'featureFlags'), message })),
  ];
}

/** The executor that parameters name, or what is wrong with it. */
export function kanikoImage(parameters: BuildParameters): KanikoImage | string {
  try {
    return parameters.kanikoImage === undefined ? KanikoImage.DEFAULT
      : KanikoImage.of(parameters.kanikoImage, { version: parameters.kanikoVersion });
  } catch (error) {
    return withoutPlace(error);
  }
}

/** Whether a flag of kaniko is followed by its value. */
export function takesValue(flag: string): boolean {
  return Object.hasOwn(KANIKO_FLAGS, flag) && KANIKO_FLAGS[flag].takesValue;
}

/** The line of a parameter, or of the document where it is missing. */
function lineOf(input: Input, path: string): number | undefined {
  if (input.kind !== 'map') { return input.line; }
  const name = path.replace(/[.[].*$/, '');
  return input.entries.find(entry => entry.key === name)?.line ?? input.line;
}
