// N image builds by this library. Measured by ../synth.ts against plain.js.
'use strict';
const { BuildChart } = require('cdk-kaniko');
const { App } = require('cdk8s');
const parameters = require('./parameters.json');

module.exports = (count, outdir) => {
  const app = new App({ outdir });
  const chart = new BuildChart(app, 'builds');
  for (let n = 0; n < count; n++) { chart.addBuild({ ...parameters, imagePath: `images/app-${n}`, imageName: `app-${n}` }); }
  app.synth();
};
