/** Our init container's clone, against the git context that kaniko has itself. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GIT, REGISTRY } from '../../test/e2e/cluster/addresses';
import { currentSandbox } from '../../test/e2e/sandbox';
import { GitServer } from '../../test/servers';
import { Outcome, Table } from '../benchmark';
import { CACHE, DIRECTORY, makeRepository, REPOSITORY } from '../clone';
import { Sample, takeTurns } from '../measure';
import { ClusterBenchmark } from './cluster-benchmark';

/** Beside the git host of the scenarios, which takes tokens alone. */
const PORT = 8443;
const KANIKO = 'kaniko\'s git context';
const SHALLOW = 'kaniko\'s git context, one branch, depth 1';
const TITLE = 'An image of 20 files out of a repository of 20,000';

export const gitContext: ClusterBenchmark = {
  name: 'git-context',
  title: 'The context from git, in a pod',
  about: 'A whole build of an image that holds one directory of the repository of the benchmark `clone`: our pod, which clones by git in an init container, against kaniko\'s ' +
    'own git context in a pod by hand. The git host here is one that takes anybody; Azure Repos refuses kaniko\'s git context altogether.',
  problems: () => [],
  async run(world, { runs = 3 }): Promise<Outcome> {
    const server = await GitServer.start({
      root: join(currentSandbox().folder, 'large'), address: GIT.address, port: PORT, hostname: GIT.name, tls: world.environment.services.authority.issue(GIT.name),
    });
    await makeLargeRepository();
    const host = `${GIT.name}:${PORT}`;
    const measured = (way: () => Promise<Sample>) => async (): Promise<Sample> => {
      server.reset();
      const { time } = await way();
      return { time, 'from the git server': server.bytesSent };
    };
    const kaniko = (...more: string[]) => measured(() => world.inPod({
      args: [`--context=git://${host}/${REPOSITORY}#refs/heads/main`, `--context-sub-path=${DIRECTORY}`,
        `--destination=${REGISTRY.name}/docker-local/${world.fresh('git')}:latest`, ...more],
      env: [],
    }));
    const rows = await takeTurns(TITLE, {
      [KANIKO]: kaniko(),
      [SHALLOW]: kaniko('--git=single-branch=true', '--git=depth=1'),
      ours: measured(() => world.ours({
        repositoryUrl: `https://${host}/${REPOSITORY}`, gitCredentials: 'anonymous', imagePath: DIRECTORY, imageName: world.fresh('git'),
      })),
    }, { runs, warmUp: false, tell: true });
    const table: Table = {
      title: TITLE, baseline: KANIKO, measures: [{ name: 'time', unit: 's' }, { name: 'from the git server', unit: 'bytes' }], rows, plot: 'bars',
    };
    await server.close();
    return { tables: [table], goals: [], versions: { kaniko: world.executor.version } };
  },
};

/** The repository of `clone` with a Dockerfile in the directory. */
async function makeLargeRepository(): Promise<void> {
  await makeRepository();
  const folder = join(currentSandbox().folder, 'large', REPOSITORY);
  if (existsSync(folder)) { return; }
  execFileSync('git', ['clone', '--quiet', '--bare', join(CACHE, REPOSITORY), folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const dockerfile = 'FROM scratch\nCOPY . /service\n';
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet'], {
    input: 'commit refs/heads/main\ncommitter Contoso <team@contoso.example> 1800000000 +0000\ndata 8\nA commit\nfrom refs/heads/main^0\n' +
      `M 100644 inline ${DIRECTORY}/Dockerfile\ndata ${dockerfile.length}\n${dockerfile}\n`,
  });
}
