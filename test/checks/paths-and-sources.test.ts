import { aptSource, blobPath, clashingName, contextDirectory, contextFile, contextPath, fileName, gitCommit, gitRef, gitUrl, mountPath, normalizeDirectory } from '../../src/checks';

test.each([
  ['contextPath', contextPath, ['a', 'a/b', 'a/', '-a', 'a b', '..a', 'a..', 'é', '$(id)', '...'], ['', '/a', '..', 'a/..', '../a', 'a/./b', './a', 'a//b', '~', 'C:/a', 'a\\b', '.git', '.git/a', 'a\tb', `${'é'.repeat(128)}`]],
  ['contextDirectory', contextDirectory, ['.', './', 'a/b/'], ['', '/', '..', '/a']],
  ['contextFile', contextFile, ['Dockerfile', 'a/Dockerfile'], ['a/', '.', '../a']],
  ['fileName', fileName, ['kubectl', 'certs/other.crt', 'certs/old/ca-certificates.crt'], ['a/', 'certs/ca-certificates.crt']],
  ['blobPath', blobPath, ['k8s/kubectl', 'a.b'], ['a/', 'a.', '']],
  ['mountPath', mountPath, ['/etc/pip.conf', '/root/.npmrc'], ['', '/', 'etc', '/a/../b', '/a//b', '/a:b', '/proc/x', '/kaniko', '/kaniko/x', '/dev/x', '/busybox/sh']],
  ['gitRef', gitRef, ['main', 'feature/a', 'refs/heads/main', 'v1.0', 'a@b', '日本'], ['', '@', '-a', 'a..b', 'a b', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[', 'a\\b', '/a', 'a/', 'a//b', 'a.', '.a', 'a/.b', 'a.lock', 'a.lock/b', 'a@{1}', 'refs/heads/', 'a\nb']],
  ['gitCommit', gitCommit, ['a'.repeat(40)], ['a'.repeat(39), '0'.repeat(64), 'g'.repeat(40), 'A'.repeat(40), 'main']],
  ['gitUrl', gitUrl, ['https://dev.azure.com/contoso/wind/_git/images', 'https://git.contoso.example:8443/a', 'https://git.contoso.example/a%20b'], ['', 'http://a/b', 'git@host:a/b', 'ssh://host/a', 'file:///etc', 'ext::sh -c id', '--upload-pack=x', 'https://host', 'https://host/', 'https://host/a b', 'https://host/a?b', 'https://host/a#b', 'https://host/a`id`', 'https://host/$(id)', 'https://u@host/a', 'https://host:99999/a']],
  ['aptSource', aptSource, ['deb https://apt.contoso.example/debian bookworm main', 'deb-src [arch=amd64 signed-by=/a.gpg] https://apt.contoso.example/debian bookworm main contrib', 'deb https://apt.contoso.example/debian ./'], ['', 'deb', 'deb http://apt.contoso.example/debian bookworm main', 'rpm https://a/b c', 'deb https://u:p@a/b c', 'deb https://a/b', 'deb https://a/b c\ndeb https://b/c d', 'deb https://a/b "c"']],
])('%s takes what is valid and refuses what is not', (_, check, good, bad) => {
  expect(good.filter(value => check(value) !== undefined)).toEqual([]);
  expect(bad.filter(value => check(value) === undefined)).toEqual([]);
});

test.each([['a/', 'a'], ['a/b//', 'a/b'], ['.', '.'], ['./', '.']])('%s is the directory %s', (given, directory) => {
  expect(normalizeDirectory(given)).toBe(directory);
});

test('finds names that clash', () => {
  expect(clashingName(['a', 'b', 'a/b'])).toContain('use "a" as a file and as the directory of "a/b"');
  expect(clashingName(['a', 'b', 'a'])).toContain('name "a" twice');
  expect(clashingName(['a', 'ab', 'b/a'])).toBeUndefined();
});
