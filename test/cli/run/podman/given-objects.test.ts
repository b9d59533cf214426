import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GivenObjects } from '../../../../src/cli/run/podman/given-objects';

const folder = mkdtempSync(join(tmpdir(), 'given-'));

function file(content: string): string {
  const path = join(folder, 'secrets.yaml');
  writeFileSync(path, content);
  return path;
}

function mistakes(content: string): string {
  let message = 'no mistake';
  try {
    GivenObjects.read([file(content)]);
  } catch (error) {
    ({ message } = error as Error);
  }
  return message.replaceAll(folder, '');
}

function filesOf(content: string, kind: 'Secret' | 'ConfigMap', name: string, namespace = 'developers') {
  const files = GivenObjects.read([file(content)]).find(kind, name, namespace);
  return files && Object.fromEntries([...files].map(([key, value]) => [key, value.toString('utf8')]));
}

test('reads Secrets and ConfigMaps of several documents, encoded or as text', () => {
  const content = `
apiVersion: v1
kind: Secret
metadata: { name: jfrog }
data: { user: ${Buffer.from('Zoë').toString('base64')}, password: b2xk }
stringData: { password: new }
---
# a comment alone
---
apiVersion: v1
kind: ConfigMap
metadata: { name: pip }
data:
  pip.conf: |
    [global]
binaryData: { icon: AAEC }
`;
  expect(filesOf(content, 'Secret', 'jfrog')).toEqual({ user: 'Zoë', password: 'new' });
  expect(filesOf(content, 'ConfigMap', 'pip')).toEqual({ 'pip.conf': '[global]\n', 'icon': '\u0000\u0001\u0002' });
  expect(filesOf(content, 'ConfigMap', 'jfrog')).toBeUndefined();
});

test('prefers the object of the build\'s namespace, and does not take another namespace\'s', () => {
  const secret = (namespace: string, value: string) => `kind: Secret\nmetadata: { name: a${namespace} }\nstringData: { key: ${value} }\n`;
  const content = [secret('', 'any'), secret(', namespace: developers', 'own'), secret(', namespace: others', 'other')].join('---\n');
  expect(filesOf(content, 'Secret', 'a')).toEqual({ key: 'own' });
  expect(filesOf(content, 'Secret', 'a', 'testers')).toEqual({ key: 'any' });
  expect(filesOf(secret(', namespace: others', 'other'), 'Secret', 'a')).toBeUndefined();
});

test.each([
  ['kind: Job\nmetadata: { name: a }', '/secrets.yaml:1: kind needs to be Secret or ConfigMap, got "Job"; leave other objects out'],
  ['- a', '/secrets.yaml:1: kind needs to be Secret or ConfigMap, got none; leave other objects out'],
  ['kind: Secret\nstringData: { a: b }', '/secrets.yaml:1: metadata.name is required; name the Secret as the parameters name it'],
  ['kind: Secret\nmetadata: { name: ../a }', 'metadata.name needs'],
  ['kind: Secret\nmetadata: { name: a }\nstringData:\n  ../../etc/passwd: x', '/secrets.yaml:4: stringData.../../etc/passwd needs a key of a Secret'],
  ['kind: Secret\nmetadata: { name: a }\nstringData: { key: 12345 }', 'stringData.key needs a text, got a number; put it into quotes'],
  ['kind: Secret\nmetadata: { name: a }\nstringData: text', 'stringData needs a mapping from keys to values'],
  ['kind: Secret\nmetadata: { name: a }\ndata: { key: plain-text }', 'data.key is not base64; encode it, or write it as it is below stringData'],
  ['kind: Secret\nmetadata: { name: a }\n---\nkind: Secret\nmetadata: { name: a }', '/secrets.yaml:4: gives the Secret "a" a second time; remove one'],
  ['kind: Secret\nmetadata: { name: "a }', 'is no valid YAML or JSON'],
])('says where and what is wrong: %j', (content, expected) => {
  expect(mistakes(content)).toContain(expected);
});

test('shows no value, whatever is wrong', () => {
  const said = mistakes('kind: Secret\nmetadata: { name: a }\ndata: { one: "geheim geheim!", two: [geheim] }\nstringData: { three: { four: geheim } }\n---\ngeheim: "geheim\n');
  expect(said).toContain('data.one');
  expect(said).not.toContain('geheim!');
  expect(said.match(/geheim/g) ?? []).toEqual([]);
});

test('names a file that cannot be read, and the mistakes of the others too', () => {
  const bad = file('kind: Job');
  expect(() => GivenObjects.read(['/nowhere/secrets.yaml', bad])).toThrow(/cannot be read \(ENOENT\).*\n.*kind needs/s);
});
