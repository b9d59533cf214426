/** What the benchmarks on a cluster share: a team that builds, ways to run an executor, their figures. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { KanikoBuild } from '../../src/kubernetes';
import { REGISTRY } from '../../test/e2e/cluster/addresses';
import { Executor, executors } from '../../test/e2e/cluster/binaries';
import { KubernetesObject } from '../../test/e2e/cluster/kubectl';
import { CONTAINERD } from '../../test/e2e/cluster/node';
import { Environment } from '../../test/e2e/environment';
import { currentSandbox } from '../../test/e2e/sandbox';
import { Files } from '../../test/e2e/services/repository';
import { BASE_IMAGE, Parameters, Team } from '../../test/e2e/team';
import { Measure } from '../benchmark';
import { OUTPUT_BYTES, Sample } from '../measure';
import { Containers, Ran } from './containers';

/** What a build costs: all of it, its executor's part, and the executor's peak memory. */
export const BUILD_MEASURES: readonly Measure[] = [
  { name: 'time', unit: 's' }, { name: 'of it the executor', unit: 's' }, { name: 'memory of the executor', unit: 'MiB' },
];

/** What every build asks for, ours and others': a pod that asks for nothing gets the least of a busy machine. */
export const RESOURCES = { cpuRequest: '500m', memoryRequest: '1Gi', memoryLimit: '4Gi' };

/** One small file and one quick RUN on Debian: what a build costs that does nearly nothing. */
export const SMALL_BUILD = {
  Dockerfile: `FROM ${BASE_IMAGE}\nCOPY motd /etc/motd\nRUN cat /etc/motd > /etc/issue\n`,
  motd: 'welcome\n',
};

/** As `BUILD_MEASURES` names them. */
function executorFigures({ seconds, mebibytes }: Ran): Sample {
  return { 'of it the executor': seconds, 'memory of the executor': mebibytes };
}

/** Where a bare executor finds its context, within the directory that kaniko leaves out of images. */
const CONTEXT = '/kaniko/context';

/** A container of an executor, as a manifest has it. */
export interface Invocation {
  readonly args: readonly string[];
  readonly env: ReadonlyArray<{ readonly name: string; readonly value: string }>;
}

interface Container extends Invocation { readonly name: string }

export class World {
  public static async start(): Promise<World> {
    weighAsNode();
    const environment = await Environment.start(executors(), KanikoBuild.DEFAULT_PREPARE_IMAGE);
    const world = new World(environment, await Team.create(environment, 'bench'), new Containers());
    const { kubectl, services } = environment;
    // A directory of the node may be mounted by who may do everything there.
    await kubectl.run('label', 'namespace', world.team.namespace, '--overwrite', 'pod-security.kubernetes.io/enforce=privileged');
    world.write('docker/config.json', services.registry.dockerConfig());
    world.write('authorities/contoso.crt', services.authority.certificate);
    return world;
  }

  private counter = 0;

  private constructor(public readonly environment: Environment, public readonly team: Team, private readonly containers: Containers) {}

  /** The newest executor that there is. */
  public get executor(): Executor {
    return this.environment.newest;
  }

  /** The folder with the registry's login, as clients look for it. */
  public get dockerConfig(): string {
    return this.path('docker');
  }

  /** The file with the authority of the servers around the cluster. */
  public get authority(): string {
    return this.path('authorities/contoso.crt');
  }

  /** A name that nothing had before. */
  public fresh(label: string): string {
    return `${label}-${++this.counter}`;
  }

  /** The parameters of a build. */
  public parameters(own: Parameters): Parameters {
    return this.team.parameters(this.executor, { ...RESOURCES, ...own });
  }

  /** Commits a build context, and puts it into a directory too. @returns the directory */
  public context(files: Files): string {
    this.team.commit(files);
    const folder = mkdtempSync(join(currentSandbox().folder, 'context-'));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return folder;
  }

  /** Our Job: from `kubectl apply` until it is complete. */
  public async ours(own: Parameters): Promise<Sample> {
    const manifest = await this.team.synth(this.parameters(own));
    const start = performance.now();
    await this.environment.kubectl.applyFile(manifest);
    return this.finished(jobsOf(manifest)[0], start);
  }

  /** A build whose pod is gone when it ends, with the figures of its executor: the last of the pod's containers. */
  public async withExecutor(build: () => Promise<Sample>): Promise<Sample> {
    const { time } = await build();
    return { time, ...executorFigures(await this.containers.last()) };
  }

  /** What our Job tells its executor, for an executor elsewhere. */
  public async invocation(own: Parameters): Promise<Invocation> {
    const [job] = jobsOf(await this.team.synth(this.parameters(own)));
    const { args, env } = (job.spec.template.spec.containers as Container[]).find(({ name }) => name === 'kaniko')!;
    const kept = args.filter(argument => !/^--(context|dockerfile|digest-file)=/.test(argument));
    return { args: [`--context=dir://${CONTEXT}`, `--dockerfile=${CONTEXT}/Dockerfile`, ...kept], env: env.filter(({ name }) => name.startsWith('FF_')) };
  }

