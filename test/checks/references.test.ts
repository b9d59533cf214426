import { destination, imageName, imageReference, imageTag, parseImageReference, platform, repository } from '../../src/checks';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['debian', { path: 'debian' }],
  ['library/debian:bookworm', { path: 'library/debian', tag: 'bookworm' }],
  ['localhost/app', { registry: 'localhost', path: 'app' }],
  ['localhost:5000/app:1', { registry: 'localhost:5000', path: 'app', tag: '1' }],
  ['Registry.contoso.example/a/b', { registry: 'Registry.contoso.example', path: 'a/b' }],
  [`registry.contoso.example/a:1@${DIGEST}`, { registry: 'registry.contoso.example', path: 'a', tag: '1', digest: DIGEST }],
])('takes %s apart', (reference, parts) => {
  expect(parseImageReference(reference)).toEqual({ registry: undefined, tag: undefined, digest: undefined, ...parts });
});

test.each(['', 'App', 'Library/debian', 'a//b', '/a', 'a/', 'a:', 'a:-x', 'a@sha256:abc', 'a b', 'a\nb', 'https://a/b', '-a', 'a..b', 'host:port/a', 'a:1:2', '$(id)'])(
  'refuses the reference %j', reference => {
    expect(parseImageReference(reference)).toBeUndefined();
    expect(imageReference(reference)).toMatch(/./);
  });

test('a destination has a registry and a tag, and no digest', () => {
  expect(destination('registry.contoso.example/app:1.0')).toBeUndefined();
  expect(destination('app:1.0')).toContain('needs a registry, got "app:1.0"');
  expect(destination('registry.contoso.example/app')).toContain('write "registry.contoso.example/app:1.0"');
  expect(destination(`registry.contoso.example/app@${DIGEST}`)).toContain('needs a tag and no digest');
});

test.each([
  [repository, 'registry.contoso.example/docker-local', 'docker-local'],
  [repository, 'localhost:5000', 'registry.contoso.example/a:1'],
  [repository, 'registry.contoso.example:8443/a/b', 'registry.contoso.example/'],
  [imageName, 'a/b-c_d.e__f', 'a-'],
  [imageName, 'a'.repeat(255), 'a'.repeat(256)],
  [imageTag, '_A.b-c', '.a'],
  [imageTag, 'a'.repeat(128), 'a'.repeat(129)],
  [platform, 'linux/arm/v7', 'linux'],
  [platform, 'linux/amd64', 'linux/amd64;x'],
])('%# takes %s and not %s', (check, good, bad) => {
  expect(check(good)).toBeUndefined();
  expect(check(bad)).toMatch(/./);
});
