import { cdk, javascript, JsonFile } from 'projen';

const project = new cdk.JsiiProject({
  name: 'cdk-kaniko',
  description: 'Constructs that model container image builds with kaniko: the Kubernetes Job (cdk8s) and its Azure side (cdktf).',
  author: 'The cdk-kaniko authors',
  authorOrganization: true,
  authorAddress: 'cdk-kaniko@contoso.example',
  repositoryUrl: 'https://github.com/cdk-kaniko/cdk-kaniko.git',
  license: 'Apache-2.0',
  copyrightOwner: 'The cdk-kaniko authors',
  keywords: ['cdk8s', 'cdktf', 'kaniko', 'kubernetes', 'azure', 'container', 'image', 'build'],
  defaultReleaseBranch: 'main',

  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  projenVersion: '0.103.25',
  minNodeVersion: '20.16.0',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3',

  peerDeps: ['constructs@^10.5.0', 'cdk8s@^2.70.106', 'cdk8s-plus-28@^2.5.6', 'cdktf@^0.21.0', '@cdktf/provider-azurerm@^14.23.1'],
  // jsii wants whatever is not a jsii module bundled into the tarball.
  bundledDeps: ['yaml@^2.9.1'],
  devDeps: ['constructs@10.5.0', 'cdk8s@2.70.106', 'cdk8s-plus-28@2.5.6', 'cdktf@0.21.0', '@cdktf/provider-azurerm@14.23.1',
    'ajv@^8.20.0', 'fast-check@^4.10.2', 'cdk8s-cli@2.207.60', 'jsii-pacmak@1.140.0', 'azurite@3.35.0', 'vega@6.4.0', 'vega-lite@6.4.0',
    'azure-pipelines-language-service@0.9.2'],

  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      // The checks that need servers or a cluster have runners of their own.
      testPathIgnorePatterns: ['/node_modules/', '/test/e2e/', '/test/context/'],
      coverageReporters: ['text-summary', 'lcov'],
    },
  },
  // Code for the four other languages is generated in CI (scripts/check-languages.sh).
  publishToPypi: { distName: 'cdk-kaniko', module: 'cdk_kaniko' },
  publishToMaven: { javaPackage: 'io.github.cdkkaniko', mavenGroupId: 'io.github.cdk-kaniko', mavenArtifactId: 'cdk-kaniko' },
  publishToNuget: { dotNetNamespace: 'CdkKaniko', packageId: 'CdkKaniko' },
  publishToGo: { moduleName: 'github.com/cdk-kaniko/cdk-kaniko-go' },

  bin: { 'cdk-kaniko': 'bin/cdk-kaniko' },
  // A check changes no files; `npx projen eslint --fix` mends what can be mended.
  eslintOptions: {
    dirs: ['src'],
    devdirs: ['test', 'bench', 'scripts', 'examples'],
    prettier: false,
    commandOptions: { fix: false, extraArgs: ['--max-warnings', '0'] },
  },
  github: false,
  release: false,
  depsUpgrade: false,
  sampleCode: false,
});

// The lock file of unrs-resolver 1.13.0 lacks its bindings, and `npm ci` refuses it.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// A Kubernetes-only user installs neither cdktf nor the azurerm provider.
project.package.addField('peerDependenciesMeta', {
  'cdktf': { optional: true },
  '@cdktf/provider-azurerm': { optional: true },
});

// Two entry points. `.` must be the full index at run time, or jsii's own loader fails; its types are
// those of the Kubernetes half, so that a TypeScript user without cdktf can compile.
project.package.addField('exports', {
  '.': { types: './lib/kubernetes/index.d.ts', default: './lib/index.js' },
  './azure': { types: './lib/azure/index.d.ts', default: './lib/azure/index.js' },
  './package.json': './package.json',
  './.jsii': './.jsii',
  './schema/*': './schema/*',
});
project.package.addField('typesVersions', {
  '*': { 'lib/index.d.ts': ['lib/kubernetes/index.d.ts'], 'azure': ['lib/azure/index.d.ts'] },
});

