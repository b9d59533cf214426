import { Fixture, Pod } from './fixture';
import {
  AptSources, BinaryFiles, BuildSecrets, CaCertificates, KanikoImage, MountedFile, RegistryCredentials, WorkloadIdentity,
} from '../../src/kubernetes';

const CLIENT_ID = '11111111-2222-3333-4444-555555555555';
const identity = WorkloadIdentity.fromServiceAccountName('builder');

describe('binary files', () => {
  test('reach the init container one a line, with tabs between their fields', () => {
    const pod = Pod.of({
      identity,
      binaryFiles: BinaryFiles.fromStorageAccount('contosobinaries', {
        files: [
          { path: 'k8s/kube ctl(1)', name: 'bin/kubectl', sha256: 'AB'.repeat(32) },
          { path: 'notes.txt', name: 'notes.txt', executable: false, overwrite: true },
        ],
      }),
    });
    expect(pod.environment('prepare-context').PREPARE_STORAGE_URL).toBe('https://contosobinaries.blob.core.windows.net/bin');
    expect(pod.environment('prepare-context').PREPARE_FILES).toBe([
      `${'ab'.repeat(32)}\t0755\tkeep\tbin/kubectl\tk8s/kube%20ctl%281%29`,
      '-\t0644\toverwrite\tnotes.txt\tnotes.txt',
    ].join('\n'));
  });

  test('come from any container of any cloud', () => {
    const files = BinaryFiles.fromStorageAccount('contosobinaries', {
      files: [{ path: 'a', name: 'a' }], container: 'tools', endpointSuffix: 'blob.core.chinacloudapi.cn',
    });
    expect(Pod.of({ identity, binaryFiles: files }).environment('prepare-context').PREPARE_STORAGE_URL)
      .toBe('https://contosobinaries.blob.core.chinacloudapi.cn/tools');
  });

  test.each([
    [[{ path: 'a', name: 'x' }, { path: 'b', name: 'x' }], 'name "x" twice'],
    [[{ path: 'a', name: 'x' }, { path: 'b', name: 'x/y' }], 'use "x" as a file and as the directory of "x/y"'],
    [[{ path: '../a', name: 'x' }], 'files[0].path leaves the build context'],
    [[{ path: 'a', name: 'certs/ca-certificates.crt' }], 'is the place of the certificate bundle'],
    [[{ path: 'a', name: 'a\tb' }], 'control character'],
  ])('are refused as %p', (files, message) => {
    expect(() => BinaryFiles.fromStorageAccount('contosobinaries', { files })).toThrow(message);
  });

  test('need an identity', () => {
    const binaryFiles = BinaryFiles.fromStorageAccount('contosobinaries', { files: [{ path: 'a', name: 'a' }] });
    expect(() => Pod.of({ binaryFiles })).toThrow('the pod needs one to read the storage account');
  });
});

describe('the workload identity', () => {
  test('labels the pod and keeps out of the containers that run other people\'s code', () => {
    const pod = Pod.of({ identity });
    expect(pod.spec.serviceAccountName).toBe('builder');
    expect(pod.metadata.labels).toHaveProperty(['azure.workload.identity/use'], 'true');
    expect(pod.metadata.annotations).toEqual({ 'azure.workload.identity/skip-containers': 'kaniko' });
  });

  test('is chosen by its client id where the service account has several', () => {
    const pod = Pod.of({ identity: WorkloadIdentity.fromServiceAccountName('builder', { clientId: CLIENT_ID }) });
    expect(pod.environment('prepare-context')).toHaveProperty('AZURE_CLIENT_ID', CLIENT_ID);
    expect(pod.environment('kaniko')).not.toHaveProperty('AZURE_CLIENT_ID');
  });

  test('comes with a service account of the manifest, once for all builds and before them', () => {
    const fixture = new Fixture();
    const emitted = () => WorkloadIdentity.withServiceAccount('builder', { clientId: CLIENT_ID, tenantId: CLIENT_ID });
    fixture.add({ identity: emitted() }, 'A');
    fixture.add({ identity: emitted() }, 'B');
    const kinds = fixture.objects().map(object => object.kind);
    expect(kinds.sort()).toEqual(['ConfigMap', 'Job', 'Job', 'ServiceAccount']);
    expect(fixture.objects().findIndex(object => object.kind === 'ServiceAccount')).toBeLessThan(fixture.objects().findIndex(object => object.kind === 'Job'));
    expect(fixture.object('ServiceAccount').metadata).toEqual({
      name: 'builder',
      namespace: 'winddata-dev',
      annotations: { 'azure.workload.identity/client-id': CLIENT_ID, 'azure.workload.identity/tenant-id': CLIENT_ID },
    });
  });

  test('cannot be two for one service account', () => {
    const fixture = new Fixture();
    fixture.add({ identity: WorkloadIdentity.withServiceAccount('builder', { clientId: CLIENT_ID }) }, 'A');
    expect(() => fixture.add({ identity: WorkloadIdentity.withServiceAccount('builder', { clientId: CLIENT_ID.replace('1', '9') }) }, 'B'))
      .toThrow('"builder" is given two identities in one chart');
  });

  test('is absent from a pod that needs none', () => {
    const pod = Pod.of();
    expect(pod.metadata.labels).not.toHaveProperty(['azure.workload.identity/use']);
    expect(pod.metadata.annotations).toBeUndefined();
  });
});

