import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine, PlannedBuild } from './engine';
import { BuildEvent } from './event';
import { address, ApiServer } from './kubectl/api-server';
import { checkCluster } from './kubectl/check';
import { ClusterError } from './kubectl/cluster-error';
import { followBuild } from './kubectl/follow-build';
import { InstalledKubectl, Kubectl, KubectlOptions } from './kubectl/kubectl';
import { hasEnded, Job, KubernetesObject } from './kubectl/objects';
import { JobManifest, objectsOf, ownedBy, pathOf, RUN_ANNOTATION } from './kubectl/objects-of-a-run';
import { Observer } from './kubectl/observer';
import { ProxiedApiServer } from './kubectl/proxied-api-server';
import { clusterFailure } from './kubectl/refusals';
import { BuildEnd, Failure } from './result';
import { ManifestObject } from '../builds';

/** How builds run on a cluster. */
export interface KubectlEngineOptions extends KubectlOptions {
  /**
   * Minutes for which a pod that fits no node is waited for, as a cluster that grows by itself may get one. 0 for a
   * cluster that does not.
   *
   * @default 5
   */
  readonly nodeMinutes?: number;
}

/** How often the cluster is asked that does not answer, and the pause between. */
const TRIES = 5;
const PAUSE_MILLISECONDS = 1000;

/** How long a removed pod's processes get: kaniko ends at once on SIGTERM, the init container's shell does not. */
const GRACE_SECONDS = 1;

/** Whose fields an applied object's are. */
const FIELD_MANAGER = 'cdk-kaniko';

/**
 * Builds as Jobs of the cluster that the user's own kubectl points at.
 *
 * All that is made for a build belongs to its Job, which has a deadline and a time to live: the cluster removes
 * everything, also if this process is killed.
 */
export class KubectlEngine implements Engine {
  private readonly run = randomUUID();
  private readonly nodePatience: number;
  private readonly observers = new Map<string, Observer>();
  private readonly made = new Map<PlannedBuild, Promise<Job>>();
  private readonly closing = new AbortController();
  private asked?: Promise<unknown>;

  /** @param api by the user's own kubectl, or a test's */
  public constructor(
    options: KubectlEngineOptions = {},
    private readonly api: ApiServer = new ProxiedApiServer(options),
    private readonly kubectl: Kubectl = new InstalledKubectl(options),
  ) {
    this.nodePatience = (options.nodeMinutes ?? 5) * 60_000;
  }

  public async takesSidecars(): Promise<boolean> {
    try {
      const { major, minor } = await this.version as { major: string; minor: string };
      // Some clouds write `31+`.
      return Number(major) > 1 || parseInt(minor, 10) >= 29;
    } catch {
      // What keeps the cluster from answering is the check's to say.
      return false;
    }
  }

  /** Asks all at once, and begins to watch, so that builds can begin when this is over. */
  public async check(builds: readonly PlannedBuild[]): Promise<Failure[]> {
    for (const namespace of new Set(builds.map(build => build.namespace))) {
      const names = builds.filter(build => build.namespace === namespace).map(({ name }) => name);
      this.observers.set(namespace, new Observer(this.api, namespace, names));
    }
    const { api, kubectl, closing: { signal } } = this;
    return checkCluster({ api, kubectl, signal }, this.version, builds.map(build => ({ build, objects: objectsOf(build, this.run) })));
  }