// A module whose source is gone would stay in lib/ and be packed.
project.preCompileTask.exec('rm -rf lib');

// What is made from the parameter table: the interface, the schema, the docs' tables.
project.preCompileTask.exec('ts-node -T --project test/tsconfig.json scripts/generate.ts');

project.gitignore.exclude('/examples/*/dist/');

// Node 20 is supported on purpose; jsii need not warn of it at every run.
project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '1');

// Source maps within the files would double what Node reads when the library is loaded (bench/load.ts).
project.tsconfig?.file.addOverride('compilerOptions.inlineSourceMap', false);
project.tsconfig?.file.addOverride('compilerOptions.inlineSources', false);

// jsii writes index files that load all at once; cdktf, above all, is to be loaded by who uses it.
project.compileTask.exec('node scripts/lazy-exports.js');

// The tests of the package load lib/, which a fresh clone lacks.
project.addTask('compile-and-test', {
  description: 'What `npm test` runs: compile, then test',
  steps: [{ spawn: project.compileTask.name }, { spawn: project.testTask.name, receiveArgs: true }],
  receiveArgs: true,
});
project.package.setScript('test', 'projen compile-and-test');

project.addTask('synth', {
  description: 'Compile, synthesize the examples of both halves and show what was written',
  steps: [{ spawn: project.compileTask.name }, { exec: 'node scripts/synth-examples.js' }],
});

// `publishTo…` lets package-all call mvn and pip; the tarball is what we publish from here.
project.packageTask.reset();
project.packageTask.spawn(project.tasks.tryFind('package:js')!);

project.addTask('validate:terraform', {
  description: 'Ask terraform about every example with a cdktf.json (needs a compiled library and the azurerm provider)',
  exec: 'node scripts/validate-terraform.js',
  receiveArgs: true,
});

project.addTask('apply:terraform', {
  description: 'Deploy every such example by terraform to a stand-in for Azure, and destroy it (needs the same)',
  exec: 'ts-node -T -P test/tsconfig.json test/terraform/apply.ts',
  receiveArgs: true,
});

project.addTask('test:context', {
  description: 'Run the init container\'s program against git, storage and token servers on the loopback (it says what it needs)',
  exec: 'jest --config test/context/jest.config.json',
  receiveArgs: true,
});

project.addTask('bench', {
  description: 'Measure the library beside what one would have instead (docs/benchmarks.md; needs a compiled library)',
  exec: 'ts-node -T -P test/tsconfig.json bench/main.ts',
  receiveArgs: true,
});

project.addTask('e2e', {
  description: 'Build images on a real cluster on this machine (docs/e2e.md; needs a compiled library, root and Debian packages)',
  exec: 'ts-node -T -P test/tsconfig.json test/e2e/run.ts',
  receiveArgs: true,
});

project.addTask('e2e:podman', {
  description: 'Build images by podman, without a cluster (docs/e2e.md; needs a compiled library, root and Debian packages)',
  exec: 'ts-node -T -P test/tsconfig.json test/e2e/podman/run.ts',
  receiveArgs: true,
});

// What the infrastructure example leaves behind.
project.gitignore.exclude('cdktf.out/', '*.tfstate', '*.tfstate.backup');

// The command's help names pages of docs/; its pictures and decisions stay here.
for (const path of ['/.ci/', '/bench/', '/docs/*/', '/examples/', '/issues/', '/scripts/', '/CONTRIBUTING.md']) {
  project.npmignore?.exclude(path);
}
project.npmignore?.include('/assets/', '/templates/', '/schema/', '/bin/');

// The rules that know types need a tsconfig.json beside the files.
for (const folder of ['bench', 'scripts']) {
  new JsonFile(project, `${folder}/tsconfig.json`, { obj: { extends: '../test/tsconfig.json', include: ['**/*.ts'] } });
}

// The parameter table has a parameter on a line or two, and file modes are bits.
project.eslint?.addRules({ '@stylistic/object-property-newline': 'off' });
project.eslint?.addOverride({ files: ['test/**/*.ts'], rules: { 'no-bitwise': 'off' } });

project.synth();
