import { firstLine, leastYaml } from './base';
import { readParameters } from '../../src/parameters/read-parameters';

/** What is wrong, the lines added to a valid file, the path, the line counted from the first added one, a part of the message. */
type Case = readonly [what: string, lines: string, path: string, line: number, message: string];

const PASSWORD = 'hunter2';
const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw.${PASSWORD}`;
const FILES = 'workloadIdentity: builder\nstorageAccountName: contosobinaries\n';

const IMAGES: Case[] = [
  ['an image name in capitals', 'imageName: App', 'imageName', 1, 'needs the name of an image (lower-case letters, digits, ".", "_", "-" and "/"), got "App"'],
  ['an image name with a step upwards', 'imageName: a/../b', 'imageName', 1, 'got "a/../b"; write for example "build-agent"'],
  ['an image name with a tag', 'imageName: app:1.0', 'imageName', 1, 'got "app:1.0"'],
  ['a registry with a scheme', 'registry: https://registry.contoso.example', 'registry', 1, 'needs no scheme, got "https://registry.contoso.example"; write "registry.contoso.example"'],
  ['a registry without a host', 'registry: docker-local', 'registry', 1, 'needs a registry with an optional path, got "docker-local"'],
  ['a registry with a tag', 'registry: registry.contoso.example/app:1.0', 'registry', 1, 'got "registry.contoso.example/app:1.0"'],
  ['no tag', 'imageTag:', 'imageTag', 1, 'is required; write for example "imageTag: python-311-42"'],
  ['an empty tag', 'imageTag: ""', 'imageTag', 1, 'is required'],
  ['a tag that begins with a dash', 'imageTag: -x', 'imageTag', 1, 'needs a tag (at most 128 letters, digits, ".", "_" and "-", not beginning with "." or "-"), got "-x"'],
  ['a tag that is too long', `imageTag: ${'a'.repeat(129)}`, 'imageTag', 1, 'at most 128 letters'],
  ['the same tag twice', 'imageTag: "1"\nadditionalTags: ["1"]', 'additionalTags', 2, 'names the tag "1" twice; leave one out'],
  ['an empty further tag', 'additionalTags: [""]', 'additionalTags[0]', 1, 'got ""'],
  ['a destination without registry', 'additionalDestinations: [app]', 'additionalDestinations[0]', 1, 'needs a registry, got "app", which would be pushed to Docker Hub; write "registry.contoso.example/docker-local/app"'],
  ['a destination without tag', 'additionalDestinations:\n  - registry.contoso.example/app', 'additionalDestinations[0]', 2, 'needs a tag, got "registry.contoso.example/app"; write "registry.contoso.example/app:1.0"'],
  ['a destination with a digest', `additionalDestinations: ["r.contoso.example/app:1@sha256:${'a'.repeat(64)}"]`, 'additionalDestinations[0]', 1, 'the registry computes the digest: write "r.contoso.example/app:1"'],
  ['a mirror with a scheme', 'registryMaps: {docker.io: https://mirror.contoso.example}', 'registryMaps["docker.io"]', 1, 'write "mirror.contoso.example"'],
  ['a map of no registry', 'registryMaps: {debian: mirror.contoso.example}', 'registryMaps', 1, 'has a key that is no registry, "debian"; write for example "docker.io"'],
  ['mirrors only, and none', 'registryMirrorsOnly: true', 'registryMirrorsOnly', 1, 'needs a mirror; name one in registryMirrors or registryMaps'],
  ['an executor without version', 'kanikoImage: registry.contoso.example/kaniko:latest', 'kanikoImage', 1, 'cannot be told from its tag; pass it, for example version "1.28.3"'],
  ['an executor that is too old', 'kanikoImage: registry.contoso.example/kaniko:v1.20.0-debug', 'kanikoImage', 1, 'is older than v1.24.0'],
  ['an executor without shell', 'kanikoImage: registry.contoso.example/kaniko:v1.28.3', 'kanikoImage', 1, 'use the "-debug" image: "registry.contoso.example/kaniko:v1.28.3-debug"'],
  ['the version of no executor', 'kanikoVersion: 1.28.3', 'kanikoVersion', 1, 'is the version of kanikoImage, which is not given'],
];

const PATHS: Case[] = [
  ['a path upwards', 'imagePath: ../images', 'imagePath', 1, 'leaves the build context by "..", got "../images"; write a path below the build context'],
  ['a path upwards in the middle', 'imagePath: a/../../b', 'imagePath', 1, 'leaves the build context by ".."'],
  ['an absolute path', 'imagePath: /etc', 'imagePath', 1, 'needs a relative path, got "/etc"'],
  ['a path of Windows', 'imagePath: C:\\images', 'imagePath', 1, 'needs a relative path'],
  ['a path with backslashes', 'imagePath: k8s\\images', 'imagePath', 1, 'needs "/" between its parts, got "k8s\\\\images"; write "k8s/images"'],
  ['a home directory', 'imagePath: ~/images', 'imagePath', 1, 'begins with "~", which nothing here expands'],
  ['an empty part', 'imagePath: a//b', 'imagePath', 1, 'has an empty part or "."'],
  ['git\'s own directory', 'imagePath: .git/hooks', 'imagePath', 1, 'lies in ".git"'],
  ['an absolute Dockerfile', 'dockerFile: /etc/passwd', 'dockerFile', 1, 'needs a relative path, got "/etc/passwd"'],
  ['a directory as Dockerfile', 'dockerFile: Dockerfile/', 'dockerFile', 1, 'is a directory, got "Dockerfile/"; write the file\'s name'],
  ['a file that lands outside', 'appFiles: [{path: a, name: ../b}]', 'appFiles[0].name', 1, 'leaves the build context by ".."'],
  ['a file over the certificates', 'appFiles: [{path: a, name: certs/ca-certificates.crt}]', 'appFiles[0].name', 1, 'is the place of the certificate bundle'],
  ['two files of one name', `${FILES}appFiles:\n  - {path: a, name: b}\n  - {path: c, name: b}`, 'appFiles', 3, 'name "b" twice; give each file a name of its own'],
  ['a file as a directory', `${FILES}appFiles: [{path: a, name: b}, {path: c, name: b/d}]`, 'appFiles', 3, 'use "b" as a file and as the directory of "b/d"; rename one'],
  ['a mount over the executor', 'mountedFiles: [{path: /kaniko/executor, secretName: a, key: b}]', 'mountedFiles[0].path', 1, 'lies below /kaniko, which the build itself needs'],
  ['a relative mount', 'mountedFiles: [{path: etc/pip.conf, secretName: a, key: b}]', 'mountedFiles[0].path', 1, 'needs an absolute path, got "etc/pip.conf"; write for example "/etc/pip.conf"'],
  ['a checksum that is none', 'appFiles:\n  - path: a\n    name: b\n    sha256: abc', 'appFiles[0].sha256', 4, 'needs 64 hexadecimal digits, got "abc"; run "sha256sum FILE"'],
];

const NAMES: Case[] = [
  ['a namespace in capitals', 'namespace: Builds', 'namespace', 1, 'needs a DNS label (at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit), got "Builds"'],
  ['a name that is too long', `name: ${'a'.repeat(64)}`, 'name', 1, 'needs a DNS label (at most 63'],
  ['a service account with a space', 'workloadIdentity: a b', 'workloadIdentity', 1, 'needs the name of a Kubernetes object (lower-case letters, digits, "-" and "."), got "a b"'],
  ['a client id that is none', 'managedIdentityClientId: abc', 'managedIdentityClientId', 1, 'needs an id of 32 hexadecimal digits in five groups, got "abc"'],
  ['a storage account in capitals', 'storageAccountName: Contoso', 'storageAccountName', 1, '3 to 24 lower-case letters and digits'],
  ['a container with two dashes', 'storageContainerName: a--b', 'storageContainerName', 1, 'single "-"'],
  ['a branch with two dots', 'branchName: a..b', 'branchName', 1, 'is no valid name of a branch or tag, got "a..b"; write for example "main"'],
  ['a branch that git reads as an option', 'branchName: --upload-pack=x', 'branchName', 1, 'is no valid name of a branch or tag'],
  ['a short commit', 'commitId: abc1234', 'commitId', 1, 'a short one cannot be fetched), got "abc1234"'],
  ['a node label with a space', 'nodeSelector: {team: a b}', 'nodeSelector["team"]', 1, 'needs a label value'],
  ['a label key with a space', 'nodeSelector: {a b: c}', 'nodeSelector', 1, 'has a key that needs a label key, got "a b"; write for example "contoso.example/team"'],
];

const UNKNOWN: Case[] = [
  ['a parameter with a slip', 'imageNam: app', 'imageNam', 1, 'is no parameter; did you mean "imageName"?'],
  ['a parameter in another case', 'dockerfile: Dockerfile', 'dockerfile', 1, 'did you mean "dockerFile"?'],
  ['a parameter that is unlike any', 'zzz: 1', 'zzz', 1, 'is no parameter; the known ones are printed by "cdk-kaniko schema"'],
  ['a field with a slip', 'appFiles:\n  - path: a\n    name: b\n    sha265: c', 'appFiles[0].sha265', 4, 'did you mean "sha256"?'],
  ['the prototype', '__proto__: {imageName: x}', '__proto__', 1, 'is no parameter'],
  ['a merge', '"<<": {imageName: x}', '<<', 1, 'is no parameter'],
  ['a choice with a slip', 'snapshotMode: ful', 'snapshotMode', 1, 'needs one of full, redo, time, got "ful"; did you mean "full"?'],
  ['an unknown flag of kaniko', 'args: --regsitry-mirror=x', 'args', 1, 'is no flag of kaniko v1.28.3; did you mean "registry-mirror"?'],
  ['a flag that the pod sets', 'args: [--destination=x]', 'args', 1, '--destination is set by the destinations (imageName, imageTag, additionalTags); remove it'],
  ['a short flag', 'args: [-v]', 'args', 1, 'write a flag\'s long form, "--flag=value"'],
  ['a flag without its value', 'args: --label', 'args', 1, '--label needs a value; write "--label=value"'],
  ['an unknown feature flag', 'featureFlags: {FF_KANIKO_NOPE: true}', 'featureFlags', 1, 'FF_KANIKO_NOPE is no feature flag of kaniko v1.28.3'],
];

const TYPES: Case[] = [
  ['a list for a text', 'imageTag: [a]', 'imageTag', 1, 'needs a text, got a list; write one value'],
  ['a mapping for a text', 'imageTag: {a: b}', 'imageTag', 1, 'needs a text, got a mapping; write one value'],
  ['a boolean for a text', 'imageTag: true', 'imageTag', 1, 'needs a text, got the boolean true; put it in quotes'],
  ['a text for a list', 'appFiles: kubectl', 'appFiles', 1, 'needs a list, got "kubectl"; begin each item with "- "'],
  ['a text for a file', 'appFiles:\n  - kubectl', 'appFiles[0]', 2, 'needs a mapping with path, name, got "kubectl"'],
  ['a file without its name', 'appFiles:\n  - path: kubectl', 'appFiles[0].name', 2, 'is required; write for example "name: kubectl"'],
  ['a fraction for a whole number', 'timeoutMinutes: 1.5', 'timeoutMinutes', 1, 'needs a whole number from 1 to 1440, got the number 1.5'],
  ['a number that is too small', 'timeoutMinutes: 0', 'timeoutMinutes', 1, 'needs a whole number from 1 to 1440, got 0'],
  ['yes for true', 'cache: yes', 'cache', 1, 'needs true or false, got "yes"'],
  ['a list for a mapping', 'labels: [a]', 'labels', 1, 'needs a mapping, got a list; write "name: value"'],
  ['nothing for a label', 'labels: {a: null}', 'labels["a"]', 1, 'needs a text, got nothing'],
  ['a list for a build argument', 'args:\n  A: [1]', 'args["A"]', 2, 'needs a text; write for example "VERSION: 1.0"'],
  ['a build argument without value', 'args: A=1 B', 'args', 1, 'holds "B" without a value; write "B=value"'],
  ['an open quote', 'args: "A=\'x"', 'args', 1, 'has a quote that is not closed'],
  ['a boolean as args', 'args: true', 'args', 1, 'needs a map, a list or a string, got the boolean true'],
  ['memory in another unit', 'memoryLimit: 4GB', 'memoryLimit', 1, 'one of the units Ki, Mi, Gi and Ti, got "4GB"; write for example "4Gi"'],
  ['a text as affinity', 'affinity: ssd', 'affinity', 1, 'needs a mapping, got "ssd"'],
];

const CHARACTERS: Case[] = [
  ['a Terraform token', 'managedIdentityClientId: "${TfToken[TOKEN.4]}"', 'managedIdentityClientId', 1, 'holds a Terraform token, which only `cdktf deploy` can resolve'],
  ['a Terraform token within', 'affinity: {nodeAffinity: "${TfToken[TOKEN.4]}"}', 'affinity.nodeAffinity', 1, 'holds a Terraform token'],
  ['a Terraform token for a Secret\'s name', 'buildSecretName: "${TfToken[TOKEN.4]}"', 'buildSecretName', 1, 'holds a Terraform token'],
  ['a line break', 'imagePath: "a\\nb"', 'imagePath', 1, 'holds a line break or control character (U+000A), got "a\\nb"; remove it'],
  ['a block text', 'imagePath: |\n  a\n  b', 'imagePath', 1, '(U+000A)'],
  ['a line break in a build argument', 'args: {A: "x\\ny"}', 'args["A"]', 1, '(U+000A)'],
  ['a line break in a name', 'poolName: "a\\nb"', 'poolName', 1, '(U+000A)'],
  ['NUL', 'imagePath: "a\\0b"', 'imagePath', 1, '(U+0000), got "a\\u0000b"'],
  ['half a character', 'args: {A: "\\ud83d"}', 'args["A"]', 1, 'is not valid Unicode'],
  ['a substitution', 'imageTag: a$(id)', 'imageTag', 1, 'got "a$(id)"'],
  ['backticks', 'imageTag: "`id`"', 'imageTag', 1, 'got "`id`"'],
  ['quotes', 'imageTag: \'a"b\'', 'imageTag', 1, 'got "a\\"b"'],
  ['a YAML anchor', 'imageTag: &tag "1"', '', 1, 'uses the YAML anchor "&tag"; remove it'],
  ['a YAML alias', 'imageTag: *tag', '', 1, 'uses the YAML alias "*tag"; write the value out'],
  ['a YAML tag', 'imageTag: !!str 1', '', 1, 'uses the YAML tag "tag:yaml.org,2002:str"; write the plain value'],
  ['a duplicate key', 'imageTag: a\nimageTag: b', '', 2, 'is no valid YAML or JSON: Map keys must be unique; mend the file'],
  ['an open quote in YAML', 'imageTag: "a', '', 2, 'is no valid YAML or JSON'],
  ['very deep nesting', `x: ${'['.repeat(20_000)}`, '', 1, 'is no valid YAML or JSON'],
];

/** The message must not repeat the password. */
const SECRETS: Case[] = [
  ['a password for a Secret\'s name', `buildSecretName: "${PASSWORD}!"`, 'buildSecretName', 1, 'needs the name of a Secret (lower-case letters, digits, "-" and "."); the value is not shown'],
  ['a password with a line break for a Secret\'s name', `buildSecretName: |\n  ${PASSWORD}\n`, 'buildSecretName', 1, 'the value is not shown'],
  ['a token for a Secret\'s name', `registrySecretName: ${JWT}`, 'registrySecretName', 1, 'looks like a JSON web token (not shown), and manifests are no place for one; put it into a Secret'],
  ['a token as a build argument', `args: {TOKEN: ${JWT}}`, 'args["TOKEN"]', 1, 'looks like a JSON web token (not shown)'],
  ['a token as a build argument\'s name', `args: {${JWT}: 1}`, 'args[(not shown)]', 1, 'looks like a JSON web token'],
  ['a token as a parameter', `${JWT}: 1`, '(not shown)', 1, 'is no parameter'],
  ['a password in a build argument\'s address', `args: {PIP_INDEX_URL: "https://u:${PASSWORD}@pypi.contoso.example"}`, 'args["PIP_INDEX_URL"]', 1, 'looks like an address with a password (not shown)'],
  ['a password within a build argument', `args: ["OPTS=-i https://u:${PASSWORD}@pypi.contoso.example"]`, 'args["OPTS"]', 1, 'looks like an address with a password'],
  ['a password in the repository', `repositoryUrl: https://u:${PASSWORD}@git.contoso.example/x`, 'repositoryUrl', 1, 'holds a user name or password before "@" (not shown)'],
  ['a password with a slash in the repository', `repositoryUrl: https://u:a/${PASSWORD}@git.contoso.example/x`, 'repositoryUrl', 1, '(not shown)'],
  ['a password in a repository without scheme', `repositoryUrl: u:${PASSWORD}@git.contoso.example/x`, 'repositoryUrl', 1, '(not shown)'],
  ['a token in the repository\'s query', `repositoryUrl: https://git.contoso.example/x?token=${PASSWORD}`, 'repositoryUrl', 1, 'must not have a query or fragment, got "https://git.contoso.example/x?…"'],
  ['a password in the registry', `registry: https://u:${PASSWORD}@registry.contoso.example`, 'registry', 1, '(not shown)'],
  ['a password in apt\'s sources', `aptSources: ["deb https://u:${PASSWORD}@apt.contoso.example/debian bookworm main"]`, 'aptSources[0]', 1, 'the credentials come from the Secret (aptSecretName)'],
  ['a token as a label\'s key, with a bad value', `nodeSelector: {${JWT}: [1]}`, 'nodeSelector[(not shown)]', 1, 'needs a text'],
];

