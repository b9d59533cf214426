import { Engine, PlannedBuild } from '../../../src/cli/run/engine';
import { BuildEvent, ContainerName } from '../../../src/cli/run/event';
import { BuildEnd, Failure } from '../../../src/cli/run/result';

/** When every story begins. */
const BEGIN = Date.parse('2026-11-23T12:00:00Z');

/** A moment of a story. */
export function at(seconds: number): Date {
  return new Date(BEGIN + seconds * 1000);
}

/** A line of a container's log. */
export function log(seconds: number, line: string, container: ContainerName = 'kaniko'): BuildEvent {
  return { kind: 'log', at: at(seconds), container, line };
}

/** A line as kaniko writes it. */
export function kanikoLine(message: string, level = 'info'): string {
  return `time="2026-11-23T12:00:00Z" level=${level} msg=${JSON.stringify(message)}`;
}

/** The digest of every image here. */
export const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** Events of a build that goes well; 12 s long. */
export const STORY: readonly BuildEvent[] = [
  { kind: 'queued', at: at(0) },
  { kind: 'scheduled', at: at(1), pod: 'app-xyz', node: 'node-1' },
  { kind: 'pulling', at: at(1.5), image: 'docker.io/library/buildpack-deps:bookworm-scm' },
  { kind: 'started', at: at(4), container: 'prepare-context' },
  log(4.1, 'prepare-context: clone: branch \'main\' of https://git.contoso.example/wind/images ...', 'prepare-context'),
  log(5, 'prepare-context: clone: commit 1f2e, fetched 0.2 MB, work tree 0.1 MB (0.9 s)', 'prepare-context'),
  { kind: 'ended', at: at(5.1), container: 'prepare-context', exitCode: 0, reason: 'Completed' },
  { kind: 'started', at: at(5.5), container: 'kaniko' },
  log(6, kanikoLine('Building stage \'debian:bookworm\' [idx: \'0\', base-idx: \'-1\']')),
  log(7, kanikoLine('RUN make')),
  log(8, 'cc -o app main.c'),
  log(9, kanikoLine('COPY . .')),
  log(10, kanikoLine('Pushing image to registry.contoso.example/docker-local/app:1.0')),
  { kind: 'ended', at: at(12), container: 'kaniko', exitCode: 0, reason: 'Completed' },
];

/** What a fake engine does. */
export interface Behaviour {
  readonly problems?: readonly Failure[];
  /** A build's events and its end. */
  readonly plays?: (build: PlannedBuild, tell: (event: BuildEvent) => void, signal: AbortSignal) => Promise<BuildEnd>;
  readonly removes?: (build: PlannedBuild) => Promise<void>;
}

/** An engine without a cluster: it notes what it was asked for. */
export class FakeEngine implements Engine {
  public readonly built: PlannedBuild[] = [];
  public readonly removed: string[] = [];
  /** How often it was closed. */
  public closed = 0;

  public constructor(private readonly behaviour: Behaviour = {}, private readonly sidecars = false) {}

  public async takesSidecars(): Promise<boolean> {
    return this.sidecars;
  }

  public async check(): Promise<Failure[]> {
    return [...this.behaviour.problems ?? []];
  }

  public async build(build: PlannedBuild, tell: (event: BuildEvent) => void, signal: AbortSignal): Promise<BuildEnd> {
    this.built.push(build);
    return (this.behaviour.plays ?? playStory)(build, tell, signal);
  }

  public async remove(build: PlannedBuild): Promise<void> {
    await this.behaviour.removes?.(build);
    this.removed.push(build.name);
  }

  public async close(): Promise<void> {
    this.closed++;
  }
}

/** Tells the story, and pushes. */
export async function playStory(_build: PlannedBuild, tell: (event: BuildEvent) => void): Promise<BuildEnd> {
  for (const event of STORY) { tell(event); }
  return { outcome: 'pushed', digest: DIGEST };
}
