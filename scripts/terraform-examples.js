// The examples that have a cdktf.json, synthesized, and Terraform run on their stacks.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const EXAMPLES = join(__dirname, '..', 'examples');
const PROVIDER_IS_MISSING = /Failed to query available provider packages|Failed to install provider|Could not retrieve the list of available versions/;

/** Synthesizes every example below a folder; gives each stack's name and directory. */
function synthesizeExamples(folder) {
  const examples = readdirSync(EXAMPLES).filter(name => existsSync(join(EXAMPLES, name, 'cdktf.json')));
  if (examples.length === 0) { throw new Error(`[${EXAMPLES}] holds no example with a cdktf.json`); }
  return examples.flatMap(name => {
    const outdir = join(folder, name);
    const example = join(EXAMPLES, name);
    const { app, context } = JSON.parse(readFileSync(join(example, 'cdktf.json'), 'utf8'));
    const result = spawnSync(app, {
      cwd: example, shell: true, encoding: 'utf8', env: { ...process.env, CDKTF_OUTDIR: outdir, CDKTF_CONTEXT_JSON: JSON.stringify(context ?? {}) },
    });
    if (result.status !== 0) { throw new Error(`[${example}] cannot be synthesized:\n${result.stdout}${result.stderr}`); }
    return readdirSync(join(outdir, 'stacks')).map(stack => ({ name: `${name}/${stack}`, stack, directory: join(outdir, 'stacks', stack) }));
  });
}

/** Runs Terraform; gives its exit code (undefined where there is no Terraform) and all that it said. */
function terraform(directory, args, env = {}) {
  return new Promise(resolve => {
    // A registry out of reach should not be waited for: the answer is the same after five seconds as after a minute.
    const fixed = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_REGISTRY_CLIENT_TIMEOUT: '5' };
    const child = spawn('terraform', args, { cwd: directory, env: { ...process.env, ...fixed, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', data => { output += data; });
    child.stderr.on('data', data => { output += data; });
    child.on('error', error => resolve({ code: undefined, output: `terraform cannot be started (${error.code}); install it and put it on the PATH` }));
    child.on('close', code => resolve({ code, output }));
  });
}

/** `terraform init` without the stack's own backend: "ready", "missing" (no Terraform or provider here) or "invalid". */
async function init(directory) {
  const { code, output } = await terraform(directory, ['init', '-backend=false', '-input=false', '-no-color']);
  if (code === 0) { return { state: 'ready', output }; }
  return { state: code === undefined || PROVIDER_IS_MISSING.test(output) ? 'missing' : 'invalid', output };
}

/** Says that a stack was not looked at, and what would help. */
function reportMissing(name, output) {
  console.log(`${name}: NOT CHECKED, for Terraform or the azurerm provider is not to be had here.`);
  console.log('The provider may lie in a directory that the file of TF_CLI_CONFIG_FILE names as filesystem_mirror. What happened:');
  console.log(indented(output));
}

function indented(text) { return text.trim().replace(/^/gm, '  '); }

module.exports = { synthesizeExamples, terraform, init, reportMissing, indented };
