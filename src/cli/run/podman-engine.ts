/** Builds on this machine by podman: the pod of each Job, without a cluster (docs/run-without-a-cluster.md). */
import { hostname } from 'node:os';
import { Engine, PlannedBuild } from './engine';
import { BuildEvent } from './event';
import { Network, runContainers } from './podman/containers';
import { GivenObjects } from './podman/given-objects';
import { Job } from './podman/job';
import { askMachine, Machine } from './podman/machine';
import { Pod } from './podman/pod';
import { Podman, PodmanError } from './podman/podman';
import { obstacles, withoutEffect } from './podman/suitability';
import { BuildEnd, Failure } from './result';

/** What the engine is made with. */
export interface PodmanEngineOptions {
  /** Manifest files with the Secrets and ConfigMaps that builds name (`--secret-file`). */
  readonly secretFiles: readonly string[];
  /** Whether pods and volumes stay (`--keep`). */
  readonly keep: boolean;
  /** @default - the `podman` of the search path */
  readonly podman?: Podman;
}

/** The longest time that a timer can wait: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class PodmanEngine implements Engine {
  private readonly podman: Podman;
  private readonly given: GivenObjects;
  private readonly pods = new Map<PlannedBuild, Pod>();
  private readonly network: Network = { host: false };
  private machine?: Machine;

  /** @throws MistakesError with what is wrong in the files */
  public constructor(private readonly options: PodmanEngineOptions) {
    this.podman = options.podman ?? new Podman();
    this.given = GivenObjects.read(options.secretFiles);
  }

  public async check(builds: readonly PlannedBuild[]): Promise<Failure[]> {
    const machine = await askMachine(this.podman);
    if ('cause' in machine) { return [machine]; }
    this.machine = machine;
    return builds.flatMap(build => obstacles(build, this.given));
  }

  public async build(build: PlannedBuild, tell: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildEnd> {
    const { activeDeadlineSeconds, template } = (build.job as unknown as Job).spec;
    const { podman, machine, given, options: { keep } } = this;
    const deadline = AbortSignal.timeout(Math.min(activeDeadlineSeconds * 1000, LONGEST_TIMER));
    tell({ kind: 'queued', at: new Date() });
    for (const message of this.notices(build)) { tell({ kind: 'notice', message, at: new Date() }); }
    try {
      const pod = await Pod.create(build, { podman, machine: machine!, given, keep });
      this.pods.set(build, pod);
      tell({ kind: 'scheduled', pod: pod.name, node: hostname(), at: new Date() });
      const end = await runContainers(pod, template.spec, this.network, tell, AbortSignal.any([signal, deadline]));
      if (end.outcome !== 'cancelled' || signal.aborted) { return end; }
      await pod.stop();
      return failed({ cause: 'deadline', message: `not done within ${activeDeadlineSeconds} s`, remedy: 'allow more time by timeoutMinutes' });
    } catch (error) {
      if (error instanceof PodmanError) { return failed({ cause: 'not-started', message: error.message }); }
      throw error;
    }
  }

  public async remove(build: PlannedBuild): Promise<void> {
    const pod = this.pods.get(build);
    this.pods.delete(build);
    await pod?.remove();
  }

  private notices(build: PlannedBuild): string[] {
    return [
      withoutEffect(build),
      this.machine!.controllers.includes('memory') ? undefined : 'podman cannot limit memory here: memoryLimit has no effect',
    ].filter(notice => notice !== undefined);
  }
}

function failed(failure: Failure): BuildEnd {
  return { outcome: 'failed', failure };
}
