import { PersistentVolumeClaim } from 'cdk8s-plus-28';
import { Pod } from './fixture';
import { BuildContext, GitCredentials, WorkloadIdentity } from '../../src/kubernetes';

const URL = 'https://git.contoso.example/team/app.git';
const AZURE_REPOS = 'https://dev.azure.com/contoso/wind/_git/images';

describe('a git repository', () => {
  test('is cloned by the init container into the directory that kaniko builds in', () => {
    const pod = Pod.of({ context: BuildContext.fromGit(URL, { branch: 'main', directory: 'k8s/images/app/' }), dockerfile: 'docker/app.Dockerfile' });
    expect(pod.environment('prepare-context')).toMatchObject({
      PREPARE_GIT_URL: URL, PREPARE_GIT_BRANCH: 'main', PREPARE_DIRECTORY: 'k8s/images/app', PREPARE_CONTEXT_DIR: '/opt/kaniko/context',
      PREPARE_DOCKERFILE: 'docker/app.Dockerfile',
    });
    expect(pod.args).toContain('--context=dir:///opt/kaniko/context/k8s/images/app');
    expect(pod.args).toContain('--dockerfile=/opt/kaniko/context/k8s/images/app/docker/app.Dockerfile');
    expect(pod.mounted('prepare-context', '/opt/kaniko/context').volume).toEqual({ name: 'context', emptyDir: {} });
    expect(pod.mounted('kaniko', '/opt/kaniko/context').volume.name).toBe('context');
  });

  test('can be its own build context as a whole', () => {
    const pod = Pod.of({ context: BuildContext.fromGit(URL, { branch: 'main', directory: './' }) });
    expect(pod.args).toContain('--context=dir:///opt/kaniko/context');
    expect(pod.args).toContain('--dockerfile=/opt/kaniko/context/Dockerfile');
  });

  test.each([
    [{ branch: 'refs/heads/feature/x' }, { PREPARE_GIT_BRANCH: 'feature/x' }],
    [{ tag: 'v1.0' }, { PREPARE_GIT_TAG: 'v1.0' }],
    [{ commit: 'a'.repeat(40) }, { PREPARE_GIT_COMMIT: 'a'.repeat(40) }],
  ])('is cloned at %p', (options, expected) => {
    expect(Pod.of({ context: BuildContext.fromGit(URL, options) }).environment('prepare-context')).toMatchObject(expected);
  });

  test('is cloned with submodules, LFS, its whole tree and its .git on request alone', () => {
    const plain = Pod.of().environment('prepare-context');
    const asked = Pod.of({
      context: BuildContext.fromGit(URL, { branch: 'main', submodules: true, lfs: true, sparse: false, keepGitDirectory: true }),
    }).environment('prepare-context');
    for (const [name, value] of [['SUBMODULES', 'true'], ['LFS', 'true'], ['SPARSE', 'false'], ['KEEP_DIR', 'true']]) {
      expect(plain).not.toHaveProperty(`PREPARE_GIT_${name}`);
      expect(asked).toHaveProperty(`PREPARE_GIT_${name}`, value);
    }
  });

  test.each([
    [{}, 'needs exactly one of branch, tag and commit, got 0'],
    [{ branch: 'main', tag: 'v1' }, 'needs exactly one of branch, tag and commit, got 2'],
    [{ commit: 'abc123' }, 'commit needs a full commit id'],
    [{ branch: '-x' }, 'branch is no valid name'],
    [{ branch: 'main', directory: '../x' }, 'directory leaves the build context'],
  ])('is refused at %p', (options, message) => {
    expect(() => BuildContext.fromGit(URL, options)).toThrow(message);
  });

  test('whose address holds a password is refused without showing it', () => {
    expect(() => BuildContext.fromGit('https://me:hunter2@git.contoso.example/x', { branch: 'main' })).toThrow(/not shown/);
    expect(() => BuildContext.fromGit('https://me:hunter2@git.contoso.example/x', { branch: 'main' })).not.toThrow(/hunter2/);
  });
});

describe('git credentials', () => {
  test('of a Secret are mounted for the init container alone', () => {
    const pod = Pod.of(fixture => ({
      context: BuildContext.fromGit(URL, { branch: 'main', credentials: GitCredentials.fromSecret(fixture.secret('git-token')) }),
    }));
    expect(pod.environment('prepare-context')).toMatchObject({
      PREPARE_GIT_AUTH: 'basic', PREPARE_GIT_CREDENTIALS_DIR: '/opt/cdk-kaniko/git-credentials',
    });
    expect(pod.mounted('prepare-context', '/opt/cdk-kaniko/git-credentials').volume.secret).toEqual({ secretName: 'git-token' });
    expect(pod.container('kaniko').volumeMounts.map((mount: any) => mount.name)).not.toContain('git-credentials');
  });

  test('can have keys of other names', () => {
    const pod = Pod.of(fixture => ({
      context: BuildContext.fromGit(URL, {
        branch: 'main', credentials: GitCredentials.fromSecret(fixture.secret('git-token'), { passwordKey: 'pat' }),
      }),
    }));
    expect(pod.mounted('prepare-context', '/opt/cdk-kaniko/git-credentials').volume.secret.items).toEqual([{ key: 'pat', path: 'password' }]);
  });

  test('of the workload identity are for Azure Repos alone', () => {
    const credentials = GitCredentials.fromWorkloadIdentity();
    expect(() => BuildContext.fromGit(URL, { branch: 'main', credentials })).toThrow('is for Azure Repos alone');
    const pod = Pod.of({
      context: BuildContext.fromGit(AZURE_REPOS, { branch: 'main', credentials }), identity: WorkloadIdentity.fromServiceAccountName('builder'),
    });
    expect(pod.environment('prepare-context')).toHaveProperty('PREPARE_GIT_AUTH', 'workload-identity');
  });

  test('of the workload identity need one', () => {
    const context = BuildContext.fromGit(AZURE_REPOS, { branch: 'main', credentials: GitCredentials.fromWorkloadIdentity() });
    expect(() => Pod.of({ context })).toThrow('[ci/Build] identity is missing, and the pod needs one to clone from Azure Repos');
  });
});

test('a volume takes the place of a repository', () => {
  const pod = Pod.of(fixture => ({
    context: BuildContext.fromVolume(PersistentVolumeClaim.fromClaimName(fixture.chart, 'Claim', 'sources'), { directory: 'app' }),
  }));
  expect(pod.mounted('kaniko', '/opt/kaniko/context').volume).toEqual({ name: 'context', persistentVolumeClaim: { claimName: 'sources' } });
  expect(pod.environment('prepare-context')).toMatchObject({ PREPARE_DIRECTORY: 'app' });
  expect(pod.environment('prepare-context')).not.toHaveProperty('PREPARE_GIT_URL');
});
