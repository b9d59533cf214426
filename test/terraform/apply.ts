/**
 * Deploys every example with a cdktf.json by the real Terraform and the real azurerm provider to a stand-in for
 * Azure: apply, a second plan that finds nothing to do, the outputs through the library's reader, a new version of a
 * binary, destroy. Usage: npm run apply:terraform (needs a compiled library; --required as validate:terraform).
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureStandIn } from './azure-stand-in';
import { InfrastructureOutputs } from '../../src/parameters/infrastructure-outputs';

interface Stack { readonly name: string; readonly stack: string; readonly directory: string }
interface Result { readonly code?: number; readonly output: string }

// A plain script, so that `validate:terraform` needs no TypeScript.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { synthesizeExamples, terraform, init, reportMissing } = require('../../scripts/terraform-examples') as {
  synthesizeExamples(folder: string): Stack[];
  terraform(directory: string, args: string[], env?: { [name: string]: string }): Promise<Result>;
  init(directory: string): Promise<{ state: string; output: string }>;
  reportMissing(name: string, output: string): void;
};

/** One stack from nothing to nothing; throws at the first step that does not do what it should. */
async function lifecycle({ stack, directory }: Stack, folder: string, step: (what: string) => void): Promise<void> {
  const azure = await AzureStandIn.start();
  try {
    const certificate = join(folder, 'authority.pem');
    writeFileSync(certificate, azure.certificate);
    const run = async (expected: number, ...args: string[]): Promise<string> => {
      const { code, output } = await terraform(directory, [...args, '-no-color'], azure.environment(certificate));
      if (code !== expected) { throw new Error(`terraform ${args.join(' ')} ended with ${code}, not ${expected}:\n${output.slice(Math.max(0, output.indexOf('\nError')))}`); }
      return output;
    };
    const apply = ['apply', '-auto-approve', '-input=false'];

    await run(0, ...apply);
    step(`applied, ${azure.contents.length} objects`);
    await run(0, 'plan', '-input=false', '-detailed-exitcode');
    step('a second plan finds nothing to do');

    const values = Object.entries<any>(JSON.parse(await run(0, 'output', '-json'))).map(([name, { value }]) => [name, value]);
    const file = join(folder, `${stack}.json`);
    writeFileSync(file, JSON.stringify({ [stack]: Object.fromEntries(values) }));
    const { namespace, workloadIdentity } = InfrastructureOutputs.fromFile(file, stack);
    step(`its outputs are read: ${namespace}/${workloadIdentity}`);

    const [first] = replaceBinary(directory);
    const output = await run(0, ...apply);
    if (!output.includes('Plan: 1 to add, 0 to change, 1 to destroy')) { throw new Error(`${first} changed, and Terraform did something else:\n${output}`); }
    step('a new version of a binary replaces that one blob');

    await run(0, 'destroy', '-auto-approve', '-input=false');
    if (azure.contents.length > 0) { throw new Error(`left behind: ${azure.contents.join(', ')}`); }
    step('destroyed, nothing is left');
  } finally {
    await azure.close();
  }
}

/** Does what synthesizing with another content does: the first binary's content, and its hash in the stack. */
function replaceBinary(directory: string): string[] {
  const file = join(directory, 'cdk.tf.json');
  const text = readFileSync(file, 'utf8');
  const [blob] = Object.values<any>(JSON.parse(text).resource.azurerm_storage_blob);
  appendFileSync(join(directory, blob.source), '# a new version\n');
  const other = [...blob.content_md5].reverse().join('');
  writeFileSync(file, text.replace(`"content_md5": "${blob.content_md5}"`, `"content_md5": "${other}"`));
  return [blob.name];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-apply-'));
  try {
    for (const stack of synthesizeExamples(folder)) {
      // The state of a trial belongs beside the trial, wherever the example would keep it.
      const file = join(stack.directory, 'cdk.tf.json');
      const content = JSON.parse(readFileSync(file, 'utf8'));
      content.terraform.backend = { local: { path: join(stack.directory, 'terraform.tfstate') } };
      writeFileSync(file, JSON.stringify(content, null, 2));

      const ready = await init(stack.directory);
      if (ready.state === 'missing') {
        reportMissing(stack.name, ready.output);
        if (process.argv.includes('--required')) { process.exitCode = 1; }
        continue;
      }
      const { code, output } = await terraform(stack.directory, ['init', '-input=false', '-no-color']);
      if (code !== 0) { throw new Error(`[${stack.name}] ${output}`); }
      await lifecycle(stack, folder, what => console.log(`${stack.name}: ${what}`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
