/** The built package, as somebody has it who builds images on Kubernetes and knows nothing of Terraform. Needs lib/. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
let project: string;

beforeAll(() => {
  if (!existsSync(join(ROOT, 'lib/index.js'))) { throw new Error('lib/ is missing; run "npx projen compile" or "npm test"'); }
  // Node finds modules from where a file really lies: hence a copy, and its own node_modules.
  project = realpathSync(mkdtempSync(join(tmpdir(), 'cdk-kaniko-loading-')));
  const installed = join(project, 'node_modules/cdk-kaniko');
  mkdirSync(installed, { recursive: true });
  for (const part of ['package.json', '.jsii', 'lib', 'assets']) { cpSync(join(ROOT, part), join(installed, part), { recursive: true }); }
  for (const name of ['constructs', 'cdk8s', 'cdk8s-plus-28', 'yaml']) { symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name)); }
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What a program prints as JSON, run by a fresh Node that takes links for what they stand for. */
function run(program: string): any {
  const args = ['--preserve-symlinks', '-e', `console.log(JSON.stringify((() => { ${program} })()))`];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }));
}

/** Reads every export, which loads its module; the Azure half has an entry of its own. */
const USE_ALL = 'const all = require("cdk-kaniko"); for (const name of Object.keys(all)) { if (name !== "azure") { all[name]; } }';

/** The modules that are loaded after a program has run, from node_modules on. */
function modulesAfter(program: string): string[] {
  const paths: string[] = run(`${program}; return Object.keys(require.cache);`);
  return paths.map(path => path.replace(/\\/g, '/').replace(/^.*?\/node_modules\//, ''));
}

test('loading the package loads its index files and nothing else', () => {
  expect(modulesAfter('require("cdk-kaniko")').sort()).toEqual(['cdk-kaniko/lib/index.js']);
});

test('using all that the package exports loads cdk8s-plus and its own modules, and neither cdktf nor the Azure half nor YAML', () => {
  const modules = modulesAfter(USE_ALL);
  const others = modules.filter(path => !path.startsWith('cdk-kaniko/'));
  expect(others.sort()).toEqual(modulesAfter('require("cdk8s-plus-28")').sort());
  expect(modules).toContain('cdk-kaniko/lib/kubernetes/kaniko-build.js');
  expect(modules.filter(path => path.includes('/azure/'))).toEqual([]);
});

test('an ES module that imports a name loads no module of the Azure half', () => {
  const program = `import { createRequire } from 'node:module'; import { KanikoBuild } from 'cdk-kaniko';
    console.log(JSON.stringify([typeof KanikoBuild, ...Object.keys(createRequire(import.meta.url).cache)]));`;
  // Here cdktf is installed, and could be loaded.
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT, encoding: 'utf8' });
  const [kind, ...modules]: string[] = JSON.parse(output);
  expect(kind).toBe('function');
  expect(modules.filter(path => /[\\/](cdktf|azure)[\\/]/.test(path))).toEqual([]);
});

test('a manifest can be made without cdktf', () => {
  const kinds = run(`
    const { App } = require('cdk8s'); const { BuildChart } = require('cdk-kaniko');
    const chart = new BuildChart(new App(), 'builds');
    chart.addBuild({ namespace: 'builds', repositoryUrl: 'https://git.contoso.example/images.git', branchName: 'main', imagePath: 'app',
      registry: 'registry.contoso.example/docker-local', imageName: 'app', imageTag: '1.0' });
    return chart.toJson().map(object => object.kind);`);
  expect(kinds).toContain('Job');
});

test('a file of parameters can be read', () => {
  const file = JSON.stringify(join(ROOT, 'examples/build-agent/build.yaml'));
  expect(run(`return require('cdk-kaniko').BuildParametersFile.read(${file}).map(build => build.imageName);`)).toEqual(['build-agent']);
});

test.each(['require("cdk-kaniko").azure', 'require("cdk-kaniko/azure")'])('%s names the packages that are missing and how to get them', expression => {
  const message: string = run(`try { ${expression}; } catch (error) { return error.message; }`);
  expect(message).toMatch(/cdktf/);
  expect(message).toMatch(/npm install cdktf @cdktf\/provider-azurerm/);
});

test('with cdktf at hand, the Azure half is the same by both entries', () => {
  const same = execFileSync(process.execPath, ['-e', 'console.log(require("cdk-kaniko").azure.BuildIdentity === require("cdk-kaniko/azure").BuildIdentity)'],
    { cwd: ROOT, encoding: 'utf8' });
  expect(same.trim()).toBe('true');
});

test('every member of the assembly is exported, for jsii\'s other languages', () => {
  const { types } = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8'));
  const classes = Object.values<any>(types).filter(({ kind, namespace }) => kind === 'class' && namespace === undefined).map(({ name }) => name);
  const exported: string[] = run('return Object.keys(require("cdk-kaniko"));');
  expect(classes.length).toBeGreaterThan(10);
  expect(exported).toEqual(expect.arrayContaining(classes));
});
