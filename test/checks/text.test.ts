import { noSecret, plainText, quoted, secretKind, secretName, suggestion } from '../../src/checks';

test.each([
  ['-----BEGIN RSA PRIVATE KEY-----', 'a private key'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw.abc', 'a JSON web token'],
  [`ghp_${'a1'.repeat(18)}`, 'an access token'],
  [`glpat-${'a1'.repeat(10)}`, 'an access token'],
  [`AKC${'a1'.repeat(20)}`, 'an Artifactory API key'],
  [`cmVmd${'A1'.repeat(25)}`, 'an Artifactory reference token'],
  [`${'A'.repeat(76)}AZDO${'a1b2'}`, 'an Azure DevOps access token'],
  ['a'.repeat(52), 'an Azure DevOps access token'],
  [`${'A'.repeat(86)}==`, 'a storage account key'],
  ['AccountName=x;AccountKey=abc', 'a storage account key'],
  ['https://x.blob.core.windows.net/bin?sv=1&sig=abcdefghijklmnopqrstuvwx', 'a shared access signature'],
  ['https://user:pass@host', 'an address with a password'],
  ['https://user:pa/ss@host', 'an address with a password'],
  ['--index-url https://:pass@host/simple', 'an address with a password'],
])('%s looks like %s', (value, kind) => {
  expect(secretKind(value)).toBe(kind);
  expect(noSecret(value)).toContain(`looks like ${kind} (not shown)`);
  expect(quoted(value)).toBe('(not shown)');
});

test.each(['jfrog-credentials', 'https://host:8443/a@b', 'ssh://git@host/x', 'a@b:c', 'sha256:' + 'a'.repeat(64), 'a'.repeat(40), 'eyJ', '11111111-2222-3333-4444-555555555555', 'AKC'])(
  '%s looks like no secret', value => {
    expect(secretKind(value)).toBeUndefined();
  });

test.each([['a\nb', 'U+000A'], ['a\0', 'U+0000'], ['\u007f', 'U+007F'], ['\u0085', 'U+0085'], ['\u2028', 'U+2028'], ['\u001b[31m', 'U+001B'], ['\t', 'U+0009']])(
  'refuses the control character in %j', (value, code) => {
    expect(plainText(value)).toContain(`(${code})`);
    // eslint-disable-next-line no-control-regex
    expect(plainText(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  });

test.each(['${TfToken[TOKEN.0]}', 'x-${TfToken[1]}-y', '#{Token[TOKEN.1]}', '${Token[TOKEN.2]}'])('refuses the token %s', value => {
  expect(plainText(value)).toMatch(/token/);
});

test.each(['', 'é 日本 🚀', '$(id) `id` ${HOME}', '"\'\\'])('takes the text %j', value => {
  expect(plainText(value)).toBeUndefined();
});

test('cuts long values', () => {
  expect(quoted('x'.repeat(81))).toBe(`"${'x'.repeat(77)}..."`);
  expect(quoted('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
});

test('never repeats what was given for a Secret\'s name', () => {
  for (const value of ['Hunter2', 'hunter2 ', 'hunter2\n', '$hunter2', 'hunter2/x']) {
    expect(secretName(value)).toContain('needs the name of a Secret');
    expect(secretName(value)).not.toMatch(/hunter2/i);
  }
  expect(secretName('jfrog-credentials')).toBeUndefined();
});

test.each([['imageNam', 'imageName'], ['IMAGENAME', 'imageName'], ['imgTag', 'imageTag'], ['dockerFiles', 'dockerFile']])('%s is near %s', (word, near) => {
  expect(suggestion(word, ['imageName', 'imageTag', 'dockerFile'])).toBe(`; did you mean "${near}"?`);
});

test('suggests nothing that is far, and costs nothing for a huge word', () => {
  expect(suggestion('zzz', ['imageName'])).toBe('');
  expect(suggestion('x'.repeat(1_000_000), ['imageName'])).toBe('');
});
