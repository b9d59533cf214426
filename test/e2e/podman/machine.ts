/** A developer's machine: podman with an image store of its own, and the company's servers in its network. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ran, Running } from './running';
import { KanikoBuild } from '../../../src/kubernetes';
import { gitAccess } from '../../servers';
import { REGISTRY } from '../cluster/addresses';
import { Executor, executors } from '../cluster/binaries';
import { debianImage, gitImage, makeKanikoImage } from '../cluster/images';
import { prepareMachine, startNameServer } from '../cluster/node';
import { currentSandbox } from '../sandbox';
import { Services } from '../services/services';

export const BASE_IMAGE = `${REGISTRY.name}/docker-virtual/debian:bookworm`;
export const GIT_IMAGE = `${REGISTRY.name}/docker-virtual/git:bookworm`;
export const GIT_TOKEN = 'token-of-a-developer';
/** The directory of the repository that is the build context. */
const CONTEXT = 'images/app';

export interface RunOptions {
  readonly arguments?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** @default - one with everything that `project` names */
  readonly secretFile?: string;
}

export class Machine {
  public static async start(): Promise<Machine> {
    prepareMachine();
    startNameServer();
    const services = await Services.start({ tenantId: '11111111-1111-1111-1111-111111111111', assertionKeys: async () => [] });
    services.git.behaviour.access = gitAccess.basic('', GIT_TOKEN);
    const machine = new Machine(services, executors().pop()!);
    const kaniko = join(machine.folder, 'kaniko-image');
    makeKanikoImage(kaniko, machine.executor.path);
    await machine.load(kaniko, machine.executor.image);
    await machine.load(gitImage(), KanikoBuild.DEFAULT_PREPARE_IMAGE);
    await services.registry.push(debianImage(), 'docker-virtual/debian:bookworm');
    await services.registry.push(gitImage(), 'docker-virtual/git:bookworm');
    return machine;
  }

  public readonly folder = join(currentSandbox().folder, 'machine');
  /** Where private folders are made. */
  public readonly temporary = join(this.folder, 'tmp');
  private counter = 0;

  private constructor(public readonly services: Services, public readonly executor: Executor) {
    mkdirSync(this.temporary, { recursive: true });
    this.write('storage.conf', `[storage]\ndriver = "overlay"\ngraphroot = "${this.folder}/images"\nrunroot = "/run/podman-images"\n`);
    this.configure('containers.conf');
    this.write('authority.pem', services.authority.certificate);
  }

  /**
   * Writes podman's configuration: a virtual machine may lack the right to raise limits and have control groups that crun
   * does not take, and there is no systemd in here.
   */
  public configure(name: string, network = ''): string {
    return this.write(name, `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_backend = "cni"
${network}
`);
  }

  /** A new repository with a build context. @returns the parameters of its build */
  public project(files: Readonly<Record<string, string>>, own: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const name = `app-${++this.counter}`;
    const { repository, url } = this.services.repository(name);
    repository.commit(Object.fromEntries(Object.entries(files).map(([path, content]) => [`${CONTEXT}/${path}`, content])));
    return {
      name, repositoryUrl: url, branchName: 'main', imagePath: CONTEXT, gitSecretName: 'git',
      registry: `${REGISTRY.name}/docker-local`, imageName: name, imageTag: 'latest', registrySecretName: 'registry',
      caCertificates: [{ configMapName: 'authorities' }], namespace: 'developers', kanikoImage: this.executor.image, ...own,
    };
  }

  /** The manifest file with what a developer has of Secrets and ConfigMaps. */
  public secretFile(leftOut: readonly string[] = []): string {
    const { registry, registryLogin, packagesLogin, authority } = this.services;
    const secret = (name: string, stringData: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData });
    const objects = [
      secret('registry', { '.dockerconfigjson': registry.dockerConfig() }),
      secret('wrong', { '.dockerconfigjson': registry.dockerConfig({ ...registryLogin, password: 'wrong' }) }),
      secret('git', { username: 'developer', password: GIT_TOKEN }),
      secret('jfrog', { 'jfrog-deb-user': packagesLogin.username, 'jfrog-deb-secret': packagesLogin.password }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'authorities' }, data: { 'contoso.crt': authority.certificate } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pip' }, data: { 'pip.conf': '[global]\nindex-url = https://pypi.contoso.example\n' } },
    ];
    return this.write(`secrets-${++this.counter}.yaml`, objects.filter(({ metadata }) => !leftOut.includes(metadata.name)).map(object => JSON.stringify(object)).join('\n---\n'));
  }

  /** Starts `cdk-kaniko run --engine podman`. */
  public start(builds: readonly object[], options: RunOptions = {}): Running {
    const files = builds.map(parameters => this.write(`build-${++this.counter}.yaml`, JSON.stringify(parameters)));
    return new Running(spawn(process.execPath, [
      resolve(__dirname, '../../../bin/cdk-kaniko'), 'run', '--engine', 'podman', ...files.flatMap(file => ['-f', file]),
      '--secret-file', options.secretFile ?? this.secretFile(), '--output', 'json', ...options.arguments ?? [],
    ], { env: { ...this.environment, ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Runs it to its end. */
  public async run(builds: readonly object[], options: RunOptions = {}): Promise<Ran> {
    return this.start(builds, options).ended;
  }

  /** What podman answers; kaniko's log is among its messages. */
  public async podman(...args: string[]): Promise<string> {
    return new Promise((done, reject) => {
      const answer = (error: Error | null, stdout: string, stderr: string) => error ? reject(error) : done((stdout || stderr).trim());
      execFile('podman', args, { env: this.environment }, answer);
    });
  }

  /** All that a run may leave on the machine, a line each. */
  public async leftovers(): Promise<string[]> {
    const lists = await Promise.all([
      this.podman('ps', '--all', '--format', 'container {{.Names}}'), this.podman('pod', 'ps', '--format', 'pod {{.Name}}'),
      this.podman('volume', 'ls', '--format', 'volume {{.Name}}'), this.podman('secret', 'ls', '--format', 'secret {{.Name}}'),
    ]);
    return [...lists.flatMap(list => list.split('\n')).filter(line => line !== ''), ...readdirSync(this.temporary).map(name => `folder ${name}`)];
  }

  /** Everything that must not be seen by others on the machine. */
  public get secrets(): string[] {
    const { registryLogin, packagesLogin } = this.services;
    return [registryLogin.password, packagesLogin.password, GIT_TOKEN, Buffer.from(`${registryLogin.username}:${registryLogin.password}`).toString('base64')];
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      CONTAINERS_STORAGE_CONF: join(this.folder, 'storage.conf'),
      CONTAINERS_CONF: join(this.folder, 'containers.conf'),
      SSL_CERT_FILE: join(this.folder, 'authority.pem'),
      TMPDIR: this.temporary,
      XDG_RUNTIME_DIR: undefined,
    };
  }

  private async load(layout: string, name: string): Promise<void> {
    // podman makes a name of the path, and not every path is one.
    const named = join(this.folder, `image-${++this.counter}`);
    symlinkSync(layout, named);
    await this.podman('tag', await this.podman('pull', '--quiet', `oci:${named}`), name);
  }

  private write(name: string, content: string): string {
    writeFileSync(join(this.folder, name), content, { mode: 0o600 });
    return join(this.folder, name);
  }
}
