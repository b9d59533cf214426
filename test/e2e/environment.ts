/** What the scenarios work with: the cluster, the servers around it, the executors. */
import { join } from 'node:path';
import { PublicJwk } from '../servers';
import { REGISTRY } from './cluster/addresses';
import { Executor } from './cluster/binaries';
import { Cluster, TENANT_ID } from './cluster/cluster';
import { debianImage, makeShellImage } from './cluster/images';
import { Kubectl } from './cluster/kubectl';
import { prepareMachine, trustOnNode } from './cluster/node';
import { currentSandbox } from './sandbox';
import { Services } from './services/services';

export class Environment {
  public static async start(executors: readonly Executor[], gitImageName: string): Promise<Environment> {
    prepareMachine();
    const starting = Cluster.start(executors, gitImageName);
    const services = await Services.start({
      tenantId: TENANT_ID,
      assertionKeys: async () => {
        const { plane } = await starting;
        return (JSON.parse(await plane.kubectl.run('get', '--raw', '/openid/v1/jwks')) as { keys: PublicJwk[] }).keys;
      },
    });
    trustOnNode(REGISTRY.name, services.authority.certificate);
    await services.registry.push(debianImage(), 'docker-virtual/debian:bookworm');
    const shell = join(currentSandbox().folder, 'shell-image');
    makeShellImage(shell, '1');
    await services.registry.push(shell, 'docker-virtual/shell:1');
    return new Environment(await starting, services, executors);
  }

  /** kubectl with all rights. */
  public get kubectl(): Kubectl {
    return this.cluster.plane.kubectl;
  }

  /** The newest executor that there is. */
  public get newest(): Executor {
    return this.executors[this.executors.length - 1];
  }

  private constructor(public readonly cluster: Cluster, public readonly services: Services, public readonly executors: readonly Executor[]) {}
}
