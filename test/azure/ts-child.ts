import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../..');

/**
 * Runs a program in a fresh Node that reads TypeScript and takes `cdk-kaniko/azure` from `src/`; gives what it prints.
 * A fresh one, for jest has a module registry of its own, and cdktf's App reads the environment once.
 */
export function runTypeScript(program: string, environment: { [name: string]: string } = {}): string {
  const prelude = `
    require('ts-node').register({ transpileOnly: true, compilerOptions: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' } });
    const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = (request, ...rest) => resolve(request === 'cdk-kaniko/azure' ? ${JSON.stringify(join(ROOT, 'src/azure'))} : request, ...rest);`;
  return execFileSync(process.execPath, ['-e', prelude + program], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...environment } });
}
