import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Fixture, Pod } from './fixture';
import { KanikoBuild, KanikoImage, LayerCache, NetworkAccess, SnapshotMode, Verbosity } from '../../src/kubernetes';

describe('the pod', () => {
  test('is kaniko, after an init container that prepares its context', () => {
    const { spec } = Pod.of();
    expect(spec.initContainers.map(({ name }: { name: string }) => name)).toEqual(['prepare-context']);
    expect(spec.containers).toEqual([expect.objectContaining({ name: 'kaniko', image: 'ghcr.io/osscontainertools/kaniko:v1.28.3-debug' })]);
  });

  test('is hardened as far as a build can be', () => {
    const pod = Pod.of();
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false, restartPolicy: 'Never', securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.container('kaniko').securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETFCAP', 'SETGID', 'SETUID'] },
    });
    expect(pod.container('prepare-context').securityContext).toEqual({
      runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] },
    });
  });

  test('gives the digest as its termination message', () => {
    const pod = Pod.of();
    expect(pod.args).toContain('--digest-file=/dev/termination-log');
    expect(pod.container('kaniko')).toMatchObject({
      terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'FallbackToLogsOnError',
    });
  });

  test('hands values on that Kubernetes would expand', () => {
    const pod = Pod.of({ buildArgs: { PRICE: '$(HOME) and $$5' } });
    expect(pod.args).toContain('--build-arg=PRICE=$$(HOME) and $$$$5');
  });

  test('is scheduled as told', () => {
    const pod = Pod.of({
      nodeSelector: { 'kubernetes.io/arch': 'amd64' },
      tolerations: [{ key: 'builds', operator: 'Exists' }],
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['ci'] }] }] } } },
      priorityClassName: 'low',
      runtimeClassName: 'kata',
      imagePullSecretNames: ['mirror'],
    });
    expect(pod.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/arch': 'amd64' },
      tolerations: [{ key: 'builds', operator: 'Exists' }],
      priorityClassName: 'low',
      runtimeClassName: 'kata',
      imagePullSecrets: [{ name: 'mirror' }],
    });
    expect(pod.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toHaveLength(1);
  });

  test('refuses an affinity with a field that Kubernetes would never see', () => {
    expect(() => Pod.of({ affinity: { nodeAfinity: {} } as any })).toThrow('[ci/Build] affinity.nodeAfinity is no field');
  });
});

describe('resources', () => {
  const requirements = (resources: any) => Pod.of({ resources }).container('kaniko').resources;

  test('are reserved and limited by default, ephemeral storage too', () => {
    expect(requirements(undefined)).toEqual({
      requests: { 'cpu': '500m', 'memory': '1Gi', 'ephemeral-storage': '2Gi' }, limits: { 'memory': '4Gi', 'ephemeral-storage': '16Gi' },
    });
  });

  test('are those that were asked for', () => {
    expect(requirements({ cpu: { limit: Cpu.units(2) }, memory: { request: Size.gibibytes(2), limit: Size.gibibytes(6) } })).toEqual({
      requests: { 'cpu': '500m', 'memory': '2Gi', 'ephemeral-storage': '2Gi' }, limits: { 'cpu': '2', 'memory': '6Gi', 'ephemeral-storage': '16Gi' },
    });
  });

  test('give way where a default would contradict what was asked for', () => {
    expect(requirements({ memory: { request: Size.gibibytes(8) } }).limits.memory).toBe('8Gi');
    expect(requirements({ memory: { limit: Size.mebibytes(512) } }).requests.memory).toBe('512Mi');
  });

  test('are refused where a request exceeds its limit', () => {
    expect(() => requirements({ memory: { request: Size.gibibytes(8), limit: Size.gibibytes(4) } }))
      .toThrow('the request of 8Gi memory exceeds the limit of 4Gi');
  });
});

