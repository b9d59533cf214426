/** Many builds at once: how long they take together, and what the API server has to store for them. */
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { middle, Outcome, ratio, Row, rowOf, Table } from '../benchmark';
import { Sample, takeTurns } from '../measure';
import { ClusterBenchmark } from './cluster-benchmark';
import { storedBytes } from './stored-bytes';
import { Invocation, jobsOf, SMALL_BUILD, World } from './world';

const COUNTS = [1, 10, 50];
const BARE = 'bare executors, one after another';
const OURS = 'ours, all at once';
const ONE = 'one manifest of all';
const EACH = 'a manifest each';

const group = (count: number) => `${count} ${count === 1 ? 'build' : 'builds'}`;

export const many: ClusterBenchmark = {
  name: 'many',
  title: 'Many builds at once',
  about: 'One manifest with N small builds, from `kubectl apply` until the last Job is complete, all on one node, against the same executors started by ' +
    'containerd one after another on directories that are ready. The builds ask for little processor time, so that all are scheduled at once. Then what ' +
    'etcd holds for them (Jobs, pods, ConfigMaps), and the bytes of one manifest of all against a manifest for each, as pipelines that know nothing of each other would apply them.',
  problems: () => [],
  async run(world, { runs = 2 }): Promise<Outcome> {
    const directory = world.context(SMALL_BUILD);
    const times: Row[] = [];
    const sizes: Row[] = [];
    for (const count of COUNTS) {
      const builds = () => Array.from({ length: count }, () => world.parameters({
        imageName: world.fresh('many'), imageTag: 'latest', cpuRequest: '10m', memoryRequest: '64Mi', ephemeralStorageRequest: '64Mi',
      }));
      times.push(...await takeTurns(group(count), {
        [BARE]: () => inTurn(world, directory, count),
        [OURS]: () => atOnce(world, builds()),
      }, { runs: count === 1 ? runs * 2 : runs, warmUp: count === 1, tell: true }));
      const manifest = await world.team.synth(...builds());
      const single = await world.team.synth(builds()[0]);
      sizes.push(...await takeTurns(group(count), {
        [EACH]: () => ({ bytes: statSync(single).size * count }),
        [ONE]: () => ({ bytes: statSync(manifest).size }),
      }, { runs: 1, warmUp: false }));
    }
    const time: Table = {
      title: 'Until all images are pushed', baseline: BARE, measures: [{ name: 'time', unit: 's' }, { name: 'stored by the API server', unit: 'bytes' }], rows: times, plot: 'bars',
    };
    const size: Table = { title: 'The manifest', baseline: EACH, measures: [{ name: 'bytes', unit: 'bytes' }], rows: sizes, plot: 'bars' };
    const most = COUNTS[COUNTS.length - 1];
    const stored = (count: number) => middle(rowOf(time, group(count), OURS), 'stored by the API server');
    return {
      tables: [time, size],
      goals: [{ name: `time of ${group(most)}, ours at once / bare one after another`, value: ratio(time, group(most), 'time', OURS), atMost: 1.15 }],
      notes: [
        `A further build adds ${((stored(most) - stored(1)) / (most - 1) / 1000).toFixed(1)} kB to what the API server stores: its Job and its pod. The init container's program is stored once.`,
        'kaniko replaces the files of its own container, so that two executors can share neither a container nor their work on a base image.',
      ],
      versions: { kaniko: world.executor.version },
    };
  },
};

async function inTurn(world: World, directory: string, count: number): Promise<Sample> {
  const invocations: Invocation[] = [];
  while (invocations.length < count) { invocations.push(await world.invocation({ imageName: world.fresh('bare'), imageTag: 'latest' })); }
  const start = performance.now();
  for (const invocation of invocations) { await world.bare(directory, invocation); }
  return { time: (performance.now() - start) / 1000 };
}

async function atOnce(world: World, builds: ReadonlyArray<ReturnType<World['parameters']>>): Promise<Sample> {
  const { environment: { kubectl }, team } = world;
  await kubectl.run('delete', `--namespace=${team.namespace}`, 'jobs', '--all', '--cascade=foreground', '--wait=true');
  const manifest = await team.synth(...builds);
  const start = performance.now();
  await kubectl.applyFile(manifest);
  const states = await endsOf(world, jobsOf(manifest).map(({ metadata: { name } }) => name));
  const time = (performance.now() - start) / 1000;
  const failed = states.filter(state => state !== 'Complete').length;
  if (failed > 0) { throw new Error(`${failed} of ${builds.length} builds failed\n${(await team.events()).slice(-10).join('\n')}`); }
  return { 'time': time, 'stored by the API server': await storedBytes(team.namespace, 'jobs', 'pods', 'configmaps') };
}

/** How Jobs ended, all seen by one watch: a kubectl each would be a load of its own. */
async function endsOf({ environment: { kubectl }, team }: World, names: readonly string[]): Promise<string[]> {
  const ends = new Map<string, string>();
  const watch = kubectl.start('get', `--namespace=${team.namespace}`, 'jobs', '--watch',
    '--output=jsonpath={.metadata.name} {.status.conditions[?(@.status=="True")].type}{"\\n"}');
  try {
    for await (const line of createInterface(watch.stdout)) {
      const [name, ...types] = line.split(' ');
      const end = types.find(type => type === 'Complete' || type === 'Failed');
      if (end && names.includes(name)) { ends.set(name, end); }
      if (ends.size === names.length) { return [...ends.values()]; }
    }
    throw new Error('the watch of the Jobs ended');
  } finally {
    watch.kill();
  }
}
