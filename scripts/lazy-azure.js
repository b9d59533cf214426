// Turns the eager `require` of the Azure half in lib/index.js into a memoised getter, so that loading
// the Kubernetes half never loads cdktf. Run after every compilation; docs/decisions/0002 says why.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const file = join(__dirname, '..', 'lib', 'index.js');
const eager = 'exports.azure = __importStar(require("./azure"));';
const lazy = [
  'let azure;',
  'Object.defineProperty(exports, "azure", { enumerable: true, configurable: true,',
  '    get: () => (azure ??= __importStar(require("./azure"))) });',
].join('\n');

const source = readFileSync(file, 'utf8');
if (!source.includes(eager) && !source.includes(lazy)) {
  throw new Error(`${file} does not contain "${eager}": the compiler's output changed, and the Azure half would load eagerly`);
}
// TypeScript also declares `exports.azure = void 0` ahead; a getter cannot be redefined by assignment.
writeFileSync(file, source.replace(/exports\.azure = void 0;\n?/, '').replace(eager, lazy));