describe('registry credentials', () => {
  test('of a Secret lie where Dockerfiles set DOCKER_CONFIG to', () => {
    const pod = Pod.of(fixture => ({ registryCredentials: RegistryCredentials.fromSecret(fixture.secret('jfrog-docker')) }));
    const { mount, volume } = pod.mounted('kaniko', '/kaniko/.docker');
    expect(mount.readOnly).toBe(true);
    expect(volume.secret).toEqual({ secretName: 'jfrog-docker', items: [{ key: '.dockerconfigjson', path: 'config.json' }] });
    expect(pod.environment('kaniko')).toHaveProperty('DOCKER_CONFIG', '/kaniko/.docker/');
    expect(pod.args).toContain('--credential-helpers=');
  });

  test('of the workload identity leave it to kaniko, by explicit choice', () => {
    const pod = Pod.of({ identity, registryCredentials: RegistryCredentials.fromWorkloadIdentity() });
    expect(pod.metadata.annotations).toBeUndefined();
    expect(pod.args).toContain('--credential-helpers=acr');
  });

  test('are asked of no helper by an executor without the flag', () => {
    expect(Pod.of({ image: KanikoImage.of('gcr.io/kaniko-project/executor:v1.24.0-debug') }).args.join()).not.toContain('credential-helpers');
  });

  test('go with mirrors and maps', () => {
    const pod = Pod.of({
      registryMirrors: ['registry.contoso.example/docker-remote', 'docker-remote.registry.contoso.example'],
      registryMaps: { 'quay.io': 'registry.contoso.example/quay-remote' },
      registryMirrorsOnly: true,
    });
    expect(pod.args).toEqual(expect.arrayContaining([
      '--registry-mirror=registry.contoso.example/docker-remote',
      '--registry-mirror=docker-remote.registry.contoso.example',
      '--registry-map=quay.io=registry.contoso.example/quay-remote',
      '--skip-default-registry-fallback=true',
    ]));
  });
});

describe('build secrets', () => {
  test('are files that RUN sees in /kaniko/secrets', () => {
    const pod = Pod.of(fixture => ({ buildSecrets: [BuildSecrets.fromSecret(fixture.secret('jfrog'))] }));
    const { mount, volume } = pod.mounted('kaniko', '/kaniko/secrets');
    expect(mount.readOnly).toBe(true);
    expect(volume.projected.sources).toEqual([{
      secret: {
        name: 'jfrog',
        items: [{ key: 'jfrog-deb-user', path: 'jfrog-deb-user' }, { key: 'jfrog-deb-secret', path: 'jfrog-deb-secret' }],
      },
    }]);
    expect(pod.args.join()).not.toContain('--secret');
  });

  test('of several Secrets share the folder, unless two have a file of one name', () => {
    const both = (keys: string[][]) => Pod.of(fixture => ({
      buildSecrets: keys.map((names, index) => BuildSecrets.fromSecret(fixture.secret(`s${index}`), { keys: names })),
    }));
    expect(both([['a'], ['b']]).mounted('kaniko', '/kaniko/secrets').volume.projected.sources).toHaveLength(2);
    expect(() => both([['a'], ['a']])).toThrow('two Secrets give the file "a"');
  });

  test('for mounts of other ids go by kaniko\'s own flag', () => {
    const pod = Pod.of(fixture => ({ buildSecrets: [BuildSecrets.forMount('npmrc', fixture.secret('npm'), '.npmrc')] }));
    expect(pod.args).toContain('--secret=id=npmrc,type=file,src=/opt/kaniko/secret-files/npmrc');
    expect(pod.mounted('kaniko', '/opt/kaniko/secret-files').volume.projected.sources[0].secret.items).toEqual([{ key: '.npmrc', path: 'npmrc' }]);
  });

  test('for mounts need an executor that has them', () => {
    expect(() => Pod.of(fixture => ({
      image: KanikoImage.of('gcr.io/kaniko-project/executor:v1.24.0-debug'),
      buildSecrets: [BuildSecrets.forMount('npmrc', fixture.secret('npm'), '.npmrc')],
    }))).toThrow('--secret needs kaniko v1.26.3 or later');
  });
});

