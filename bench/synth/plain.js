// The same builds with cdk8s-plus alone. What its constructs cannot say (podFailurePolicy, termination messages, service
// links) is left out rather than patched in, which favours this side. Measured by ../synth.ts against ours.js.
'use strict';
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { App, Chart, Duration, Size } = require('cdk8s');
const kplus = require('cdk8s-plus-28');

const PROGRAM = join(__dirname, '../../assets/prepare-context');
const IMAGE = 'ghcr.io/osscontainertools/kaniko:v1.28.3-debug';
const ADDED = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETFCAP', 'SETGID', 'SETUID'];
const START = [
  "trap 'exit 143' TERM",
  'fail() { echo "error $$1" >&2; exit 1; }',
  'why=$$(/busybox/cp /kaniko/executor /opt/kaniko/executor 2>&1) || fail "copying the executor to /opt/kaniko: $$why"',
  'exec /opt/kaniko/executor "$$@"',
].join('\n');
const NON_ROOT = { user: 65532, group: 65532, capabilities: { drop: ['ALL'] } };

const environment = values => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, kplus.EnvValue.fromValue(value)]));

function build(chart, script, n) {
  const id = `app-${n}-1-0`;
  const labels = { 'app.kubernetes.io/name': 'kaniko-build', 'app.kubernetes.io/instance': id, 'app.kubernetes.io/managed-by': 'cdk-kaniko' };
  const job = new kplus.Job(chart, id, {
    metadata: { name: id, namespace: 'winddata-dev', labels },
    podMetadata: {
      labels: { ...labels, 'azure.workload.identity/use': 'true' },
      annotations: { 'azure.workload.identity/skip-containers': 'kaniko' },
    },
    activeDeadline: Duration.minutes(60),
    ttlAfterFinished: Duration.minutes(60),
    backoffLimit: 3,
    restartPolicy: kplus.RestartPolicy.NEVER,
    automountServiceAccountToken: false,
    serviceAccount: kplus.ServiceAccount.fromServiceAccountName(chart, `${id}-identity`, 'wdap-cicd-identity'),
    securityContext: { ensureNonRoot: false },
  });
  const emptyDir = (name, options) => kplus.Volume.fromEmptyDir(job, name, name, options);
  const secret = (name, secretName, options) => kplus.Volume.fromSecret(job, name, kplus.Secret.fromSecretName(job, `${name}-secret`, secretName), { name, ...options });
  const executor = emptyDir('executor');
  const context = emptyDir('context');
  const trust = emptyDir('trust');
  const temporary = emptyDir('prepare-tmp', { medium: kplus.EmptyDirMedium.MEMORY, sizeLimit: Size.mebibytes(64) });
  const program = kplus.Volume.fromConfigMap(job, 'script', script, { name: 'script' });
  const authorities = kplus.ConfigMap.fromConfigMapName(job, 'authorities', 'contoso-authorities');
  const certificates = kplus.Volume.fromConfigMap(job, 'certificates', authorities, { name: 'certificates-9646d824' });
  const docker = secret('docker-config', 'jfrog-docker', { items: { '.dockerconfigjson': { path: 'config.json' } } });
  const secrets = secret('build-secrets', 'jfrog-credentials', {
    items: { 'jfrog-deb-user': { path: 'jfrog-deb-user' }, 'jfrog-deb-secret': { path: 'jfrog-deb-secret' } },
  });
  const resources = {
    cpu: { request: kplus.Cpu.millis(500) },
    memory: { request: Size.gibibytes(1), limit: Size.gibibytes(4) },
    ephemeralStorage: { request: Size.gibibytes(2), limit: Size.gibibytes(16) },
  };

  const prepare = job.addInitContainer({
    name: 'prepare-context',
    image: 'docker.io/library/buildpack-deps:bookworm-scm',
    command: ['sh', '/opt/cdk-kaniko/program/prepare-context.sh'],
    envVariables: environment({
      HOME: '/tmp',
      TMPDIR: '/tmp',
      PREPARE_GIT_URL: 'https://dev.azure.com/contoso/wind/_git/images',
      PREPARE_GIT_BRANCH: 'main',
      PREPARE_GIT_AUTH: 'workload-identity',
      PREPARE_STORAGE_URL: 'https://contosobinaries.blob.core.windows.net/bin',
      PREPARE_FILES: '-\t0755\tkeep\tkubectl\tk8s/kubectl',
      AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
      PREPARE_CERTIFICATES_DIR: '/opt/cdk-kaniko/certificates',
      PREPARE_TRUST_DIR: '/opt/kaniko/trust',
      PREPARE_CONTEXT_DIR: '/opt/kaniko/context',
      PREPARE_DIRECTORY: `images/app-${n}`,
      PREPARE_DOCKERFILE: 'Dockerfile',
    }),
    securityContext: NON_ROOT,
    resources,
  });
  prepare.mount('/opt/cdk-kaniko/program', program, { readOnly: true });
  prepare.mount('/tmp', temporary);
  prepare.mount('/opt/kaniko/context', context);
  prepare.mount('/opt/cdk-kaniko/certificates/9646d824', certificates, { readOnly: true });
  prepare.mount('/opt/kaniko/trust', trust);

  const kaniko = job.addContainer({
    name: 'kaniko',
    image: IMAGE,
    command: ['/busybox/sh', '-c', START, '/opt/kaniko/executor'],
    args: [
      `--context=dir:///opt/kaniko/context/images/app-${n}`,
      `--dockerfile=/opt/kaniko/context/images/app-${n}/Dockerfile`,
      '--force=true',
      '--digest-file=/dev/termination-log',
      `--destination=registry.contoso.example/docker-local/app-${n}:1.0`,
      '--cache=false',
      '--snapshot-mode=redo',
      '--push-retry=3',
      '--image-download-retry=3',
      '--image-fs-extract-retry=3',
      '--credential-helpers=',
      '--log-format=text',
      '--verbosity=info',
    ],
    envVariables: environment({
      DOCKER_CONFIG: '/kaniko/.docker/',
      SSL_CERT_DIR: '/opt/kaniko/trust:/kaniko/ssl/certs',
      FF_KANIKO_COPY_AS_ROOT: 'true',
    }),
    securityContext: { ensureNonRoot: false, readOnlyRootFilesystem: false, user: 0, group: 0, capabilities: { add: ADDED, drop: ['ALL'] } },
    resources,
  });
  kaniko.mount('/opt/kaniko', executor);
  kaniko.mount('/opt/kaniko/context', context);
  kaniko.mount('/kaniko/.docker', docker, { readOnly: true });
  kaniko.mount('/kaniko/secrets', secrets, { readOnly: true });
  kaniko.mount('/opt/kaniko/trust', trust);
}

const prepareScript = chart => new kplus.ConfigMap(chart, 'script', {
  metadata: { name: 'prepare', namespace: 'winddata-dev' },
  immutable: true,
  data: Object.fromEntries(readdirSync(PROGRAM).map(file => [file, readFileSync(join(PROGRAM, file), 'utf8')])),
});

// With `each`, every build has a chart of its own, as the examples of cdk8s have it.
module.exports = (count, outdir, charts) => {
  const app = new App({ outdir });
  const shared = new Chart(app, 'builds');
  const script = prepareScript(shared);
  for (let n = 0; n < count; n++) {
    if (charts === 'each') {
      const chart = new Chart(app, `app-${n}`);
      // By name: a reference to another chart's object makes the charts depend on each other.
      build(chart, kplus.ConfigMap.fromConfigMapName(chart, 'script', 'prepare'), n);
    } else {
      build(shared, script, n);
    }
  }
  app.synth();
};
