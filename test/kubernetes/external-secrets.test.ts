import { App, Chart, Duration, Testing } from 'cdk8s';
import { KeyVaultSecrets, KeyVaultSecretsProps } from '../../src/kubernetes/external-secrets';

const PROPS: KeyVaultSecretsProps = { vaultUrl: 'https://contoso-builds-kv.vault.azure.net', serviceAccountName: 'image-builder' };
const ACCOUNT = { registry: 'registry.contoso.example', usernameSecret: 'jfrog-user', passwordSecret: 'jfrog-token' };

function newChart(): Chart { return new Chart(new App(), 'ci', { namespace: 'builds' }); }

function secrets(props: Partial<KeyVaultSecretsProps> = {}): KeyVaultSecrets { return new KeyVaultSecrets(newChart(), 'Vault', { ...PROPS, ...props }); }

function manifests(use: (subject: KeyVaultSecrets) => void, props: Partial<KeyVaultSecretsProps> = {}): any[] {
  const chart = newChart();
  use(new KeyVaultSecrets(chart, 'Vault', { ...PROPS, ...props }));
  return Testing.synth(chart);
}

test('reads the vault as the service account, in the chart\'s namespace', () => {
  expect(manifests(() => {})).toEqual([{
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: expect.any(String), namespace: 'builds' },
    spec: {
      provider: {
        azurekv: {
          authType: 'WorkloadIdentity',
          environmentType: 'PublicCloud',
          vaultUrl: 'https://contoso-builds-kv.vault.azure.net',
          serviceAccountRef: { name: 'image-builder' },
        },
      },
    },
  }]);
});

test.each([
  ['https://contoso-builds-kv.vault.azure.cn', 'ChinaCloud'],
  ['https://contoso-builds-kv.vault.usgovcloudapi.net/', 'USGovernmentCloud'],
])('knows the cloud of %s', (vaultUrl, environment) => {
  expect(manifests(() => {}, { vaultUrl })[0].spec.provider.azurekv.environmentType).toBe(environment);
});

test('fills the keys of a Secret, as the seed\'s Dockerfile reads them', () => {
  const [store, external] = manifests(subject => {
    expect(subject.addSecret('jfrog', { 'jfrog-deb-user': 'debian-user', 'jfrog-deb-secret': 'debian-token' }).name).toBe('jfrog');
  });
  expect(external).toEqual({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'jfrog', namespace: 'builds' },
    spec: {
      refreshInterval: '3600s',
      secretStoreRef: { kind: 'SecretStore', name: store.metadata.name },
      target: { name: 'jfrog', creationPolicy: 'Owner' },
      data: [
        { secretKey: 'jfrog-deb-user', remoteRef: { key: 'debian-user' } },
        { secretKey: 'jfrog-deb-secret', remoteRef: { key: 'debian-token' } },
      ],
    },
  });
});

test('makes a docker config of several registries, of which the values stay in the cluster', () => {
  const [, external] = manifests(subject => subject.addDockerConfig('docker-config', [
    ACCOUNT, { registry: 'mirror.contoso.example/docker', usernameSecret: 'mirror-user', passwordSecret: 'mirror-token' },
  ]));
  expect(external.spec.target).toEqual({
    name: 'docker-config',
    creationPolicy: 'Owner',
    template: {
      engineVersion: 'v2',
      type: 'kubernetes.io/dockerconfigjson',
      data: {
        '.dockerconfigjson': '{"auths":{"registry.contoso.example":{"auth":"{{ printf "%s:%s" .username0 .password0 | b64enc }}"},'
          + '"mirror.contoso.example/docker":{"auth":"{{ printf "%s:%s" .username1 .password1 | b64enc }}"}}}',
      },
    },
  });
  expect(external.spec.data).toEqual([
    { secretKey: 'username0', remoteRef: { key: 'jfrog-user' } },
    { secretKey: 'password0', remoteRef: { key: 'jfrog-token' } },
    { secretKey: 'username1', remoteRef: { key: 'mirror-user' } },
    { secretKey: 'password1', remoteRef: { key: 'mirror-token' } },
  ]);
});

test('reads the vault again as often as is said', () => {
  const [, external] = manifests(subject => subject.addSecret('jfrog', { token: 'token' }), { refreshInterval: Duration.minutes(10) });
  expect(external.spec.refreshInterval).toBe('600s');
});

test.each<[string, () => unknown, string]>([
  ['an address of plain http', () => secrets({ vaultUrl: 'http://contoso-builds-kv.vault.azure.net' }), 'vaultUrl needs the address of a key vault'],
  ['an address elsewhere', () => secrets({ vaultUrl: 'https://vault.contoso.example' }), 'vaultUrl needs the address of a key vault'],
  ['a Terraform token', () => secrets({ vaultUrl: '${TfToken[TOKEN.1]}' }), 'vaultUrl holds a Terraform token'],
  ['a service account that is none', () => secrets({ serviceAccountName: 'Image Builder' }), 'serviceAccountName needs'],
  ['a Secret that is none', () => secrets().addSecret('JFrog', { a: 'a' }), 'name needs'],
  ['a Secret without keys', () => secrets().addSecret('jfrog', {}), 'addSecret("jfrog") names no key'],
  ['a key that is none', () => secrets().addSecret('jfrog', { 'a/b': 'a' }), 'key needs'],
  ['a vault secret that is none', () => secrets().addSecret('jfrog', { a: 'jfrog_user' }), 'keys.a needs the name of a secret in a key vault'],
  ['a config without registries', () => secrets().addDockerConfig('docker', []), 'addDockerConfig("docker") names no registry'],
  ['a registry that is none', () => secrets().addDockerConfig('docker', [{ ...ACCOUNT, registry: 'https://x' }]), 'accounts[0].registry'],
  ['a registry that breaks out of the template', () => secrets().addDockerConfig('docker', [{ ...ACCOUNT, registry: 'a.example/{{ .x }}' }]), 'accounts[0].registry'],
  ['a registry twice', () => secrets().addDockerConfig('docker', [ACCOUNT, ACCOUNT]), 'accounts[1].registry "registry.contoso.example" has an account already'],
  ['a password in place of its name', () => secrets().addDockerConfig('docker', [{ ...ACCOUNT, passwordSecret: 'ghp_0123456789012345678901234567890123456' }]), 'accounts[0].passwordSecret looks like an access token (not shown)'],
])('refuses %s', (_, make, message) => {
  expect(make).toThrow(`[ci/Vault] ${message}`);
});

test('refuses a Secret that is declared already', () => {
  const subject = secrets();
  subject.addSecret('jfrog', { a: 'a' });
  expect(() => subject.addDockerConfig('jfrog', [ACCOUNT])).toThrow('[ci/Vault] Secret "jfrog" is declared already');
});