describe('the Job', () => {
  test('ends and goes by itself', () => {
    expect(Pod.of().job.spec).toMatchObject({ activeDeadlineSeconds: 3600, ttlSecondsAfterFinished: 3600 });
    expect(Pod.of({ deadline: Duration.minutes(5), timeToLive: Duration.seconds(0) }).job.spec)
      .toMatchObject({ activeDeadlineSeconds: 300, ttlSecondsAfterFinished: 0 });
  });

  test('is begun again for a lost node, never for a failed Dockerfile', () => {
    const { backoffLimit, podFailurePolicy } = Pod.of({ disruptionRetries: 2 }).job.spec;
    expect(backoffLimit).toBe(2);
    expect(podFailurePolicy.rules.map((rule: any) => [rule.action, rule.onPodConditions?.[0]?.type ?? rule.onExitCodes])).toEqual([
      ['Count', 'DisruptionTarget'], ['FailJob', { operator: 'NotIn', values: [0] }],
    ]);
  });

  test('carries labels, annotations and its queue', () => {
    const pod = Pod.of({ labels: { team: 'wind' }, annotations: { 'contoso.example/run': 'https://ci/1' }, queueName: 'builds' });
    for (const metadata of [pod.job.metadata, pod.metadata]) {
      expect(metadata.labels).toMatchObject({ 'team': 'wind', 'kueue.x-k8s.io/queue-name': 'builds' });
      expect(metadata.annotations).toEqual({ 'contoso.example/run': 'https://ci/1' });
    }
  });

  test('is named by its path unless told otherwise, and finds its pod by labels', () => {
    const fixture = new Fixture();
    expect(fixture.add({}, 'A').jobName).toMatch(/^ci-a-[a-f0-9]{8}$/);
    const named = fixture.add({ name: 'app-42' }, 'B');
    expect(named.job.name).toBe('app-42');
    expect(named.podLabels).toEqual({ 'app.kubernetes.io/name': 'kaniko-build', 'app.kubernetes.io/instance': 'app-42' });
  });

  test('comes after the program that all builds share', () => {
    const fixture = new Fixture();
    fixture.add({}, 'A');
    fixture.add({}, 'B');
    const [first, ...rest] = fixture.objects();
    expect(first).toMatchObject({ kind: 'ConfigMap', immutable: true, metadata: { namespace: 'winddata-dev' } });
    expect(rest.map(object => object.kind)).toEqual(['Job', 'Job']);
    expect(rest[0].spec.template.spec.volumes).toContainEqual({ name: 'script', configMap: { name: first.metadata.name } });
  });

  test('cannot be changed through what its getters return', () => {
    const build = new Fixture().add();
    build.destinations.push('x');
    build.podLabels.x = 'y';
    expect(build.destinations).toEqual(['registry.contoso.example/docker-local/app:1.0']);
    expect(build.podLabels).not.toHaveProperty('x');
  });
});

