/** Skaffold's cluster builder: it sends the context to a pod of its own, where kaniko builds it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { KanikoBuild } from '../../src/kubernetes';
import { REGISTRY } from '../../test/e2e/cluster/addresses';
import { currentSandbox } from '../../test/e2e/sandbox';
import { Sample } from '../measure';
import { skaffold } from './binaries';
import { Client } from './client';
import { RESOURCES, World } from './world';

export class Skaffold {
  public static async create(world: World, client: Client): Promise<Skaffold> {
    const folder = join(currentSandbox().folder, 'skaffold');
    mkdirSync(folder);
    // As its documentation wants it: the key is the file's name.
    await world.team.secret('skaffold-registry', { 'config.json': world.environment.services.registry.dockerConfig() });
    return new Skaffold(world, client, folder);
  }

  private constructor(private readonly world: World, private readonly client: Client, private readonly folder: string) {}

  /** Builds and pushes a directory. */
  public async build(directory: string): Promise<Sample> {
    const file = join(this.folder, 'skaffold.yaml');
    writeFileSync(file, stringify(this.configuration(directory, this.world.fresh('skaffold'))));
    return this.client.command(join(skaffold(), 'skaffold'), ['build', `--filename=${file}`, '--cache-artifacts=false', '--interactive=false', '--update-check=false'],
      this.folder, { HOME: this.folder, DOCKER_CONFIG: this.world.dockerConfig, SSL_CERT_FILE: this.world.authority });
  }

  /** https://skaffold.dev/docs/references/yaml/ */
  private configuration(directory: string, image: string): object {
    return {
      apiVersion: 'skaffold/v4beta13',
      kind: 'Config',
      build: {
        tagPolicy: { envTemplate: { template: 'latest' } },
        artifacts: [{
          image: `${REGISTRY.name}/docker-local/${image}`,
          context: directory,
          kaniko: {
            image: this.world.executor.image,
            initImage: KanikoBuild.DEFAULT_PREPARE_IMAGE, // one with sh, tar and sleep that the node has
            env: [{ name: 'SSL_CERT_DIR', value: '/authorities:/kaniko/ssl/certs' }],
            volumeMounts: [{ name: 'authorities', mountPath: '/authorities' }],
          },
        }],
        cluster: {
          namespace: this.world.team.namespace,
          dockerConfig: { secretName: 'skaffold-registry' },
          resources: { requests: { cpu: RESOURCES.cpuRequest, memory: RESOURCES.memoryRequest }, limits: { memory: RESOURCES.memoryLimit } },
          volumes: [{ name: 'authorities', configMap: { name: 'authorities' } }],
        },
      },
    };
  }
}