test('apt\'s files are written in memory by the init container and mounted where apt looks', () => {
  const line = 'deb https://registry.contoso.example/artifactory/remote-debian/debian bookworm main';
  const pod = Pod.of(fixture => ({ aptSources: AptSources.fromLines([line], { credentials: fixture.secret('jfrog') }) }));
  expect(pod.environment('prepare-context')).toMatchObject({
    PREPARE_APT_SOURCES: line, PREPARE_APT_DIR: '/opt/cdk-kaniko/apt', PREPARE_APT_CREDENTIALS_DIR: '/opt/cdk-kaniko/apt-credentials',
  });
  expect(pod.mounted('prepare-context', '/opt/cdk-kaniko/apt').volume.emptyDir).toEqual({ medium: 'Memory' });
  for (const [path, subPath] of [
    ['/etc/apt/auth.conf.d', 'auth.conf.d'], ['/etc/apt/sources.list.d', 'sources.list.d'],
    ['/etc/apt/sources.list', 'sources.list'], ['/etc/apt/apt.conf.d/90mirror', 'apt.conf.d/90mirror'],
  ]) {
    expect(pod.mounted('kaniko', path).mount).toEqual({ name: 'apt', mountPath: path, subPath, readOnly: true });
  }
  expect(pod.container('kaniko').volumeMounts.map((mount: any) => mount.name)).not.toContain('apt-credentials');
});

test('apt\'s lines with credentials are refused without showing them', () => {
  const refused = () => AptSources.fromLines(['deb https://me:hunter2@registry.contoso.example/debian bookworm main']);
  expect(refused).toThrow('lines[0] holds a user name or password');
  expect(refused).not.toThrow(/hunter2/);
});

describe('files for RUN', () => {
  test('are a key each, at any path', () => {
    const pod = Pod.of(fixture => ({
      mountedFiles: [
        MountedFile.fromSecret(fixture.secret('pip'), 'pip.conf', '/etc/pip.conf'),
        MountedFile.fromConfigMap(fixture.configMap('maven'), 'settings.xml', '/root/.m2/settings.xml'),
      ],
    }));
    expect(pod.mounted('kaniko', '/etc/pip.conf').mount).toMatchObject({ subPath: 'pip.conf', readOnly: true });
    expect(pod.mounted('kaniko', '/etc/pip.conf').volume.secret.secretName).toBe('pip');
    expect(pod.mounted('kaniko', '/root/.m2/settings.xml').volume.configMap.name).toBe('maven');
  });

  test.each(['etc/pip.conf', '/', '/etc/../x', '/kaniko/x', '/opt/kaniko/executor', '/proc/1', '/etc/a:b'])('are refused at %p', path => {
    expect(() => MountedFile.fromSecret(new Fixture().secret('pip'), 'pip.conf', path)).toThrow('[MountedFile.fromSecret] path');
  });

  test('cannot be two at one path', () => {
    expect(() => Pod.of(fixture => ({
      mountedFiles: ['a', 'b'].map(name => MountedFile.fromSecret(fixture.secret(name), 'k', '/etc/x')),
    }))).toThrow('two parts mount something at /etc/x');
  });

  test('cannot be one within the other', () => {
    expect(() => Pod.of(fixture => ({
      mountedFiles: ['/etc/x/y', '/etc/x'].map(path => MountedFile.fromSecret(fixture.secret(path.slice(-1)), 'k', path)),
    }))).toThrow('/etc/x/y is to be mounted within /etc/x, which is a file; choose another path for one');
  });
});

test('authorities reach git, the downloads and kaniko', () => {
  const pod = Pod.of(fixture => ({
    caCertificates: [CaCertificates.fromConfigMap(fixture.configMap('contoso'), 'ca.pem'), CaCertificates.fromSecret(fixture.secret('partner'))],
  }));
  const sources = pod.spec.volumes.filter((volume: any) => volume.name.startsWith('certificates-'));
  expect(sources.map((volume: any) => volume.configMap ?? volume.secret)).toEqual([
    { name: 'contoso', items: [{ key: 'ca.pem', path: 'ca.pem' }] }, { secretName: 'partner' },
  ]);
  expect(pod.environment('prepare-context')).toMatchObject({
    PREPARE_CERTIFICATES_DIR: '/opt/cdk-kaniko/certificates', PREPARE_TRUST_DIR: '/opt/kaniko/trust',
  });
  expect(pod.environment('kaniko')).toHaveProperty('SSL_CERT_DIR', '/opt/kaniko/trust:/kaniko/ssl/certs');
  expect(pod.mounted('kaniko', '/opt/kaniko/trust').mount.readOnly).toBe(true);
});
