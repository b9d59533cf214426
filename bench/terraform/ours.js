// The stack of this library. Measured by ../terraform.ts against plain.js.
'use strict';
const { App } = require('cdktf');
const { BuildInfrastructureStack, StorageAccess, TokenIssuer } = require('cdk-kaniko/azure');

const app = new App({ outdir: process.argv[2] });
const stack = new BuildInfrastructureStack(app, 'builds', {
  location: 'westeurope',
  resourceGroupName: 'contoso-builds-rg',
  identityName: 'contoso-image-builder',
  issuer: TokenIssuer.fromUrl('https://issuer.contoso.example/'),
  namespace: 'builds',
  serviceAccountName: 'image-builder',
  storageAccountName: 'contosobinaries',
  storageAccess: StorageAccess.fromAnywhere(),
});
stack.storage.addFile('tools/tool', process.argv[3]);
app.synth();