describe('kaniko', () => {
  test('is told of the image', () => {
    const args = Pod.of({
      destinations: ['registry.contoso.example/docker-local/app:1.0', 'registry.contoso.example/docker-local/app:latest'],
      buildArgs: { VERSION: '1.0' },
      target: 'production',
      imageLabels: { 'org.opencontainers.image.version': '1.0' },
      imageAnnotations: { 'contoso.example/team': 'wind' },
      platform: 'linux/amd64',
      snapshotMode: SnapshotMode.FULL,
      reproducible: true,
      verbosity: Verbosity.DEBUG,
      registryRetries: 5,
    }).args;
    expect(args).toEqual(expect.arrayContaining([
      '--destination=registry.contoso.example/docker-local/app:1.0', '--destination=registry.contoso.example/docker-local/app:latest',
      '--build-arg=VERSION=1.0', '--target=production', '--label=org.opencontainers.image.version=1.0', '--annotation=contoso.example/team=wind',
      '--custom-platform=linux/amd64', '--snapshot-mode=full', '--reproducible=true', '--verbosity=debug', '--push-retry=5',
    ]));
  });

  test('takes flags by hand in place of the library\'s own', () => {
    const { args } = Pod.of({ flags: ['--snapshot-mode=time', '--single-snapshot', '--ignore-path=/tmp/x'] });
    expect(args.filter(argument => argument.startsWith('--snapshot-mode'))).toEqual(['--snapshot-mode=time']);
    expect(args).toEqual(expect.arrayContaining(['--single-snapshot', '--ignore-path=/tmp/x']));
  });

  test.each([
    [['--destination=x'], '--destination is set by the destinations'],
    [['--snapshot-mod=full'], 'did you mean "snapshot-mode"?'],
    [['--target'], '--target needs a value'],
    [['--reproducible=yes'], '--reproducible needs true or false'],
    [['-v'], '"-v" is no flag'],
  ])('refuses the flags %p', (flags, message) => {
    expect(() => Pod.of({ flags })).toThrow(message);
  });

  test('caches on request, with the feature flags that its version knows', () => {
    const off = Pod.of();
    expect(off.args).toContain('--cache=false');
    expect(Object.keys(off.environment('kaniko')).filter(name => name.startsWith('FF_'))).toEqual(['FF_KANIKO_COPY_AS_ROOT']);
    const layerCache = LayerCache.inRegistry({ repository: 'registry.contoso.example/cache/app', timeToLive: Duration.hours(6) });
    const on = Pod.of({ layerCache });
    expect(on.args).toEqual(expect.arrayContaining([
      '--cache=true', '--cache-copy-layers=true', '--cache-repo=registry.contoso.example/cache/app', '--cache-ttl=21600s',
    ]));
    expect(on.environment('kaniko')).toMatchObject({ FF_KANIKO_SKIP_CACHED_STAGES: 'true', FF_KANIKO_RESOLVE_CACHE_KEY: 'true' });
    const older = Pod.of({ layerCache, image: KanikoImage.of('ghcr.io/osscontainertools/kaniko:v1.27.5-debug') });
    expect(older.environment('kaniko')).not.toHaveProperty('FF_KANIKO_SKIP_CACHED_STAGES');
    expect(older.environment('kaniko')).toHaveProperty('FF_KANIKO_CACHE_LOOKAHEAD', 'true');
    expect(older.args).toContain('--cache-copy-layers=false');
    const oldest = Pod.of({ layerCache, image: KanikoImage.of('gcr.io/kaniko-project/executor:v1.24.0-debug') });
    expect(Object.keys(oldest.environment('kaniko')).filter(name => name.startsWith('FF_'))).toEqual([]);
  });

  test('takes feature flags by hand, if its version knows them', () => {
    expect(Pod.of({ featureFlags: { FF_KANIKO_COPY_AS_ROOT: false } }).environment('kaniko')).toHaveProperty('FF_KANIKO_COPY_AS_ROOT', 'false');
    expect(() => Pod.of({ featureFlags: { FF_KANIKO_SQUASH_STAGES: true } })).toThrow('is read by kaniko v1.25.4 to v1.27.6, the image is v1.28.3');
    expect(() => Pod.of({ featureFlags: { FF_KANIKO_COPY_AS_ROT: true } })).toThrow('did you mean "FF_KANIKO_COPY_AS_ROOT"?');
  });

  test('sends traces without the Dockerfile unless told otherwise', () => {
    const telemetryEndpoint = 'http://otel-collector:4318';
    expect(Pod.of({ telemetryEndpoint }).environment('kaniko'))
      .toMatchObject({ KANIKO_TELEMETRY_ENDPOINT: telemetryEndpoint, KANIKO_TELEMETRY_OMIT_DOCKERFILE: 'true' });
    expect(Pod.of({ telemetryEndpoint, telemetryIncludesDockerfile: true }).environment('kaniko')).not.toHaveProperty('KANIKO_TELEMETRY_OMIT_DOCKERFILE');
    const image = KanikoImage.of('ghcr.io/osscontainertools/kaniko:v1.28.2-debug');
    expect(() => Pod.of({ telemetryEndpoint, image })).toThrow('telemetryEndpoint needs kaniko v1.28.3 or later');
  });
});

test('network access can be restricted to DNS and named addresses', () => {
  const fixture = new Fixture();
  fixture.add({ name: 'app', networkAccess: NetworkAccess.restrictedTo([{ addressBlock: '10.20.0.0/16' }, { addressBlock: '10.30.0.7/32', ports: [8443] }]) });
  const { spec } = fixture.object('NetworkPolicy');
  expect(spec.podSelector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'kaniko-build', 'app.kubernetes.io/instance': 'app' });
  expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  expect(spec.ingress).toBeUndefined();
  expect(spec.egress[0].ports.map((port: any) => port.port)).toEqual([53, 53]);
  expect(spec.egress.slice(1)).toEqual([
    { to: [{ ipBlock: { cidr: '10.20.0.0/16' } }], ports: [{ protocol: 'TCP', port: 443 }] },
    { to: [{ ipBlock: { cidr: '10.30.0.7/32' } }], ports: [{ protocol: 'TCP', port: 8443 }] },
  ]);
});

