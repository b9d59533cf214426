// Asks Terraform itself about every example with a cdktf.json: synthesizes it and runs `terraform init` and
// `terraform validate` on each stack, with the azurerm provider that cdktf's package was made for.
//
// The provider comes from where Terraform finds it: the registry, or a directory that the file named by
// TF_CLI_CONFIG_FILE calls a `filesystem_mirror`. Where it is not to be had, that is said and nothing fails,
// except with --required.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const EXAMPLES = join(__dirname, '..', 'examples');
const PROVIDER_IS_MISSING = /Failed to query available provider packages|Failed to install provider|Could not retrieve the list of available versions/;

function run(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  return result.error
    ? { ok: false, missing: true, output: `${command} cannot be started (${result.error.code}); install it and put it on the PATH` }
    : { ok: result.status === 0, missing: false, output: `${result.stdout}${result.stderr}` };
}

function synthesize(example, outdir) {
  const { app, context } = JSON.parse(readFileSync(join(example, 'cdktf.json'), 'utf8'));
  const { ok, output } = run(app, [], {
    cwd: example, shell: true, env: { ...process.env, CDKTF_OUTDIR: outdir, CDKTF_CONTEXT_JSON: JSON.stringify(context ?? {}) },
  });
  if (!ok) { throw new Error(`[${example}] cannot be synthesized:\n${output}`); }
}

function validate(stack) {
  // A registry out of reach should not be waited for: the answer is the same after five seconds as after a minute.
  const options = { cwd: stack, env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_REGISTRY_CLIENT_TIMEOUT: '5' } };
  const init = run('terraform', ['init', '-backend=false', '-input=false', '-no-color'], options);
  if (!init.ok) { return { state: init.missing || PROVIDER_IS_MISSING.test(init.output) ? 'missing' : 'invalid', output: init.output }; }
  const result = run('terraform', ['validate', '-no-color'], options);
  return { state: result.ok ? 'valid' : 'invalid', output: result.output };
}

function main() {
  const required = process.argv.includes('--required');
  const examples = readdirSync(EXAMPLES).filter(name => existsSync(join(EXAMPLES, name, 'cdktf.json')));
  if (examples.length === 0) { throw new Error(`[${EXAMPLES}] holds no example with a cdktf.json`); }
  const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-terraform-'));
  try {
    for (const name of examples) {
      const outdir = join(folder, name);
      synthesize(join(EXAMPLES, name), outdir);
      for (const stack of readdirSync(join(outdir, 'stacks'))) {
        const { state, output } = validate(join(outdir, 'stacks', stack));
        if (state === 'missing') {
          console.log(`${name}/${stack}: NOT VALIDATED, for Terraform or the azurerm provider is not to be had here.`);
          console.log('The provider may lie in a directory that the file of TF_CLI_CONFIG_FILE names as filesystem_mirror. What happened:');
        } else {
          console.log(`${name}/${stack}: ${state}`);
        }
        if (state !== 'valid') { console.log(output.trim().replace(/^/gm, '  ')); }
        if (state === 'invalid' || (state === 'missing' && required)) { process.exitCode = 1; }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
