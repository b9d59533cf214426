import { KanikoImage } from '../../src/kaniko';

test.each([
  ['ghcr.io/osscontainertools/kaniko:v1.28.3-debug', '1.28.3'],
  ['gcr.io/kaniko-project/executor:v1.24.0-debug', '1.24.0'],
  [`mirror.contoso.example:5000/kaniko:v1.27.5-debug@sha256:${'a'.repeat(64)}`, '1.27.5'],
])('reads the version of %s', (reference, version) => {
  expect(KanikoImage.of(reference)).toMatchObject({ reference, version });
});

test('takes the version from the caller where the tag does not tell it', () => {
  expect(KanikoImage.of('mirror.contoso.example/kaniko:pinned', { version: '1.28.3' }).version).toBe('1.28.3');
  expect(() => KanikoImage.of('mirror.contoso.example/kaniko:debug')).toThrow('the version of "mirror.contoso.example/kaniko:debug" cannot be told');
});

test.each([
  ['gcr.io/kaniko-project/executor:v1.23.2-debug', 'is older than v1.24.0'],
  ['ghcr.io/osscontainertools/kaniko:v1.28.3', 'use the "-debug" image: "ghcr.io/osscontainertools/kaniko:v1.28.3-debug"'],
  ['ghcr.io/osscontainertools/kaniko:v1.28.3-slim', 'has no /busybox'],
  ['not an image', 'reference needs an image reference'],
])('refuses %s', (reference, message) => {
  expect(() => KanikoImage.of(reference)).toThrow(message);
});

test('knows flags and feature flags by version', () => {
  const [oldest, newest] = ['v1.24.0', 'v1.28.3'].map(tag => KanikoImage.of(`kaniko.example/kaniko:${tag}-debug`));
  expect([oldest, newest].map(image => image.knowsFlag('image-format'))).toEqual([false, true]);
  expect([oldest, newest].map(image => image.knowsFlag('target'))).toEqual([true, true]);
  expect([oldest, newest].map(image => image.knowsFeatureFlag('FF_KANIKO_COPY_AS_ROOT'))).toEqual([false, true]);
  expect(newest.knowsFeatureFlag('FF_KANIKO_SQUASH_STAGES')).toBe(false);
  expect(newest.isAtLeast('1.28.3')).toBe(true);
  expect(newest.isAtLeast('1.28.4')).toBe(false);
});

test('lets a later executor have flags that are not known yet, and not an older one', () => {
  expect(KanikoImage.of('kaniko.example/kaniko:v1.30.0-debug').knowsFlag('from-the-future')).toBe(true);
  expect(KanikoImage.DEFAULT.knowsFlag('from-the-future')).toBe(false);
});