test.each<[string, any, string]>([
  ['no destination', { destinations: [] }, '[ci/Build] destinations is empty'],
  ['a destination without a tag', { destinations: ['registry.contoso.example/app'] }, 'destinations[0] needs a tag, got "registry.contoso.example/app"'],
  ['a destination on Docker Hub by mistake', { destinations: ['app:1.0'] }, 'needs a registry'],
  ['a destination by digest', { destinations: [`registry.contoso.example/app@sha256:${'a'.repeat(64)}`] }, 'needs a tag and no digest'],
  ['a destination twice', { destinations: ['r.example/a:1', 'r.example/a:1'] }, 'names "r.example/a:1" twice'],
  ['a Dockerfile outside the context', { dockerfile: '../Dockerfile' }, 'dockerfile leaves the build context'],
  ['a name that is no DNS label', { name: 'App_1' }, 'name needs a DNS label'],
  ['a build argument that is no ARG', { buildArgs: { 'A B': 'x' } }, 'buildArgs needs the name of an ARG'],
  ['a secret as a build argument', { buildArgs: { TOKEN: `ghp_${'a1'.repeat(18)}` } }, 'looks like an access token (not shown)'],
  ['a Terraform token', { target: '${TfToken[TOKEN.0]}' }, 'holds a Terraform token'],
  ['a label that Kubernetes refuses', { labels: { team: 'wind data' } }, 'labels["team"] needs a label value'],
  ['a label that would give RUN the identity', { labels: { 'azure.workload.identity/use': 'true' } }, 'decides who gets the identity'],
  ['an annotation that would undo the hardening', { annotations: { 'container.apparmor.security.beta.kubernetes.io/kaniko': 'unconfined' } }, 'changes the hardening'],
  ['a label of the Job controller', { labels: { 'job-name': 'x' } }, 'is written by Kubernetes itself'],
  ['a label by which the pod is found', { labels: { 'app.kubernetes.io/instance': 'x' } }, 'is written by this library'],
  ['a toleration that Kubernetes refuses', { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, 'tolerations[0] has a value'],
  ['a toleration of no taint', { tolerations: [{ value: 'b' }] }, 'tolerations[0] needs a key'],
  ['a build that pushes nothing', { flags: ['--no-push'] }, 'a build that pushes nothing would end as if it had'],
  ['mirrors alone without a mirror', { registryMirrorsOnly: true }, 'registryMirrorsOnly needs a mirror'],
  ['a deadline of no time', { deadline: Duration.seconds(0) }, 'deadline in seconds needs a whole number from 1'],
  ['a time to try again in fractions of a second', { prepareRetry: Duration.millis(1500) }, 'prepareRetry in seconds needs a whole number from 0'],
  ['a level that gzip lacks', { compressionLevel: 12 }, 'compressionLevel needs a whole number from 1 to 9'],
  ['an annotation for an executor without them', { imageAnnotations: { a: 'b' }, image: KanikoImage.of('gcr.io/kaniko-project/executor:v1.24.0-debug') }, '--annotation needs kaniko v1.25.3'],
])('%s is refused', (_, props, message) => {
  expect(() => Pod.of(props)).toThrow(message);
});

test('the default image of the init container is pinned to a release of Debian', () => {
  expect(KanikoBuild.DEFAULT_PREPARE_IMAGE).toBe('docker.io/library/buildpack-deps:bookworm-scm');
});

test.each<[string, any, string]>([
  ['a text where a mapping belongs', { nodeAffinity: 'x' }, 'affinity.nodeAffinity is no field'],
  ['a text where a list belongs', { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: 'x' } }, 'affinity has a text or mapping where a list belongs'],
])('an affinity with %s is refused', (_, affinity, message) => {
  expect(() => Pod.of({ affinity })).toThrow(message);
});
