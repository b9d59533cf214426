// Synthesizes the main example of each half and shows what was written: the Kubernetes manifest of
// examples/build-agent by the command line, the Terraform of examples/infrastructure. Needs a compiled library.
'use strict';
const { execFileSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const { join, relative } = require('node:path');
const { synthesizeExamples } = require('./terraform-examples');

const root = join(__dirname, '..');
const out = join(root, 'dist', 'examples');
rmSync(out, { recursive: true, force: true });

// Paths relative to the root, as the reader would type them.
console.log('Kubernetes: examples/build-agent/build.yaml');
execFileSync(process.execPath, ['bin/cdk-kaniko', 'synth', '-f', 'examples/build-agent/build.yaml', '-o', 'dist/examples/build-agent'],
  { cwd: root, stdio: 'inherit' });

console.log('\nAzure: examples/infrastructure');
for (const { directory } of synthesizeExamples(out)) { console.log(relative(root, join(directory, 'cdk.tf.json'))); }
