/** The parameters of the template: those of a build, and what the pipeline's job itself needs. */
import { Check, contextDirectory, contextFile, freeText, httpUrl, pattern } from '../checks';
import { Parameter, ParameterType } from '../parameters/parameter';
import { PARAMETERS } from '../parameters/parameter-table';

/** A parameter as the template declares it. */
export interface TemplateParameter extends Parameter {
  /** The type that Azure Pipelines knows it by. */
  readonly templateType: 'string' | 'boolean' | 'object';
  /** What it is where the caller gives nothing, and what stands for "not given"; undefined: the caller has to give it. */
  readonly value?: string | boolean | object;
}

/** The name of a job, which expressions of other jobs hold. */
const jobName = pattern(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of a job (letters, digits and "_")', '"build_agent"', 100);
const toolVersion = pattern(/^[0-9a-zA-Z][-+.0-9a-zA-Z]*$/, 'a version', '"22.x"', 64);
const text = (check: Check): ParameterType => ({ kind: 'string', check });

/** The parameters that the job itself needs. */
export const JOB_PARAMETERS: readonly Parameter[] = [
  { name: 'jobName', type: text(jobName), default: 'kaniko_build', help: 'Name of the job; two in one stage need two names' },
  { name: 'dependsOn', type: { kind: 'list', items: text(jobName) }, default: 'no job', help: 'Jobs that come before, as of any job' },
  { name: 'condition', type: text(freeText), default: 'succeeded()', help: 'Condition of the job' },
  { name: 'nodeVersion', type: text(toolVersion), default: '22.x', help: 'Node to install on the agent; empty: the agent\'s own, 20.16 or later' },
  { name: 'kubeloginVersion', type: text(toolVersion), default: 'latest', help: 'kubelogin to install on the agent; empty: the agent\'s own' },
  {
    name: 'keepAzSessionActive', type: { kind: 'boolean' }, default: 'false',
    help: 'Whether the login is renewed, which builds of more than an hour need where the service connection is by workload identity federation',
  },
  {
    name: 'packageFolder', type: text(contextDirectory), help: 'Folder of the pipeline\'s repository with the package and its peers as .tgz, in place of a registry',
    example: 'build-scripts/npm',
  },
  { name: 'npmRegistry', type: text(httpUrl), help: 'Registry of npm packages, in place of the agent\'s own', example: 'https://registry.contoso.example/artifactory/api/npm/npm-virtual/' },
  { name: 'npmrcFile', type: text(contextFile), help: 'An .npmrc of the pipeline\'s repository, for a feed that wants a login', example: '.npmrc' },
].map(parameter => ({ ...parameter, group: 'The job' }) as Parameter);

/** Whether the agent hands the value over as it is; everything else goes as JSON. */
export function isText(type: ParameterType): boolean {
  return ['string', 'integer', 'boolean'].includes(type.kind);
}

function declared(parameter: Parameter, value: TemplateParameter['value']): TemplateParameter {
  const { kind } = parameter.type;
  return { ...parameter, value, templateType: kind === 'boolean' ? 'boolean' : isText(parameter.type) ? 'string' : 'object' };
}

/** What stands for a parameter that is not given. */
function unset({ type, default: byDefault }: Parameter): TemplateParameter['value'] {
  if (type.kind === 'boolean') { return byDefault === 'true'; }
  if (isText(type)) { return ''; }
  return ['list', 'arguments'].includes(type.kind) ? [] : {};
}

/** Every parameter of the template, in the order in which it declares them. */
export const TEMPLATE_PARAMETERS: readonly TemplateParameter[] = [
  ...PARAMETERS.map(parameter => declared(parameter, parameter.required || parameter.pipeline !== undefined ? undefined : unset(parameter))),
  ...JOB_PARAMETERS.map(parameter => declared(parameter, parameter.type.kind === 'string' ? parameter.default ?? '' : unset(parameter))),
];
