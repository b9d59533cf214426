/** BuildKit: a daemon beside the cluster, as root, with runc. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REGISTRY } from '../../test/e2e/cluster/addresses';
import { daemon, until } from '../../test/e2e/cluster/processes';
import { currentSandbox } from '../../test/e2e/sandbox';
import { OUTPUT_BYTES, Sample } from '../measure';
import { buildkit } from './binaries';
import { Line } from './line';
import { World } from './world';

const PORT = 1234;

export class BuildKit {
  public static async start(world: World): Promise<BuildKit> {
    const folder = join(currentSandbox().folder, 'buildkit');
    mkdirSync(folder);
    const configuration = join(folder, 'buildkitd.toml');
    writeFileSync(configuration, settings(world.authority, currentSandbox().controlGroup));
    daemon('buildkitd', [
      join(buildkit(), 'buildkitd'), `--config=${configuration}`, `--root=${folder}/root`, `--addr=tcp://127.0.0.1:${PORT}`,
    ]);
    const line = await Line.to('127.0.0.1', PORT);
    const started = new BuildKit(world, line);
    await until('buildkitd', async () => { await started.buildctl('debug', 'workers'); return true; });
    return started;
  }

  private constructor(private readonly world: World, private readonly line: Line) {}

  /** Builds and pushes a directory. @param cache the reference of a cache in the registry; without it nothing is kept or used */
  public async build(directory: string, image: string, cache?: string): Promise<Sample> {
    const before = this.line.bytesSent;
    const start = performance.now();
    await this.buildctl('build', ...buildArguments(directory, image, cache));
    return { 'time': (performance.now() - start) / 1000, 'sent by the client': this.line.bytesSent - before };
  }

  /** Empties the daemon's own store. */
  public async prune(): Promise<void> {
    await this.buildctl('prune', '--all');
  }

  private async buildctl(...args: string[]): Promise<void> {
    await promisify(execFile)(join(buildkit(), 'buildctl'), [`--addr=tcp://127.0.0.1:${this.line.port}`, ...args], {
      env: { ...process.env, DOCKER_CONFIG: this.world.dockerConfig, SSL_CERT_FILE: this.world.authority }, maxBuffer: OUTPUT_BYTES,
    });
  }
}

/**
 * What is set for a daemon, wherever it runs.
 * @param authority the file with the registry's authority
 * @param controlGroup the parent of its containers' control groups
 */
export function settings(authority: string, controlGroup = ''): string {
  return `[worker.containerd]
  enabled = false
[worker.oci]
  enabled = true
  networkMode = "host"
  defaultCgroupParent = "${controlGroup}"
[registry."${REGISTRY.name}"]
  ca = ["${authority}"]
`;
}

/** What `buildctl build` is told. */
export function buildArguments(directory: string, image: string, cache?: string): string[] {
  return [
    '--progress=plain', '--frontend=dockerfile.v0', `--local=context=${directory}`, `--local=dockerfile=${directory}`,
    `--output=type=image,name=${REGISTRY.name}/docker-local/${image}:latest,push=true`,
    ...cache ? [`--import-cache=type=registry,ref=${cache}`, `--export-cache=type=registry,ref=${cache},mode=max`] : ['--no-cache'],
  ];
}
