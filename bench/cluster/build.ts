/** What a build in our pod costs above its executor, and what our cache settings gain. */
import { BASE_IMAGE } from '../../test/e2e/team';
import { middle, Outcome, ratio, Row, rowOf, Table } from '../benchmark';
import { median, takeTurns } from '../measure';
import { Client } from './client';
import { ClusterBenchmark } from './cluster-benchmark';
import { BUILD_MEASURES, SMALL_BUILD, World } from './world';

const BARE = 'the executor alone, on a ready directory';
const POD = 'the same in a pod';
const APPLIED = 'ours, kubectl apply until the Job is complete';
const RUN = 'ours, cdk-kaniko run';

/** Files and computing in equal parts, half a minute of it on the machine that the documentation names. */
const LONG = `FROM ${BASE_IMAGE}
COPY . /src
${Array.from({ length: 12 }, (_, n) => `RUN mkdir /data-${n} && cd /data-${n} && seq 1 24000 | split -l 8 -a 4 - part- && head -c 450000000 /dev/zero | sha256sum > sum`).join('\n')}
`;
const SOURCES = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`src/file-${n}`, `${n}\n`.repeat(500)]));

/** Two stages: a warm build has to find both, and what one copies from the other. */
const STAGES = `FROM ${BASE_IMAGE} AS tools
RUN mkdir /tools && cd /tools && seq 1 60000 | split -l 10 -a 4 - part-
RUN head -c 20000000 /dev/urandom > /tools/large
FROM ${BASE_IMAGE}
COPY --from=tools /tools /opt/tools
COPY src /opt/src
RUN find /opt -type f | sort | xargs sha256sum > /opt/sums
`;

export const build: ClusterBenchmark = {
  name: 'build',
  title: 'A whole build',
  about: 'On the cluster of `npm run e2e`, with clone, certificates and push: `cdk-kaniko run` from its start to its end, and our manifest from `kubectl apply` ' +
    'until the Job is complete, which the cluster says a second or two after the push. Against the same executor with the same arguments on a directory that is ready: started by ' +
    'containerd without Kubernetes, and in a Job that holds nothing else. No layer is cached. The memory is the peak of the executor\'s own process. ' +
    'Its own time differs from build to build, whoever starts it, by more than all that is around it: a ratio of whole builds that is nearer to 1 than that is chance.',
  problems: () => [],
  async run(world, { runs = 5 }): Promise<Outcome> {
    const client = await Client.create(world);
    const rows = [];
    for (const [group, files] of [['a build of half a minute', { Dockerfile: LONG }], ['a small build', SMALL_BUILD]] as const) {
      const directory = world.context({ ...files, ...SOURCES });
      const image = world.fresh('build');
      const own = () => ({ imageName: image, imageTag: world.fresh('run') });
      rows.push(...await takeTurns(group, {
        [BARE]: async () => world.bare(directory, await world.invocation(own())),
        [POD]: async () => world.inPod(await world.invocation(own()), directory),
        [APPLIED]: () => world.ours(own()),
        [RUN]: () => world.withExecutor(() => client.run(own())),
      }, { runs, tell: true, warmUp: files === SMALL_BUILD }));
    }
    const table: Table = { title: 'From nothing to a pushed image', baseline: BARE, measures: BUILD_MEASURES, rows, plot: 'bars' };
    const [long] = rows.map(({ group }) => group);
    const beside = (group: string, way: string) => besideExecutor(rowOf(table, group, way)).toFixed(1);
    return {
      tables: [table],
      goals: [RUN, APPLIED].map(way => ({ name: `time of ${long}, ${way} / ${BARE}`, value: ratio(table, long, 'time', way), atMost: 1.15 })),
      notes: [...new Set(rows.map(({ group }) => group))].map(group =>
        `Of ${group}, what is not the executor's own time: ${beside(group, RUN)} s by \`cdk-kaniko run\`, ${beside(group, APPLIED)} s of our Job by ` +
        `\`kubectl apply\`, ${beside(group, POD)} s of a Job by hand that finds its context ready, ${beside(group, BARE)} s by containerd alone.`),
      versions: versions(world),
    };
  },
};

const DEFAULTS = 'kaniko\'s defaults, --cache=true';
const CACHED = 'ours, cache: true';
const UNCACHED = 'ours, without cache';

export const cache: ClusterBenchmark = {
  name: 'cache',
  title: 'The layer cache',
  about: 'The same two-stage Dockerfile built again with nothing changed, the cache in the registry: with what `cache: true` sets, and with kaniko\'s ' +
    '`--cache=true` alone, in a pod by hand on a directory that is ready. *Cold* is the first build, which fills the cache. *Time* is of the whole ' +
    'pod, ours with its clone; the settings are for the executor, and the pod as a whole gains less, since what is around its executor stays.',
  problems: () => [],
  async run(world, { runs = 5 }): Promise<Outcome> {
    const directory = world.context({ Dockerfile: STAGES, ...SOURCES });
    const repository = (name: string) => `registry.contoso.example/docker-cache/${name}`;
    const own = (name: string) => ({ imageName: name, imageTag: world.fresh('run') });
    const ours = (name: string) => () => world.ours({ ...own(name), cache: true, cacheRepository: repository(name) });
    const defaults = (name: string) => () =>
      world.inPod(world.plainInvocation(`${name}:${world.fresh('run')}`, '--cache=true', `--cache-repo=${repository(name)}`), directory);
    const cold = await takeTurns('cold', {
      [DEFAULTS]: () => defaults(world.fresh('cold'))(),
      [CACHED]: () => ours(world.fresh('cold'))(),
    }, { runs: Math.ceil(runs / 2), warmUp: false, tell: true });
    const [one, other] = [world.fresh('warm'), world.fresh('warm')];
    const warm = await takeTurns('warm', {
      [DEFAULTS]: defaults(one),
      [CACHED]: ours(other),
      [UNCACHED]: () => world.ours(own('uncached')),
    }, { runs, tell: true });
    const executor = BUILD_MEASURES[1];
    const measures = [executor, ...BUILD_MEASURES.filter(measure => measure !== executor)];
    const table: Table = { title: 'Building again', baseline: DEFAULTS, measures, rows: [...cold, ...warm], plot: 'bars' };
    return {
      tables: [table],
      goals: [
        { name: 'executor\'s time of a warm build, our settings / kaniko\'s defaults', value: ratio(table, 'warm', executor.name, CACHED), atMost: 0.2 },
        { name: 'executor\'s time with our settings, warm / cold', value: warmToCold(table, executor.name), atMost: 0.2 },
        { name: 'time of a warm build as a whole, our settings / kaniko\'s defaults', value: ratio(table, 'warm', 'time', CACHED), atMost: 0.2 },
      ],
      notes: ['Of a warm build with our settings, more than two thirds are the pod\'s: its start, the clone, and the second or two in which the cluster says that it has ended.'],
      versions: versions(world),
    };
  },
};

/** The median of the seconds that a build takes beside its executor, which the machine's own speed says less of. */
function besideExecutor({ samples }: Row): number {
  return median(samples.time.map((time, turn) => time - samples['of it the executor'][turn]));
}

function warmToCold(table: Table, measure: string): number {
  return middle(rowOf(table, 'warm', CACHED), measure) / middle(rowOf(table, 'cold', CACHED), measure);
}

function versions({ executor }: World): Record<string, string> {
  return { kaniko: executor.version };
}
