import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** The modules of cdktf and its provider that a fresh Node has loaded after a module of `src/`. */
function terraformModulesOf(module: string): string[] {
  const program = `
    require('ts-node').register({ transpileOnly: true, compilerOptions: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' } });
    require(${JSON.stringify(join(ROOT, 'src', module))});
    console.log(JSON.stringify(Object.keys(require.cache)));`;
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, ['-e', program], { cwd: ROOT, encoding: 'utf8' }));
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
