/** BuildKit without a daemon that stays: a privileged pod a build, which holds a daemon of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KanikoBuild } from '../../src/kubernetes';
import { currentSandbox } from '../../test/e2e/sandbox';
import { Sample } from '../measure';
import { buildkit } from './binaries';
import { buildArguments, settings } from './buildkit';
import { Client } from './client';
import { World } from './world';

const CONTEXT = '/context';

export class BuildKitPod {
  public static create(world: World, client: Client): BuildKitPod {
    const folder = join(currentSandbox().folder, 'buildkit-pod');
    mkdirSync(folder);
    writeFileSync(join(folder, 'buildkitd.toml'), settings('/authorities/contoso.crt'));
    const runc = execFileSync('sh', ['-c', 'command -v runc'], { encoding: 'utf8' }).trim();
    return new BuildKitPod(world, client, folder, runc);
  }

  private constructor(
    private readonly world: World, private readonly client: Client, private readonly folder: string, private readonly runc: string,
  ) {}

  /** Builds and pushes a directory of the node. @param cache the reference of a cache in the registry; without it nothing is kept or used */
  public async build(directory: string, image: string, cache?: string): Promise<Sample> {
    const name = this.world.fresh('buildkit');
    const spec = this.spec(name, directory, buildArguments(CONTEXT, image, cache));
    // The image is also in the overrides; kubectl wants it all the same.
    return this.client.command('kubectl', ['run', name, `--namespace=${this.world.team.namespace}`, `--image=${KanikoBuild.DEFAULT_PREPARE_IMAGE}`,
      '--restart=Never', '--attach', '--rm', '--quiet', `--overrides=${JSON.stringify({ spec })}`], this.folder);
  }

  private spec(name: string, directory: string, args: readonly string[]): object {
    const places = {
      context: [directory, CONTEXT], buildkit: [buildkit(), '/opt/buildkit'], settings: [this.folder, '/settings'],
      scripts: [__dirname, '/scripts'], runc: [this.runc, '/usr/local/bin/runc'],
    };
    return {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [{
        name,
        image: KanikoBuild.DEFAULT_PREPARE_IMAGE, // one with sh that the node has
        command: ['sh', '/scripts/buildkit-pod.sh', ...args],
        env: [
          { name: 'PATH', value: '/opt/buildkit:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
          { name: 'DOCKER_CONFIG', value: '/docker' }, { name: 'SSL_CERT_FILE', value: '/authorities/contoso.crt' },
        ],
        securityContext: { privileged: true },
        volumeMounts: [
          ...Object.entries(places).map(([volume, [, mountPath]]) => ({ name: volume, mountPath, readOnly: true })),
          { name: 'docker', mountPath: '/docker', readOnly: true }, { name: 'authorities', mountPath: '/authorities', readOnly: true },
          { name: 'store', mountPath: '/var/lib/buildkit' },
        ],
      }],
      volumes: [
        ...Object.entries(places).map(([volume, [path]]) => ({ name: volume, hostPath: { path } })),
        { name: 'docker', secret: { secretName: 'registry', items: [{ key: '.dockerconfigjson', path: 'config.json' }] } },
        { name: 'authorities', configMap: { name: 'authorities' } },
        { name: 'store', emptyDir: {} },
      ],
    };
  }
}