  public async build(build: PlannedBuild, tell: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildEnd> {
    const objects = objectsOf(build, this.run);
    const make = async () => {
      for (const object of objects.configuration) { await this.apply(object); }
      if (signal.aborted) { return; }
      const making = this.createJob(objects.job);
      this.made.set(build, making);
      const { metadata } = await making;
      tell({ kind: 'queued', at: new Date(metadata.creationTimestamp) });
      for (const object of objects.owned) { await this.create(ownedBy(object, metadata)); }
    };
    const observer = this.observers.get(build.namespace)!;
    try {
      return await followBuild({ api: this.api, observer, job: build.name, nodePatience: this.nodePatience, make, tell }, signal);
    } catch (error) {
      if (!(error instanceof ClusterError)) { throw error; }
      return signal.aborted ? { outcome: 'cancelled' } : { outcome: 'failed', failure: clusterFailure(error) };
    }
  }

  /** @throws Error where the cluster does not let it; what was made then goes by its time to live */
  public async remove(build: PlannedBuild): Promise<void> {
    const making = this.made.get(build);
    if (making === undefined) { return; }
    try {
      // Where the answer to the creation was lost, the cluster knows.
      const uid = await making.then(({ metadata }) => metadata.uid, async () => (await this.ownJob(build.job))?.metadata.uid);
      if (uid !== undefined) { await this.delete(build, uid); }
    } catch (error) {
      throw new Error(`the Job ${build.namespace}/${build.name} could not be deleted: ${(error as Error).message}; `
        + 'its deadline ends it and its time to live removes it with all that belongs to it, unless you delete it before');
    }
    this.made.delete(build);
  }

  public async close(): Promise<void> {
    this.closing.abort();
    for (const observer of this.observers.values()) { observer.close(); }
    await this.api.close();
  }

  /** Asked once. */
  private get version(): Promise<unknown> {
    return this.asked ??= this.api.request('GET', '/version');
  }

  /**
   * Background: what belongs to the Job is removed by the cluster. A pod that still runs would take half a minute to end
   * by itself.
   */
  private async delete(build: PlannedBuild, uid: string): Promise<void> {
    const pods = this.observers.get(build.namespace)!.podsOf(build.name);
    const running = pods.filter(({ object, gone }) => !gone && !hasEnded(object)).map(({ object }) => object);
    await Promise.all([this.deleteJob(build, uid), this.deletePods(running)]);
    // A pod that is too new to have been seen. The Job, which would replace it, is gone.
    if (pods.length === 0) { await this.deletePods(await this.unseenPods(build, uid)); }
  }

  private async deleteJob({ job, name }: PlannedBuild, uid: string): Promise<void> {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid } };
    try {
      await this.persist(() => this.api.request('DELETE', pathOf(job, name), options));
    } catch (error) {
      if (!['NotFound', 'Conflict'].includes((error as ClusterError).reason ?? '')) { throw error; }
    }
  }

  /** It is only about time, so nobody hears of a pod that cannot be deleted. */
  private async deletePods(pods: readonly KubernetesObject[]): Promise<void> {
    await Promise.all(pods.map(async ({ metadata: { name, namespace, uid } }) => {
      const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: GRACE_SECONDS, preconditions: { uid } };
      await this.api.request('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, options).catch(() => undefined);
    }));
  }

  private async unseenPods({ namespace }: PlannedBuild, job: string): Promise<readonly KubernetesObject[]> {
    const path = address(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: `batch.kubernetes.io/controller-uid=${job}` });
    const list = await this.api.request('GET', path).catch(() => ({ items: [] })) as { readonly items: readonly KubernetesObject[] };
    return list.items;
  }

  /** Makes an object what its manifest says, whether it is there already or not. https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
  private async apply(object: ManifestObject): Promise<void> {
    await this.persist(() => this.api.request('APPLY', address(pathOf(object, object.metadata.name), { fieldManager: FIELD_MANAGER, force: 'true' }), object));
  }

  /** Creates an object that is nobody else's; where the answer to a first try was lost, it may be there. */
  private async create(object: ManifestObject): Promise<void> {
    let tries = 0;
    await this.persist(async () => {
      tries++;
      await this.api.request('POST', pathOf(object), object);
    }).catch((error: ClusterError) => {
      if (tries === 1 || error.reason !== 'AlreadyExists') { throw error; }
    });
  }

  /** Creates a Job; one of that name which is there already counts where it is this run's. */
  private async createJob(manifest: JobManifest): Promise<Job> {
    try {
      return await this.persist(() => this.api.request('POST', pathOf(manifest), manifest)) as Job;
    } catch (error) {
      const there = (error as ClusterError).reason === 'AlreadyExists' ? await this.ownJob(manifest) : undefined;
      if (there === undefined) { throw error; }
      return there;
    }
  }

  /** This run's Job of that name, if there is one. */
  private async ownJob(manifest: ManifestObject): Promise<Job | undefined> {
    try {
      const job = await this.persist(() => this.api.request('GET', pathOf(manifest, manifest.metadata.name))) as Job;
      return job.metadata.annotations?.[RUN_ANNOTATION] === this.run ? job : undefined;
    } catch (error) {
      if ((error as ClusterError).reason === 'NotFound') { return undefined; }
      throw error;
    }
  }

  /** Asks again where no server answered. */
  private async persist<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        const { reason, missing } = error as ClusterError;
        if (reason !== undefined || missing || tries === TRIES) { throw error; }
        await sleep(PAUSE_MILLISECONDS);
      }
    }
  }
}