const TOGETHER: Case[] = [
  ['no source', 'repositoryUrl: ""', 'repositoryUrl', 1, 'is required; write for example "repositoryUrl: https://dev.azure.com/contoso/wind/_git/images", or name a volumeClaimName'],
  ['no revision', 'branchName: ""', 'branchName', 1, 'is required; write for example "branchName: main"'],
  ['a tag and a commit', `tagName: v1\ncommitId: ${'a'.repeat(40)}`, 'commitId', 2, 'stands beside tagName'],
  ['two sources', 'volumeClaimName: images', 'volumeClaimName', 1, 'stands beside repositoryUrl'],
  ['files without identity', 'storageAccountName: contosobinaries\nappFiles: [{path: a, name: b}]', 'appFiles', 2, 'needs workloadIdentity; name the service account'],
  ['files without account', 'workloadIdentity: builder\nappFiles: [{path: a, name: b}]', 'storageAccountName', 0, 'is required for appFiles; write for example "storageAccountName: contosobinaries"'],
  ['a repository that takes no workload identity', 'workloadIdentity: builder\ngitCredentials: workloadIdentity', 'gitCredentials', 2, 'whose token is for Azure Repos alone; name a gitSecretName'],
  ['a service account of nobody', 'createServiceAccount: true', 'createServiceAccount', 1, 'needs workloadIdentity and managedIdentityClientId'],
  ['a file of two sources', 'caCertificates: [{configMapName: a, secretName: b}]', 'caCertificates[0]', 1, 'needs exactly one of configMapName and secretName'],
  ['a cache that is off', 'cacheTtlHours: 5', 'cacheTtlHours', 1, 'is given, but the cache is off; write "cache: true" or remove it'],
  ['a level that gzip lacks', 'compression: gzip\ncompressionLevel: 20', 'compressionLevel', 2, 'needs a whole number from 1 to 9 for gzip, got 20'],
];

test('the file without additions is valid', () => {
  expect(readParameters(leastYaml()).mistakes).toEqual([]);
});

describe.each([
  ['images', IMAGES], ['paths', PATHS], ['names', NAMES], ['unknown words', UNKNOWN], ['types', TYPES], ['characters', CHARACTERS],
  ['secrets', SECRETS], ['parameters together', TOGETHER],
])('%s', (_, cases) => {
  test.each(cases)('refuses %s', (_what, lines, path, line, message) => {
    const { builds, mistakes } = readParameters(leastYaml(lines));
    const expected = line === 0 ? 1 : firstLine(lines) + line - 1;
    expect(builds).toEqual([]);
    expect(mistakes).toContainEqual({ path, line: expected, message: expect.stringContaining(message) });
    expect(JSON.stringify(mistakes)).not.toContain(PASSWORD);
  });
});

test('every message stands on one line of moderate length', () => {
  for (const [, lines] of [...IMAGES, ...PATHS, ...NAMES, ...UNKNOWN, ...TYPES, ...CHARACTERS, ...SECRETS, ...TOGETHER]) {
    for (const { path, message } of readParameters(leastYaml(lines)).mistakes) { expect(`${path} ${message}`).toMatch(/^.{1,400}$/); }
  }
});
