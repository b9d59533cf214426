import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine, PlannedBuild } from './engine';
import { BuildEvent } from './event';
import { checkCluster } from './kubectl/check';
import { followBuild } from './kubectl/follow-build';
import { InstalledKubectl, Kubectl, KubectlError, KubectlOptions } from './kubectl/kubectl';
import { Job } from './kubectl/objects';
import { JobManifest, objectsOf, ownedBy, pathOf, RUN_ANNOTATION } from './kubectl/objects-of-a-run';
import { Observer } from './kubectl/observer';
import { kubectlFailure } from './kubectl/refusals';
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

/** How long a removed pod's processes get: kaniko ends at once on SIGTERM, the init containers' shell does not. */
const GRACE_SECONDS = 1;

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

  /** @param kubectl the user's own, or a test's */
  public constructor(options: KubectlEngineOptions = {}, private readonly kubectl: Kubectl = new InstalledKubectl(options)) {
    this.nodePatience = (options.nodeMinutes ?? 5) * 60_000;
  }

  public async takesSidecars(): Promise<boolean> {
    try {
      const { major, minor } = JSON.parse(await this.kubectl.run(['get', '--raw', '/version'])) as { major: string; minor: string };
      // Some clouds write `31+`.
      return Number(major) > 1 || parseInt(minor, 10) >= 29;
    } catch {
      // What keeps the cluster from answering is the check's to say.
      return false;
    }
  }

  public async check(builds: readonly PlannedBuild[]): Promise<Failure[]> {
    for (const namespace of new Set(builds.map(build => build.namespace))) {
      const names = builds.filter(build => build.namespace === namespace).map(({ name }) => name);
      this.observers.set(namespace, new Observer(this.kubectl, namespace, names));
    }
    return checkCluster(this.kubectl, builds.map(build => ({ build, objects: objectsOf(build, this.run) })));
  }

  public async build(build: PlannedBuild, tell: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildEnd> {
    const objects = objectsOf(build, this.run);
    const make = async () => {
      for (const object of objects.configuration) { await this.kubectl.run(['apply', '--filename=-'], JSON.stringify(object)); }
      if (signal.aborted) { return; }
      const making = this.createJob(objects.job);
      this.made.set(build, making);
      const queued = making.then(({ metadata }) => tell({ kind: 'queued', at: new Date(metadata.creationTimestamp) }));
      await Promise.all([queued, ...this.createOwned(objects.owned, making)]);
    };
    const observer = this.observers.get(build.namespace)!;
    try {
      return await followBuild({ kubectl: this.kubectl, observer, job: build.name, nodePatience: this.nodePatience, make, tell }, signal);
    } catch (error) {
      if (!(error instanceof KubectlError)) { throw error; }
      return signal.aborted ? { outcome: 'cancelled' } : { outcome: 'failed', failure: kubectlFailure(error) };
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

  /** Background: what belongs to the Job is removed by the cluster. The pod would take half a minute to end by itself. */
  private async delete(build: PlannedBuild, uid: string): Promise<void> {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid } };
    try {
      await this.persist(() => this.kubectl.run(['delete', '--raw', pathOf(build.job, build.name), '--filename=-'], JSON.stringify(options)));
    } catch (error) {
      if (!['NotFound', 'Conflict'].includes((error as KubectlError).reason ?? '')) { throw error; }
    }
    await this.kubectl.run(['delete', 'pods', `--namespace=${build.namespace}`, `--selector=batch.kubernetes.io/controller-uid=${uid}`,
      `--grace-period=${GRACE_SECONDS}`, '--wait=false', '--ignore-not-found'], '').catch(() => undefined);
  }

  /** Creates a Job; one of that name which is there already counts where it is this run's. */
  private async createJob(manifest: JobManifest): Promise<Job> {
    const text = JSON.stringify(manifest);
    try {
      return JSON.parse(await this.persist(() => this.kubectl.run(['create', '--raw', pathOf(manifest), '--filename=-'], text))) as Job;
    } catch (error) {
      const there = (error as KubectlError).reason === 'AlreadyExists' ? await this.ownJob(manifest) : undefined;
      if (there === undefined) { throw error; }
      return there;
    }
  }

  /**
   * Creates what belongs to a Job, one after the other. kubectl is started for each while the Job is being made: a pod
   * that is quicker than they are has its volumes mounted a second later.
   */
  private createOwned(objects: readonly ManifestObject[], making: Promise<Job>): Promise<unknown>[] {
    let before: Promise<unknown> = making;
    return objects.map(object => {
      const text = Promise.all([making, before]).then(([{ metadata }]) => JSON.stringify(ownedBy(object, metadata)));
      const create = (input: string | Promise<string>) => this.kubectl.run(['create', '--raw', pathOf(object), '--filename=-'], input);
      before = create(text).catch(async (error: KubectlError) => {
        const input = await text;
        if (error.reason !== undefined) { throw error; }
        await this.persist(() => create(input)).catch((again: KubectlError) => {
          // The first answer was lost, and not the request.
          if (again.reason !== 'AlreadyExists') { throw again; }
        });
      });
      return before;
    });
  }

  /** This run's Job of that name, if there is one. */
  private async ownJob(manifest: ManifestObject): Promise<Job | undefined> {
    try {
      const job = JSON.parse(await this.persist(() => this.kubectl.run(['get', '--raw', pathOf(manifest, manifest.metadata.name)]))) as Job;
      return job.metadata.annotations?.[RUN_ANNOTATION] === this.run ? job : undefined;
    } catch (error) {
      if ((error as KubectlError).reason === 'NotFound') { return undefined; }
      throw error;
    }
  }

  /** Asks again where no server answered. */
  private async persist(ask: () => Promise<string>): Promise<string> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        const { reason, missing } = error as KubectlError;
        if (reason !== undefined || missing || tries === TRIES) { throw error; }
        await sleep(PAUSE_MILLISECONDS);
      }
    }
  }
}
