/** One pod of podman's: the volumes and containers of a build, and the folder with what it is given. */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerArguments, containerName, fullImageName } from './container-arguments';
import { GivenObjects } from './given-objects';
import { Container, Job, PodSpec } from './job';
import { lastError, Machine } from './machine';
import { Podman, PodmanError } from './podman';
import { Remover } from './remover';
import { Volumes } from './volumes';
import { PlannedBuild } from '../engine';

/** How a container ended. */
export interface Ended {
  readonly exitCode: number;
  /** Kubernetes' word for it. */
  readonly reason: 'Completed' | 'Error' | 'OOMKilled';
  /** What it wrote to its termination log. */
  readonly message: string;
}

/** What every pod is made with. */
export interface PodOptions {
  readonly podman: Podman;
  readonly machine: Machine;
  readonly given: GivenObjects;
  /** Whether pod and volumes stay; the Secrets' files never do. */
  readonly keep: boolean;
}

/** `podman inspect` of a container that has ended. */
interface State { readonly ExitCode: number; readonly OOMKilled: boolean }

const LABEL = 'cdk-kaniko.build';

export class Pod {
  /** Makes the pod and its volumes. From then on `remove`, or the end of this program, removes them. @throws PodmanError */
  public static async create(build: PlannedBuild, options: PodOptions): Promise<Pod> {
    const { spec } = (build.job as unknown as Job).spec.template;
    const folder = privateFolder();
    const label = `${LABEL}=${randomBytes(8).toString('hex')}`;
    const pod = new Pod(build, spec, options, folder, label);
    try {
      // Its containers run one after the other and share no namespace, so none has to hold one for them.
      await pod.call('pod', 'create', '--infra=false', `--label=${label}`, `--name=${pod.name}`);
      const place = { pod: pod.name, namespace: build.namespace, folder, label };
      pod.volumes = await Volumes.make(options.podman, spec, options.given.with(build.others), place);
      return pod;
    } catch (error) {
      await pod.remove();
      throw error;
    }
  }

  /** The pod's name; namespaces and Jobs have no dot in theirs. */
  public readonly name: string;
  private readonly remover: Remover;
  private volumes!: Volumes;

  private constructor(
    build: PlannedBuild, private readonly spec: PodSpec, private readonly options: PodOptions, private readonly folder: string,
    private readonly label: string,
  ) {
    this.name = `${build.namespace}.${build.name}`;
    this.remover = new Remover(options.podman.program, folder, options.keep ? undefined : label);
  }

  /** Whether the container's image is there already. */
  public async hasImage({ image }: Container): Promise<boolean> {
    return (await this.options.podman.call(['image', 'exists', fullImageName(image)])).exitCode === 0;
  }

  /** Pulls the container's image. @throws PodmanError with the registry's words */
  public async pull({ image }: Container, signal: AbortSignal): Promise<void> {
    const { exitCode, err } = await this.options.podman.call(['pull', '--quiet', ...this.login(), fullImageName(image)], signal);
    if (exitCode !== 0) { throw new PodmanError(lastError(err)); }
  }

  /** Makes a container and all that it needs to start at once. @throws PodmanError */
  public async prepare(container: Container, hostNetwork: boolean): Promise<void> {
    const terminationLog = this.terminationLog(container);
    writeFileSync(terminationLog, '');
    chmodSync(terminationLog, 0o666); // the container's user is another one
    await this.call(...containerArguments(container, {
      pod: this.name, mounts: await this.volumes.mounts(container), terminationLog, hostNetwork, machine: this.options.machine,
    }));
    try {
      await this.call('init', containerName(this.name, container));
    } catch (error) {
      await this.call('rm', '--force', '--volumes', containerName(this.name, container));
      throw error;
    }
  }

  /** Runs a prepared container to its end. */
  public async run(container: Container, tell: (line: string) => void, signal: AbortSignal): Promise<Ended> {
    const name = containerName(this.name, container);
    let lastLine = '';
    await this.options.podman.follow(['start', '--attach', '--sig-proxy=false', name], line => {
      lastLine = line;
      tell(line);
    }, signal);
    if (signal.aborted) { return { exitCode: 137, reason: 'Error', message: '' }; }
    const { ExitCode: exitCode, OOMKilled: killed } = JSON.parse(await this.call('inspect', '--format', '{{json .State}}', name)) as State;
    return { exitCode, reason: reason(exitCode, killed, lastLine), message: beginning(this.terminationLog(container)) };
  }

  /** Ends what runs. */
  public async stop(): Promise<void> {
    // Where nothing runs podman may say so by an error; what does not end now ends with the removal.
    await this.options.podman.call(['pod', 'stop', '--time=0', this.name]);
  }

  /** Removes everything that belongs to the pod. @throws Error with podman's words and what to do */
  public async remove(): Promise<void> {
    try {
      await this.remover.remove();
    } catch (error) {
      const commands = this.options.keep ? [] : [`podman pod rm --force ${this.name}`, `podman volume prune --filter label=${this.label}`];
      throw new Error(`what was made for the pod ${this.name} could not be removed: ${(error as Error).message}; `
        + `remove it yourself: ${[...commands, `rm -rf ${this.folder}`].join('; ')}`);
    }
  }

  private terminationLog({ name }: Container): string {
    return join(this.folder, `${name}.termination-log`);
  }

  /** The registry's account in the Secrets that the build names; without any, podman uses what `podman login` left. */
  private login(): string[] {
    const configs = (this.spec.imagePullSecrets ?? []).flatMap(({ name }) => this.options.given.find('Secret', name, this.name.split('.')[0])?.get('.dockerconfigjson') ?? []);
    if (configs.length === 0) { return []; }
    const auths = Object.assign({}, ...configs.map(config => (JSON.parse(config.toString('utf8')) as { auths?: object }).auths ?? {})) as object;
    const file = join(this.folder, 'auth.json');
    writeFileSync(file, JSON.stringify({ auths }), { mode: 0o600 });
    return [`--authfile=${file}`];
  }

  private async call(...args: string[]): Promise<string> {
    // Where memory runs out, a container's monitor leaves an empty file `oom` in the directory that it was begun in.
    const { exitCode, out, err } = await this.options.podman.call(args, undefined, this.folder);
    if (exitCode !== 0) { throw new PodmanError(lastError(err)); }
    return out;
  }
}

/** A folder that nobody else can look into: in memory where users have a place there. */
function privateFolder(): string {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  const parent = runtime !== undefined && existsSync(runtime) ? runtime : tmpdir();
  try {
    return mkdtempSync(join(parent, 'cdk-kaniko-'));
  } catch (error) {
    throw new PodmanError(`no folder can be made in ${parent} (${(error as NodeJS.ErrnoException).code}); set TMPDIR to one that can be written`);
  }
}

/** As much of a file as a cluster keeps of a termination log. A RUN may write there without end. */
function beginning(path: string): string {
  const bytes = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/**
 * podman 4.3 does not see on version 1 of control groups that memory ran out. The kernel's SIGKILL is then all there is
 * to see, of the container's program or of a RUN; nothing else in a pod's life sends one.
 */
function reason(exitCode: number, outOfMemory: boolean, lastLine: string): Ended['reason'] {
  if (exitCode === 0) { return 'Completed'; }
  return outOfMemory || exitCode === 137 || lastLine.endsWith('signal: killed') ? 'OOMKilled' : 'Error';
}
