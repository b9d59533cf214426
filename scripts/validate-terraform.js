// Asks Terraform itself about every example with a cdktf.json: synthesizes it and runs `terraform init` and
// `terraform validate` on each stack, with the azurerm provider that cdktf's package was made for.
//
// The provider comes from where Terraform finds it: the registry, or a directory that the file named by
// TF_CLI_CONFIG_FILE calls a `filesystem_mirror`. Where it is not to be had, that is said and nothing fails,
// except with --required.
'use strict';
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { indented, init, reportMissing, synthesizeExamples, terraform } = require('./terraform-examples');

async function main() {
  const required = process.argv.includes('--required');
  const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-terraform-'));
  try {
    for (const { name, directory } of synthesizeExamples(folder)) {
      const ready = await init(directory);
      if (ready.state === 'missing') {
        reportMissing(name, ready.output);
        if (required) { process.exitCode = 1; }
        continue;
      }
      const { code, output } = ready.state === 'ready' ? await terraform(directory, ['validate', '-no-color']) : ready;
      console.log(`${name}: ${code === 0 ? 'valid' : `invalid\n${indented(output)}`}`);
      if (code !== 0) { process.exitCode = 1; }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch(error => {
  console.error(error.message);
  process.exitCode = 1;
});
