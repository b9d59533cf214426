import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runTypeScript } from './ts-child';

const GOLDEN = join(ROOT, 'test/golden/infrastructure');

// What cdktf adds for itself, and what names this machine, is no part of what is reviewed.
function withoutMetadata(value: any): any {
  if (Array.isArray(value)) { return value.map(withoutMetadata); }
  if (value === null || typeof value !== 'object') { return value; }
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '//').map(([key, child]) => [key, withoutMetadata(child)]));
}

function synthesize(outdir: string, environment: { [name: string]: string } = {}): void {
  runTypeScript(`require(${JSON.stringify(join(ROOT, 'examples/infrastructure/main.ts'))});`, { CDKTF_OUTDIR: outdir, ...environment });
}

function stackIn(outdir: string, stack: string): any {
  return withoutMetadata(JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8')));
}

describe('the infrastructure example', () => {
  let outdir: string;
  beforeAll(() => {
    outdir = mkdtempSync(join(tmpdir(), 'cdk-kaniko-'));
    synthesize(outdir);
  });
  afterAll(() => { rmSync(outdir, { recursive: true }); });

  test.each(['image-builds-dev', 'image-builds-prd'])('declares for %s what was reviewed (after a change: UPDATE_GOLDEN=1, and review)', stack => {
    const { terraform, ...declared } = stackIn(outdir, stack);
    const file = join(GOLDEN, `${stack}.tf.json`);
    if (process.env.UPDATE_GOLDEN !== undefined) {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(file, `${JSON.stringify(declared, null, 2)}\n`);
    }
    expect(declared).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    expect(terraform.required_providers.azurerm).toEqual({ source: 'azurerm', version: '4.55.0' });
  });

  test('carries its binaries along', () => {
    for (const { source } of Object.values<any>(stackIn(outdir, 'image-builds-dev').resource.azurerm_storage_blob)) {
      expect(existsSync(join(outdir, 'stacks/image-builds-dev', source))).toBe(true);
    }
  });

  test('keeps its state in a storage account where one is named', () => {
    const remote = join(outdir, 'remote');
    synthesize(remote, { STATE_STORAGE_ACCOUNT: 'contosotfstate' });
    expect(stackIn(remote, 'image-builds-prd').terraform.backend).toEqual({
      azurerm: { storage_account_name: 'contosotfstate', container_name: 'tfstate', key: 'image-builds-prd.tfstate', use_azuread_auth: true },
    });
  });
});
