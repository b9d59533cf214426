import { containerOf, planned } from './build';
import { containerArguments, fullImageName, Surroundings } from '../../../../src/cli/run/podman/container-arguments';

const SURROUNDINGS: Surroundings = {
  pod: 'developers.app-1', mounts: Array.from({ length: 20 }, (_, index) => index === 2 ? '/run/files' : `volume-${index}`),
  terminationLog: '/run/folder/termination-log', hostNetwork: false, machine: { controllers: ['cpu', 'memory'] },
};

test('hands over everything that the manifest says of kaniko', () => {
  const kaniko = containerOf(planned({ registrySecretName: 'registry', memoryLimit: '1536Mi', cpuLimit: '1500m', args: { PRICE: '$5 $(id)' } }), 'kaniko');
  const args = containerArguments(kaniko, SURROUNDINGS);
  expect(args[0]).toBe('create');
  expect(args).toEqual(expect.arrayContaining([
    '--pod=developers.app-1', '--name=developers.app-1.kaniko', '--user=0:0', '--cap-drop=ALL', '--cap-add=CHOWN', '--cap-add=SETUID',
    '--security-opt=no-new-privileges', '--memory=1610612736b', '--memory-swap=1610612736b', '--cpus=1.5', '--env=DOCKER_CONFIG=/kaniko/.docker/',
    '--volume=volume-0:/opt/kaniko:nocopy', '--volume=/run/files:/kaniko/.docker:ro,z', '--volume=/run/folder/termination-log:/dev/termination-log:z',
  ]));
  const entrypoint = JSON.parse(args.find(argument => argument.startsWith('--entrypoint='))!.slice('--entrypoint='.length)) as string[];
  expect(entrypoint).toEqual(['/busybox/sh', '-c', expect.stringMatching(/\nexec \/opt\/kaniko\/executor "\$@"$/), '/opt/kaniko/executor']);
  expect(args).not.toContain('--read-only');
  expect(args.slice(args.indexOf('ghcr.io/osscontainertools/kaniko:v1.28.3-debug'))).toEqual(expect.arrayContaining(['--build-arg=PRICE=$5 $(id)']));
});

test('gives an init container nothing that it could write to but its volumes', () => {
  const args = containerArguments(containerOf(planned(), 'prepare-context'), SURROUNDINGS);
  expect(args).toEqual(expect.arrayContaining(['--user=65532:65532', '--read-only', '--read-only-tmpfs=false', '--cap-drop=ALL']));
  expect(args.filter(argument => argument.startsWith('--cap-add'))).toEqual([]);
});

test('limits nothing that podman cannot limit here', () => {
  const kaniko = containerOf(planned({ memoryLimit: '2Gi', cpuLimit: '2' }), 'kaniko');
  const args = containerArguments(kaniko, { ...SURROUNDINGS, machine: { controllers: [] } });
  expect(args.filter(argument => /^--(memory|cpus)/.test(argument))).toEqual([]);
});

test('takes the network of the machine where it is told so, and never its proxies', () => {
  const kaniko = containerOf(planned(), 'kaniko');
  expect(containerArguments(kaniko, SURROUNDINGS)).not.toContain('--network=host');
  expect(containerArguments(kaniko, { ...SURROUNDINGS, hostNetwork: true })).toEqual(expect.arrayContaining(['--network=host', '--http-proxy=false']));
});

test.each([
  ['debian', 'docker.io/library/debian:latest'],
  ['contoso/kaniko:v1', 'docker.io/contoso/kaniko:v1'],
  ['docker.io/debian:bookworm', 'docker.io/library/debian:bookworm'],
  ['localhost/kaniko:v1', 'localhost/kaniko:v1'],
  ['registry.contoso.example:5000/a/b:1', 'registry.contoso.example:5000/a/b:1'],
  [`ghcr.io/a/b:v1@sha256:${'0'.repeat(64)}`, `ghcr.io/a/b@sha256:${'0'.repeat(64)}`],
])('names the image %s as a cluster understands it', (image, expected) => {
  expect(fullImageName(image)).toBe(expected);
});
