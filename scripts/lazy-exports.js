// Makes the compiled index files load a module when one of its names is first used, not when the index is. So loading
// the library costs little, using a part of it costs that part, and without cdktf everything but the Azure half works.
// Part of every compilation; docs/decisions/0002 says why, bench/load.ts what it gains.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const LIB = join(__dirname, '..', 'lib');
// From the inside out: each is read while those above it are as the compiler wrote them.
const INDEXES = ['checks', 'kaniko', 'kubernetes/pod', 'kubernetes', ''].map(folder => join(LIB, folder, 'index.js'));

const STAR = /^__exportStar\(require\("(.+)"\), exports\);$/;
const NAMED = /^Object\.defineProperty\(exports, "(\w+)", .* return (\w+)\.(\w+); \} \}\);$/;
const MODULE = /^var (\w+) = require\("(.+)"\);$/;
const NAMESPACE = /^exports\.(\w+) = __importStar\(require\("(.+)"\)\);$/;

/** The expression of each exported name, in an index as TypeScript writes it. */
function exportsOf(file) {
  const modules = {};
  const names = {};
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    let match;
    if ((match = STAR.exec(line))) {
      for (const name of namesOf(file, match[1])) { names[name] = `require("${match[1]}").${name}`; }
    } else if ((match = MODULE.exec(line))) {
      modules[match[1]] = match[2];
    } else if ((match = NAMED.exec(line))) {
      names[match[1]] = `require("${modules[match[2]]}").${match[3]}`;
    } else if ((match = NAMESPACE.exec(line))) {
      names[match[1]] = `require("${match[2]}")`;
    } else if (/require\(/.test(line)) {
      throw new Error(`${file}: no rule for "${line}"; the compiler's output changed, and a module would load eagerly`);
    }
  }
  return names;
}

function namesOf(file, module) {
  return Object.keys(require(require.resolve(join(file, '..', module)))).filter(name => name !== '__esModule');
}

// Assigning first tells Node's ES modules the names, all of which an `import` then reads: not so for the Azure half, which
// they import from cdk-kaniko/azure. A value replaces the getter once it is known.
const announce = names => Object.keys(names).filter(name => name !== 'azure').map(name => `exports.${name} = `).join('');
const render = names => `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
${announce(names)}void 0;
const lazy = (name, load) => Object.defineProperty(exports, name, {
    enumerable: true,
    configurable: true,
    get() {
        const value = load();
        Object.defineProperty(exports, name, { enumerable: true, value });
        return value;
    },
});
${Object.entries(names).map(([name, expression]) => `lazy("${name}", () => ${expression});\n`).join('')}`;

for (const file of INDEXES) { writeFileSync(file, render(exportsOf(file))); }
