/**
 * What loading the Kubernetes half costs, against cdk8s-plus alone, which it needs anyway. Needs a compiled library.
 *
 * Usage: ts-node bench/load.ts [--runs 21] [--json]
 */
import { parseArgs } from 'node:util';
import { ratioOf, report, takeTurns } from './measure';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '21' }, json: { type: 'boolean', default: false } } });
const results = takeTurns({
  'cdk8s-plus-28': { work: 'require("cdk8s-plus-28")' },
  'cdk-kaniko': { work: 'require("cdk-kaniko")' },
  // Modules load when they are used: this is what a program with builds pays.
  'cdk-kaniko, KanikoBuild used': { work: 'const { BuildContext, KanikoBuild } = require("cdk-kaniko")' },
  'cdk-kaniko, BuildChart used': { work: 'const { BuildChart } = require("cdk-kaniko")' },
}, Number(values.runs));
const goal = (program: string, atMost: number) => ({ name: `${program} / cdk8s-plus-28`, ratio: ratioOf(results, program, 'cdk8s-plus-28'), atMost });
report('load', results, [
  goal('cdk-kaniko', 1.1),
  goal('cdk-kaniko, KanikoBuild used', 1.1),
  // The parameter table and its checks come on top.
  goal('cdk-kaniko, BuildChart used', 1.2),
], values.json);
