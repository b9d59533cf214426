/**
 * A team that builds images: its namespace with the Secrets that a user makes, its git repository, and the build
 * parameters that all its builds share.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseAllDocuments } from 'yaml';
import { FederatedCredential } from '../servers';
import { DeployedInfrastructure, deployInfrastructure } from './azure-half';
import { REGISTRY, STORAGE } from './cluster/addresses';
import { Executor } from './cluster/binaries';
import { KubernetesObject } from './cluster/kubectl';
import { until } from './cluster/processes';
import { Environment } from './environment';
import { currentSandbox } from './sandbox';
import { PulledImage } from './services/pulled-image';
import { Files, Repository } from './services/repository';

/** What a build is told, by the names of `build.yaml`. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A build that has ended. */
export interface Build {
  readonly job: KubernetesObject;
  /** Gone where the deadline ended it. */
  readonly pod?: KubernetesObject;
  /** By container. */
  readonly logs: Readonly<Record<string, string>>;
  readonly succeeded: boolean;
  /** How the container `kaniko` ended; undefined where it never ran. */
  readonly kaniko?: Ended;
  /** How the init container `prepare-context` ended. */
  readonly prepare?: Ended;
}

export interface Ended {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** The command. */
export const PROGRAM = resolve(__dirname, '../../bin/cdk-kaniko');

/** The directory of the repository that is the build context. */
export const CONTEXT = 'images/app';
export const CLIENT_ID = '22222222-2222-2222-2222-222222222222';
const SERVICE_ACCOUNT = 'wdap-cicd-identity';
export const BASE_IMAGE = `${REGISTRY.name}/docker-virtual/debian:bookworm`;
/** A shell and its tools, for builds that are not about Debian: it is unpacked in no time. */
export const SHELL_IMAGE = `${REGISTRY.name}/docker-virtual/shell:1`;

let counter = 0;

export interface TeamOptions {
  readonly namespace?: string;
  /** @default CLIENT_ID, the identity of all teams */
  readonly clientId?: string;
}

export class Team {
  /**
   * A team with all that a build may need; a scenario takes away or spoils what it is about.
   * @param label the beginning of the namespace's name
   * @param serviceAccount the one that may act as the identity
   * @param own a namespace for a manifest that names it, an identity that is no other team's
   */
  public static async create(environment: Environment, label: string, serviceAccount = SERVICE_ACCOUNT, own: TeamOptions = {}): Promise<Team> {
    const team = new Team(environment, own.namespace ?? `${label}-${++counter}`, serviceAccount, own.clientId ?? CLIENT_ID);
    const { services, kubectl } = environment;
    services.credentials.push(team.credential);
    const metadata = (name: string) => ({ name, namespace: team.namespace });
    await kubectl.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: team.namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } },
    );
    // The controller manager makes it, and until then refuses pods and would meet our own of that name.
    await until('default service account', () => kubectl.get(team.namespace, 'serviceaccount/default'));
    await kubectl.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(serviceAccount) },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('authorities'), data: { 'contoso.crt': services.authority.certificate } },
    );
    await team.secret('registry', { '.dockerconfigjson': services.registry.dockerConfig() }, 'kubernetes.io/dockerconfigjson');
    await team.secret('jfrog', { 'jfrog-deb-user': services.packagesLogin.username, 'jfrog-deb-secret': services.packagesLogin.password });
    return team;
  }

  public readonly repository: Repository;
  /** What our Azure half declares for this team. */
  public readonly infrastructure: DeployedInfrastructure;
  private readonly url: string;

  private constructor(private readonly environment: Environment, public readonly namespace: string, serviceAccount: string, clientId: string) {
    ({ repository: this.repository, url: this.url } = environment.services.repository(namespace));
    this.infrastructure = deployInfrastructure({
      namespace, serviceAccount, clientId, storageAccount: STORAGE.name.split('.')[0],
    });
  }

  /** Which assertion may act as the team's identity: what Entra's stand-in goes by. */
  public get credential(): FederatedCredential {
    return this.infrastructure.credential;
  }

  /** Makes a Secret, or gives it other content. */
  public async secret(name: string, stringData: Readonly<Record<string, string>>, type = 'Opaque'): Promise<void> {
    await this.environment.kubectl.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: this.namespace }, type, stringData });
  }

  /** Commits files of the build context. */
  public commit(files: Files): void {
    this.repository.commit(Object.fromEntries(Object.entries(files).map(([path, content]) => [`${CONTEXT}/${path}`, content])));
  }

  /** The parameters of a build of this team's; namespace, identity and storage account come from the infrastructure's outputs. */
  public parameters(executor: Executor, own: Parameters = {}): Parameters {
    return {
      repositoryUrl: this.url,
      branchName: 'main',
      imagePath: CONTEXT,
      registry: `${REGISTRY.name}/docker-local`,
      imageName: this.namespace,
      imageTag: 'latest',
      registrySecretName: 'registry',
      caCertificates: [{ configMapName: 'authorities' }],
      kanikoImage: executor.image,
      ...own,
    };
  }

  /** What `cdk-kaniko` is told of builds: the options that name their files and the infrastructure's outputs. */
  public buildOptions(...builds: Parameters[]): string[] {
    const folder = mkdtempSync(join(currentSandbox().folder, 'builds-'));
    const files = builds.map((parameters, index) => {
      const file = join(folder, `build-${index}.yaml`);
      writeFileSync(file, JSON.stringify(parameters)); // JSON is YAML
      return file;
    });
    return [...files.flatMap(file => ['-f', file]), '--infra', this.infrastructure.outputsFile];
  }

  /** `cdk-kaniko synth`. @returns the manifest's path */
  public async synth(...builds: Parameters[]): Promise<string> {
    const folder = mkdtempSync(join(currentSandbox().folder, 'synth-'));
    const output = join(folder, 'dist');
    await new Promise<void>((done, reject) => {
      execFile(process.execPath, [PROGRAM, 'synth', ...this.buildOptions(...builds), '-o', output], { cwd: folder },
        (error, stdout, stderr) => error ? reject(new Error(`cdk-kaniko synth: ${stderr || stdout || error.message}`)) : done());
    });
    return join(output, 'kaniko-builds.k8s.yaml');
  }

  /** Synthesizes, applies and waits. @returns the builds, in their order */
  public async build(...builds: Parameters[]): Promise<Build[]> {
    const manifest = await this.synth(...builds);
    await this.environment.kubectl.applyFile(manifest);
    const objects = parseAllDocuments(readFileSync(manifest, 'utf8')).map(document => document.toJS() as KubernetesObject);
    return Promise.all(objects.filter(({ kind }) => kind === 'Job').map(job => this.wait(job.metadata.name)));
  }

  /** A build that has to succeed. @returns the image that it pushed */
  public async buildImage(parameters: Parameters): Promise<{ build: Build; image: PulledImage }> {
    const [build] = await this.build(parameters);
    if (!build.succeeded) throw new Error(`the build failed\n${await this.describe(build)}`);
    const image = await this.environment.services.registry.pull(`docker-local/${String(parameters.imageName)}:${String(parameters.imageTag)}`);
    assert.equal(build.kaniko!.message, image.digest, 'the digest in the pod\'s status is that of the pushed image');
    return { build, image };
  }

  /** Waits until a Job has ended. */
  public async wait(name: string): Promise<Build> {
    const state = await this.ended(name);
    const [pod] = (await this.environment.kubectl.get<{ items: KubernetesObject[] }>(this.namespace, 'pods', `--selector=job-name=${name}`)).items;
    const statuses = [...pod?.status.initContainerStatuses ?? [], ...pod?.status.containerStatuses ?? []] as ContainerStatus[];
    const ended = (container: string) => statuses.find(status => status.name === container)?.state.terminated;
    const logs: Record<string, string> = {};
    for (const { name: container, state: { waiting } } of statuses) {
      const log = waiting ? undefined : await this.log(pod.metadata.name, container);
      if (log !== undefined) logs[container] = log;
    }
    return {
      job: await this.environment.kubectl.get(this.namespace, `job/${name}`),
      pod, logs, succeeded: state === 'Complete', prepare: ended('prepare-context'), kaniko: ended('kaniko'),
    };
  }

  /** A container's log; undefined where nobody has it any more, as of a pod that is gone or that was evicted. */
  private async log(pod: string, container: string): Promise<string | undefined> {
    try {
      return await this.environment.kubectl.run('logs', `--namespace=${this.namespace}`, pod, `--container=${container}`);
    } catch (error) {
      if (/\((?:NotFound|BadRequest)\)/.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  /** What the namespace's events say, a line each. */
  public async events(): Promise<string[]> {
    const { items } = await this.environment.kubectl.get<{ items: KubernetesObject[] }>(this.namespace, 'events');
    return items.map(event => `${event.reason}: ${event.message}`);
  }

  /** All that the cluster and the build tell to who may not read Secrets: objects, events, logs. */
  public async everythingButSecrets(build: Build): Promise<string> {
    const kinds = 'pods,jobs,configmaps,serviceaccounts,events,persistentvolumeclaims,networkpolicies';
    return [await this.environment.kubectl.run('get', kinds, `--namespace=${this.namespace}`, '--output=yaml'), ...Object.values(build.logs)].join('\n');
  }

  /** Runs a command in a pod of a pushed image. @returns what it printed */
  public async runImage(digest: string, ...command: string[]): Promise<string> {
    const name = `run-${++counter}`;
    const { kubectl } = this.environment;
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: this.namespace },
      spec: {
        restartPolicy: 'Never',
        imagePullSecrets: [{ name: 'registry' }],
        containers: [{ name: 'app', image: `${REGISTRY.name}/docker-local/${this.namespace}@${digest}`, command }],
      },
    });
    await kubectl.run('wait', `--namespace=${this.namespace}`, `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s');
    return kubectl.run('logs', `--namespace=${this.namespace}`, name);
  }

  /** What a person needs to see of a build that did what it should not. */
  public async describe(build: Build): Promise<string> {
    return [
      JSON.stringify(build.job.status.conditions, undefined, 1),
      ...Object.entries(build.logs).map(([container, log]) => `--- ${container}\n${log.split('\n').slice(-25).join('\n')}`),
      '--- events', ...await this.events(),
    ].join('\n');
  }

  /** `Complete` or `Failed`, as soon as the Job is. */
  public async ended(name: string): Promise<string> {
    const path = '--output=jsonpath={.status.conditions[?(@.status=="True")].type}{"\\n"}';
    const watch = this.environment.kubectl.start('get', `--namespace=${this.namespace}`, `job/${name}`, '--watch', path);
    try {
      for await (const line of createInterface(watch.stdout)) {
        const state = line.split(' ').find(type => type === 'Complete' || type === 'Failed');
        if (state) return state;
      }
      throw new Error(`the watch of job ${name} ended`);
    } finally {
      watch.kill();
    }
  }
}

interface ContainerStatus {
  readonly name: string;
  readonly state: { readonly waiting?: object; readonly terminated?: Ended };
}
