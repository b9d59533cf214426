/** The template, and an agent with doubles of the programs that it starts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, AgentOptions } from './agent';
import { expand, Job } from './expander';
import { installScript } from '../../src/cli/template';
import { pipelineTemplate } from '../../src/pipeline/template';

export const ROOT = join(__dirname, '../..');
export const TEMPLATE_FILE = 'azure-pipelines.kaniko-build.yml';

/** The least that the template is given. */
export const LEAST: Readonly<Record<string, unknown>> = {
  poolName: 'Contoso-Build-Dev',
  serviceConnection: 'contoso-dev-deployment',
  subscriptionName: 'Contoso Dev',
  resourceGroup: 'contoso-dev-rg',
  kubernetesCluster: 'contoso-dev-aks',
  workloadIdentity: 'wdap-cicd-identity',
  namespace: 'winddata-dev',
  branchName: 'main',
  imagePath: 'app',
  registry: 'registry.contoso.example/docker-local',
  imageName: 'app',
  imageTag: 'v1',
};

/** The template's text, with a platform team's defaults. */
export function templateText(defaults: Readonly<Record<string, unknown>> = {}): string {
  return pipelineTemplate({ version: '1.2.3', installScript: installScript(), defaults });
}

const TEMPLATE = templateText();

/** The job that the template makes of parameters, the least ones among them. */
export function jobOf(parameters: Readonly<Record<string, unknown>> = {}): Job {
  return (expand(TEMPLATE, { ...LEAST, ...parameters }) as { jobs: Job[] }).jobs[0];
}

/** The steps of that job up to the one that checks the parameters. */
export function checkingJob(parameters: Readonly<Record<string, unknown>>): Pick<Job, 'steps'> {
  const { steps } = jobOf(parameters);
  return { steps: steps.slice(0, steps.findIndex(({ displayName }) => displayName === 'Check the parameters') + 1) };
}

export interface TestAgent {
  readonly agent: Agent;
  readonly folder: string;
  /** The programs that were started, each with its arguments. */
  readonly started: () => string[][];
  /** A file that the steps wrote. */
  readonly read: (name: string) => string;
  readonly remove: () => void;
}

/** An agent whose npm, az, kubelogin and `cdk-kaniko run` are doubles. */
export function testAgent(options: Pick<AgentOptions, 'variables' | 'env' | 'dropsEmpty'> = {}): TestAgent {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const programs = join(__dirname, 'programs');
  const record = join(folder, 'record');
  return {
    folder,
    agent: new Agent({
      folder,
      programs,
      variables: options.variables,
      dropsEmpty: options.dropsEmpty,
      env: { FAKE_RECORD: record, FAKE_PACKAGE: ROOT, FAKE_PROGRAM: join(__dirname, 'run-double'), FAKE_KUBECONFIG: 'kind: Config', FAKE_LOG: '', ...options.env },
    }),
    started: () => readFileSync(record, 'utf8').split(/\0(?=npm\0|az\0|kubelogin\0|run\0|$)/).filter(call => call !== '').map(call => call.split('\0')),
    read: name => readFileSync(join(folder, '_temp/cdk-kaniko', name), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
