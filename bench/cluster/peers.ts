/** `cdk-kaniko run` beside the tools that one would take instead: Skaffold with the same kaniko, and BuildKit. */
import { randomBytes } from 'node:crypto';
import { REGISTRY } from '../../test/e2e/cluster/addresses';
import { BASE_IMAGE } from '../../test/e2e/team';
import { Measure, Outcome, ratio, Row, Table } from '../benchmark';
import { Sample, takeTurns } from '../measure';
import { BUILDKIT, SKAFFOLD } from './binaries';
import { BuildKit } from './buildkit';
import { BuildKitPod } from './buildkit-pod';
import { Client } from './client';
import { ClusterBenchmark } from './cluster-benchmark';
import { Skaffold } from './skaffold';
import { SMALL_BUILD, World } from './world';

const OURS = 'cdk-kaniko run';
const SKAFFOLD_WAY = 'skaffold build';
const BUILDKIT_WAY = 'buildctl build';
const BUILDKIT_POD = 'buildctl build, in a privileged pod of its own';
const HOT = 'buildctl build, with its own store still there';

/** Skaffold and BuildKit send no more of a context than the Dockerfile copies. */
const LARGE = `FROM ${BASE_IMAGE}\nCOPY . /src\nRUN cat /src/motd > /etc/issue\n`;
const LARGE_BYTES = 10_000_000;
const MEASURES: readonly Measure[] = [{ name: 'time', unit: 's' }, { name: 'sent by the client', unit: 'bytes' }];

/** Two stages of some seconds each. */
const STAGES = `FROM ${BASE_IMAGE} AS tools
RUN mkdir /tools && cd /tools && seq 1 30000 | split -l 10 -a 4 - part-
FROM ${BASE_IMAGE}
COPY --from=tools /tools /opt/tools
COPY motd /etc/motd
RUN find /opt -type f | sort | xargs sha256sum > /opt/sums
`;

export const peers: ClusterBenchmark = {
  name: 'peers',
  title: 'Beside Skaffold and BuildKit',
  about: 'One command each, from its start to its end, on the same machine, registry and Dockerfiles. `cdk-kaniko run` and Skaffold\'s cluster builder use the ' +
    'same kaniko in the same cluster; the bytes are those that the command itself sends to the API server. BuildKit\'s daemon runs beside the cluster as ' +
    'root, without a pod and without limits; the bytes are those that `buildctl` sends to it, and it keeps them: of a directory that has ' +
    'not changed since the turn before, nothing is sent again. In a pod of its own it is a daemon that lives as long as its build, by ' +
    '`kubectl run --attach --rm` on a directory that is ready, as who has no daemon would use it. *Warm* is a build of two stages with nothing changed: ours with `cache: true`, ' +
    'BuildKit with a cache in the registry (`mode=max`) and its own store empty, as for a daemon that was just started.',
  problems: () => [],
  async run(world, { runs = 5 }): Promise<Outcome> {
    const client = await Client.create(world);
    const skaffold = await Skaffold.create(world, client);
    const buildkit = await BuildKit.start(world);
    const pod = BuildKitPod.create(world, client);
    const rows: Row[] = [];
    const contexts = {
      'a small build, two files': SMALL_BUILD,
      'an image of 10 MB of files': { Dockerfile: LARGE, motd: 'welcome\n', large: randomBytes(LARGE_BYTES * 3 / 4).toString('base64') },
    };
    for (const [group, files] of Object.entries(contexts)) {
      const directory = world.context(files);
      rows.push(...await takeTurns(group, {
        [SKAFFOLD_WAY]: () => skaffold.build(directory),
        [OURS]: () => client.run({ imageName: world.fresh('ours'), imageTag: 'latest' }),
        [BUILDKIT_POD]: () => pod.build(directory, world.fresh('buildkit')),
        [BUILDKIT_WAY]: () => buildkit.build(directory, world.fresh('buildkit')),
      }, { runs, tell: true }));
    }
    rows.push(...await warm(world, client, { buildkit, pod }, runs));
    const table: Table = { title: 'One command', baseline: OURS, measures: MEASURES, rows, plot: 'bars' };
    const [small, large] = Object.keys(contexts);
    return {
      tables: [table],
      goals: [
        { name: `time of ${small}, ours / Skaffold`, value: ratio(table, small, 'time', OURS, SKAFFOLD_WAY), atMost: 0.75 },
        ...[small, large].map(group => (
          { name: `bytes that the client sends for ${group}, ours / Skaffold`, value: ratio(table, group, 'sent by the client', OURS, SKAFFOLD_WAY), atMost: 0.1 }
        )),
        { name: 'time of a warm build, ours / BuildKit\'s daemon with a cache in the registry', value: ratio(table, WARM, 'time', OURS, BUILDKIT_WAY), atMost: 1.5 },
        { name: 'time of a warm build, ours / BuildKit in a pod of its own with a cache in the registry', value: ratio(table, WARM, 'time', OURS, BUILDKIT_POD), atMost: 1.5 },
      ],
      notes: [
        'What `cdk-kaniko run` sends does not depend on the context, which the pod fetches: the Job, twice more as a question to admission before anything is made, and ' +
        'the init container\'s program, which every run makes anew so that nothing stays behind. For a context of two files Skaffold sends less.',
        'BuildKit is ahead where a daemon runs already: it starts no pod, unpacks no base image that it has, and keeps what it built. For that it needs a ' +
        'daemon that is privileged, or user namespaces and unconfined system calls for its rootless form; somebody has to run it, to clean its store, and to decide ' +
        'who may reach it, for whoever reaches it builds as it. No pod that is made for one build can answer a warm one in a fifth of a second. Ours need no daemon: a pod ' +
        'a build, with eight capabilities, which ends with its build. BuildKit in such a pod has to be privileged; it takes as long as ours where all is in the cache, and less ' +
        'where it has to build.',
      ],
      versions: { kaniko: world.executor.version, Skaffold: SKAFFOLD, BuildKit: BUILDKIT },
    };
  },
};

const WARM = 'a warm build of two stages';

async function warm(world: World, client: Client, { buildkit, pod }: { buildkit: BuildKit; pod: BuildKitPod }, runs: number): Promise<Row[]> {
  const directory = world.context({ Dockerfile: STAGES, motd: 'welcome\n' });
  const name = world.fresh('warm');
  const image = `${name}-buildkit`;
  const reference = `${REGISTRY.name}/docker-cache/${image}`;
  const withRegistryCache = async (): Promise<Sample> => {
    await buildkit.prune();
    return buildkit.build(directory, image, reference);
  };
  return takeTurns(WARM, {
    [BUILDKIT_WAY]: withRegistryCache,
    [BUILDKIT_POD]: () => pod.build(directory, image, reference),
    [HOT]: () => buildkit.build(directory, image, reference),
    [OURS]: () => client.run({ imageName: name, imageTag: world.fresh('run'), cache: true, cacheRepository: `${REGISTRY.name}/docker-cache/${name}` }),
  }, { runs, tell: true });
}
