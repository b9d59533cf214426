// Writes the manifest of N builds: `node main.js <ours|plain> <N> <outdir> [each]`. Measured by ../synth.ts.
'use strict';
const [, , program, count, outdir, charts] = process.argv;
require(`./${program}`)(Number(count), outdir, charts);
