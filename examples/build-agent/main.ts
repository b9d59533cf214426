// The build of build.yaml, composed in TypeScript: `npx cdk8s synth` in this folder writes dist/images.k8s.yaml.
import { App, Chart } from 'cdk8s';
import { ConfigMap, Secret } from 'cdk8s-plus-28';
import {
  BinaryFiles, BuildContext, BuildSecrets, CaCertificates, GitCredentials, KanikoBuild, RegistryCredentials, WorkloadIdentity,
} from 'cdk-kaniko';

const app = new App();
const chart = new Chart(app, 'images', { namespace: 'winddata-dev' });

// What exists in the namespace is referred to by name.
const dockerConfig = Secret.fromSecretName(chart, 'DockerConfig', 'jfrog-docker');
const jfrog = Secret.fromSecretName(chart, 'Jfrog', 'jfrog-credentials');
const authorities = ConfigMap.fromConfigMapName(chart, 'Authorities', 'contoso-authorities');

new KanikoBuild(chart, 'BuildAgent', {
  name: 'build-agent-python-311-42',
  context: BuildContext.fromGit('https://dev.azure.com/contoso/wind/_git/images', {
    branch: 'main',
    directory: 'k8s/images/build-agent',
    credentials: GitCredentials.fromWorkloadIdentity(),
  }),
  dockerfile: 'python-311.Dockerfile',
  buildArgs: { BASE_IMAGE: 'registry.contoso.example/docker-remote/debian:bookworm-slim' },
  destinations: ['registry.contoso.example/docker-local/build-agent:python-311-42'],
  binaryFiles: BinaryFiles.fromStorageAccount('contosobinaries', {
    files: [
      { path: 'k8s/kubectl', name: 'kubectl' },
      { path: 'k8s/kubelogin', name: 'kubelogin' },
    ],
  }),
  identity: WorkloadIdentity.fromServiceAccountName('wdap-cicd-identity'),
  registryCredentials: RegistryCredentials.fromSecret(dockerConfig),
  buildSecrets: [BuildSecrets.fromSecret(jfrog)],
  caCertificates: [CaCertificates.fromConfigMap(authorities)],
});

app.synth();
