/** The whole cluster: a control plane, one node, the workload identity webhook. It ends with the sandbox. */
import { join } from 'node:path';
import { Authority } from '../../servers/certificates';
import { currentSandbox, openGate } from '../sandbox';
import { NODE, NODE_NAME } from './addresses';
import { Executor, kubernetes, webhook } from './binaries';
import { ControlPlane } from './control-plane';
import { gitImage, makeKanikoImage } from './images';
import { loadOnNode, startContainerd, startKubelet, startNameServer } from './node';
import { until } from './processes';
import { startWebhook } from './webhook';

/** The tenant that the webhook gives to pods. */
export const TENANT_ID = '11111111-1111-1111-1111-111111111111';

/** The issuer of the cluster's tokens; as with AKS, it ends with a slash. */
export const ISSUER = 'https://oidc.contoso.example/cluster/';

/** A cluster that runs. */
export class Cluster {
  /** @param gitImageName the name by which pods ask for the init container's image */
  public static async start(executors: readonly Executor[], gitImageName: string): Promise<Cluster> {
    const { folder } = currentSandbox();
    const authority = Authority.create('Cluster');
    const programs = kubernetes();
    startNameServer();
    const [plane] = await Promise.all([
      ControlPlane.start({ programs, folder: join(folder, 'control-plane'), authority, issuer: ISSUER }),
      startContainerd().then(() => loadImages(executors, gitImageName)),
    ]);
    startKubelet(join(programs, 'kubelet'), plane.kubeconfig(`system:node:${NODE_NAME}`), plane.kubeletClient, authority);
    await startWebhook(join(webhook(), 'webhook'), plane, authority, TENANT_ID);
    await until('node', () => plane.kubectl.run('wait', '--for=condition=Ready', `node/${NODE_NAME}`, '--timeout=1s'));
    openGate(NODE, plane.port);
    return new Cluster(plane);
  }

  private constructor(public readonly plane: ControlPlane) {}

  /** A kubeconfig file for programs outside of the sandbox; may do everything. */
  public get configForMachine(): string {
    return this.plane.kubeconfig('admin', `https://127.0.0.1:${currentSandbox().gatePort}`);
  }
}

async function loadImages(executors: readonly Executor[], gitImageName: string): Promise<void> {
  loadOnNode(gitImage(), gitImageName);
  for (const { version, path, image } of executors) {
    const layout = join(currentSandbox().folder, `kaniko-${version}`);
    makeKanikoImage(layout, path);
    loadOnNode(layout, image);
  }
}
