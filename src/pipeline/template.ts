/**
 * The Azure Pipelines template: parameters in, one job out that builds an image on AKS.
 *
 * No value of a parameter becomes part of a script, of JSON or of YAML: each goes by a variable of the environment.
 * Texts go as they are, so that the agent fills in `$(variables)`; lists and mappings go as JSON, in which `$` is
 * `\u0024`, so that it leaves them alone. https://learn.microsoft.com/azure/devops/pipelines/security/inputs
 */
import { stringify } from 'yaml';
import { variableOf } from './environment';
import { isText, TEMPLATE_PARAMETERS, TemplateParameter } from './template-parameters';
import { PARAMETERS } from '../parameters/parameter-table';

export interface TemplateOptions {
  /** The version of this package that the template installs. */
  readonly version: string;
  /** The program that installs it (assets/pipeline/install.sh). It cannot come from the package, so the template holds it. */
  readonly installScript: string;
  /** A platform team's values for parameters, in place of the defaults; a parameter with one is not required. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** The template as YAML. */
export function pipelineTemplate({ version, installScript, defaults = {} }: TemplateOptions): string {
  return `${HEAD}
parameters:
${TEMPLATE_PARAMETERS.map((parameter, index) => heading(parameter, TEMPLATE_PARAMETERS[index - 1]) + declaration(parameter, defaults[parameter.name])).join('')}
${job(version, installScript)}`;
}

const HEAD = `# Builds a container image with kaniko on AKS and pushes it. Made by "cdk-kaniko template"; make it again rather than
# edit it. Used at the level of jobs:
#
#   jobs:
#   - template: azure-pipelines.kaniko-build.yml
#     parameters: …
#
# Output variables of the step "kaniko": imageDigest, imageReference.
`;

function heading({ group }: TemplateParameter, before: TemplateParameter | undefined): string {
  return group === before?.group ? '' : `\n# --- ${group}\n`;
}

function declaration({ name, type, templateType, help, default: byDefault, value: unset }: TemplateParameter, ours: unknown): string {
  const value = ours ?? unset;
  const inWords = ours === undefined && value === '' && byDefault !== undefined ? ` Default: ${byDefault}.` : '';
  return [
    `# ${help}.${inWords}`,
    `- name: ${name}`,
    `  type: ${templateType}`,
    ...value === undefined ? [] : [`  default:${yaml(value)}`],
    ...type.kind === 'string' && type.values !== undefined ? [`  values: ['', ${type.values.join(', ')}]`] : [],
  ].join('\n') + '\n';
}

/** A value as it stands behind its key's colon. */
function yaml(value: unknown): string {
  if (value === '') { return ' \'\''; }
  if (typeof value !== 'object') { return ` ${JSON.stringify(value)}`; }
  if (Object.keys(value as object).length === 0) { return Array.isArray(value) ? ' []' : ' {}'; }
  return `\n${indent(4, stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 }).trimEnd())}`;
}

function indent(columns: number, text: string): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns));
}

/** The environment that carries the parameters to `cdk-kaniko pipeline-parameters`. */
function environment(): string {
  return PARAMETERS.map(({ name, type }) => `${variableOf(name)}: ${isText(type)
    ? `\${{ parameters.${name} }}`
    : `\${{ replace(convertToJson(parameters.${name}), '$', '\\u0024') }}`}`).join('\n');
}

/** What other people's programs print cannot command the agent. */
const RESTRICTED = 'target: { container: host, commands: restricted, settableVariables: none }';
function job(version: string, installScript: string): string {
  return `jobs:
- job: \${{ parameters.jobName }}
  displayName: Build a container image
  dependsOn: \${{ parameters.dependsOn }}
  condition: \${{ parameters.condition }}
  pool:
    name: \${{ parameters.poolName }}
  # The build has a deadline of its own, timeoutMinutes, at which the cluster ends it and says so.
  timeoutInMinutes: 0
  # For the last step, which waits until a cancelled build is deleted.
  cancelTimeoutInMinutes: 5
  steps:
  # The cluster clones what it builds; the agent needs the repository for its own packages alone.
  - \${{ if and(eq(parameters.packageFolder, ''), eq(parameters.npmrcFile, '')) }}:
    - checkout: none
  - \${{ else }}:
    - checkout: self
      fetchDepth: 1

  - \${{ if ne(parameters.nodeVersion, '') }}:
    - task: UseNode@1
      displayName: Install Node
      inputs:
        version: \${{ parameters.nodeVersion }}
  - \${{ if ne(parameters.kubeloginVersion, '') }}:
    - task: KubeloginInstaller@0
      displayName: Install kubelogin
      inputs:
        kubeloginVersion: \${{ parameters.kubeloginVersion }}
  - \${{ if ne(parameters.npmrcFile, '') }}:
    - task: npmAuthenticate@0
      displayName: Log in to the npm registry
      inputs:
        workingFile: $(Build.SourcesDirectory)/\${{ parameters.npmrcFile }}
  - bash: |
${indent(6, installScript.trimEnd())}
    displayName: Install cdk-kaniko
    ${RESTRICTED}
    env:
      PACKAGE_VERSION: ${JSON.stringify(version)}
      PACKAGE_FOLDER: \${{ parameters.packageFolder }}
      NPM_REGISTRY: \${{ parameters.npmRegistry }}
      NPMRC_FILE: \${{ parameters.npmrcFile }}

  - bash: |
      cd "$AGENT_TEMPDIRECTORY/cdk-kaniko" && node_modules/.bin/cdk-kaniko pipeline-parameters -o build.json
    displayName: Check the parameters
    ${RESTRICTED}
    env:
${indent(6, environment())}

  - task: AzureCLI@2
    displayName: Build and push the image
    ${RESTRICTED}
    inputs:
      azureSubscription: \${{ parameters.serviceConnection }}
      scriptType: bash
      scriptLocation: scriptPath
      scriptPath: $(Agent.TempDirectory)/cdk-kaniko/node_modules/cdk-kaniko/assets/pipeline/build.sh
      keepAzSessionActive: \${{ parameters.keepAzSessionActive }}
    env:
      SUBSCRIPTION: \${{ parameters.subscriptionName }}
      RESOURCE_GROUP: \${{ parameters.resourceGroup }}
      KUBERNETES_CLUSTER: \${{ parameters.kubernetesCluster }}

  # A step of its own: the one before may not set variables. Of a failed build there is a summary too.
  - bash: |
      cd "$AGENT_TEMPDIRECTORY/cdk-kaniko" && [ -e result.json ] || exit 0
      node_modules/.bin/cdk-kaniko pipeline-outputs --result result.json --summary container-image.md
    name: kaniko
    displayName: Publish digest and summary
    condition: succeededOrFailed()

  - bash: |
      cd "$AGENT_TEMPDIRECTORY/cdk-kaniko/node_modules/cdk-kaniko/assets/pipeline" || exit 0
      bash clean-up.sh
    displayName: Clean up
    condition: always()
    ${RESTRICTED}
`;
}
