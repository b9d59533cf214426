// N image builds by this library. Measured by ../synth.ts against plain.js.
'use strict';
const { BuildChart } = require('cdk-kaniko');
const { App } = require('cdk8s');

module.exports = (count, outdir) => {
  const app = new App({ outdir });
  const chart = new BuildChart(app, 'builds');
  for (let n = 0; n < count; n++) {
    chart.addBuild({
      namespace: 'winddata-dev',
      workloadIdentity: 'wdap-cicd-identity',
      managedIdentityClientId: '00000000-0000-0000-0000-000000000000',
      repositoryUrl: 'https://dev.azure.com/contoso/wind/_git/images',
      branchName: 'main',
      imagePath: `images/app-${n}`,
      registry: 'registry.contoso.example/docker-local',
      imageName: `app-${n}`,
      imageTag: '1.0',
      storageAccountName: 'contosobinaries',
      appFiles: [{ path: 'k8s/kubectl', name: 'kubectl' }],
      registrySecretName: 'jfrog-docker',
      buildSecretName: 'jfrog-credentials',
      caCertificates: [{ configMapName: 'contoso-authorities' }],
    });
  }
  app.synth();
};
