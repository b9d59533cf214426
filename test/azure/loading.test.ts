import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runTypeScript } from './ts-child';

/** The modules of cdktf and its provider that a fresh Node has loaded after a module of `src/`. */
function terraformModulesOf(module: string): string[] {
  const loaded: string[] = JSON.parse(runTypeScript(`
    require(${JSON.stringify(join(ROOT, 'src', module))});
    console.log(JSON.stringify(Object.keys(require.cache)));`));
  return loaded.map(path => path.replace(/\\/g, '/').split('/node_modules/').pop()!).filter(path => /^(@cdktf|cdktf)\//.test(path));
}

test('the Azure half loads the resources that it uses, and never the provider\'s 407 MiB root', () => {
  const provider = terraformModulesOf('azure').filter(path => path.startsWith('@cdktf/provider-azurerm/'));
  expect(provider).toContain('@cdktf/provider-azurerm/lib/storage-account/index.js');
  expect(provider).not.toContain('@cdktf/provider-azurerm/lib/index.js');
});

test('reading the outputs needs neither cdktf nor the provider', () => {
  expect(terraformModulesOf('parameters/infrastructure-outputs')).toEqual([]);
});

test('no other folder knows Terraform, and no folder imports the Azure half', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'));
  const offenders = sources.filter(path => !path.startsWith('azure') && path !== 'index.ts')
    .filter(path => /(from|import|require\() ?'(cdktf|@cdktf\/[^']*|[^']*\/azure(\/[^']*)?)'/.test(readFileSync(join(ROOT, 'src', path), 'utf8')));
  expect(offenders).toEqual([]);
});