  /** An executor told no more than it has to be. */
  public plainInvocation(destination: string, ...more: string[]): Invocation {
    return { args: [`--context=dir://${CONTEXT}`, `--dockerfile=${CONTEXT}/Dockerfile`, `--destination=${REGISTRY.name}/docker-local/${destination}`, ...more], env: [] };
  }

  /** An executor on a directory that is ready, by containerd, without Kubernetes. */
  public async bare(directory: string, { args, env }: Invocation): Promise<Sample> {
    const id = this.fresh('bare');
    const mount = (from: string, to: string) => `--mount=type=bind,src=${from},dst=${to},options=rbind:ro`;
    const start = performance.now();
    await promisify(execFile)('ctr', ['--address', CONTAINERD, '--namespace', 'k8s.io', 'run', '--rm', '--net-host',
      `--cgroup=${currentSandbox().controlGroup}/${id}`, mount(directory, CONTEXT), mount(this.dockerConfig, '/kaniko/.docker'),
      mount(this.path('authorities'), '/authorities'), '--env=SSL_CERT_DIR=/authorities:/kaniko/ssl/certs',
      ...env.map(({ name, value }) => `--env=${name}=${value}`), this.executor.image, id, '/kaniko/executor', ...args], { maxBuffer: OUTPUT_BYTES });
    return this.sample(id, start);
  }

  /** An executor in a pod that holds nothing else. @param directory its context, where it does not fetch one itself */
  public async inPod(invocation: Invocation, directory?: string): Promise<Sample> {
    const job = this.bareJob(invocation, directory);
    const start = performance.now();
    await this.environment.kubectl.apply(job);
    return this.finished(job, start);
  }

  private bareJob({ args, env }: Invocation, directory?: string): KubernetesObject {
    const mounts = { ...directory ? { context: CONTEXT } : {}, docker: '/kaniko/.docker', authorities: '/authorities' };
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: this.fresh('bare'), namespace: this.team.namespace },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{
              name: 'kaniko',
              image: this.executor.image,
              args,
              env: [...env, { name: 'SSL_CERT_DIR', value: '/authorities:/kaniko/ssl/certs' }],
              resources: { requests: { cpu: RESOURCES.cpuRequest, memory: RESOURCES.memoryRequest }, limits: { memory: RESOURCES.memoryLimit } },
              volumeMounts: Object.entries(mounts).map(([name, mountPath]) => ({ name, mountPath, readOnly: true })),
            }],
            volumes: [
              ...directory ? [{ name: 'context', hostPath: { path: directory } }] : [],
              { name: 'docker', secret: { secretName: 'registry', items: [{ key: '.dockerconfigjson', path: 'config.json' }] } },
              { name: 'authorities', configMap: { name: 'authorities' } },
            ],
          },
        },
      },
    };
  }

  /** Waits for a Job. @throws where it failed */
  private async finished(job: KubernetesObject, start: number): Promise<Sample> {
    const state = await this.team.ended(job.metadata.name);
    const seconds = (performance.now() - start) / 1000;
    if (state !== 'Complete') { throw new Error(`the build ${job.metadata.name} failed\n${await this.team.describe(await this.team.wait(job.metadata.name))}`); }
    const [pod] = (await this.environment.kubectl.get<{ items: KubernetesObject[] }>(this.team.namespace, 'pods', `--selector=job-name=${job.metadata.name}`)).items;
    const { containerID } = (pod.status.containerStatuses as Array<{ name: string; containerID: string }>).find(({ name }) => name === 'kaniko')!;
    return { ...await this.sample(containerID.replace('containerd://', ''), start), time: seconds };
  }

  private async sample(container: string, start: number): Promise<Sample> {
    const time = (performance.now() - start) / 1000;
    return { time, ...executorFigures(await this.containers.ran(container)) };
  }

  private path(name: string): string {
    return join(currentSandbox().folder, 'bench', name);
  }

  private write(name: string, content: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content, { mode: 0o600 });
  }
}

/**
 * All containers of the sandbox are one control group, which on a busy machine gets no more than one other process.
 * Programs outside of it, such as BuildKit's daemon, would be compared with a node of a fraction of a processor.
 */
function weighAsNode(): void {
  const { controlGroup } = currentSandbox();
  const weights = [[`/sys/fs/cgroup/cpu${controlGroup}/cpu.shares`, '16384'], [`/sys/fs/cgroup${controlGroup}/cpu.weight`, '1600']] as const;
  for (const [file, weight] of weights) {
    if (existsSync(file)) { writeFileSync(file, weight); }
  }
}

/** The Jobs of a manifest. */
export function jobsOf(manifest: string): KubernetesObject[] {
  return parseAllDocuments(readFileSync(manifest, 'utf8')).map(document => document.toJS() as KubernetesObject).filter(({ kind }) => kind === 'Job');
}
