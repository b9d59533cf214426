/** What it costs to synthesize the Azure half, beside the same resources written plainly. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Benchmark, Outcome, ratio, Table } from './benchmark';
import { inFolder, measureProgram, packageVersion, PROGRAM_MEASURES, ROOT, takeTurns } from './measure';
import { GNU_TIME, libraryProblems, missing } from './requirements';

const FILE_BYTES = 4 * 1024 * 1024;
const TITLE = 'A stack with an identity, its federation, a storage account, a role and a file of 4 MiB';
const PLAIN = 'plain cdktf, deep imports';
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  [PLAIN]: ['plain.js'],
  'ours': ['ours.js'],
  'plain cdktf, the provider\'s root': ['plain.js', 'root'],
};

export const terraform: Benchmark = {
  name: 'terraform',
  title: 'Synthesizing Terraform',
  about: 'The whole process `node main.js` that writes the configuration of the Azure half: `BuildInfrastructureStack`, against a program of the same ' +
    'resources and outputs with cdktf alone, which imports each resource by its own path or, as the provider\'s README shows it, all from the root. ' +
    'The run fails where the programs do not declare the same.',
  problems: () => [...libraryProblems(), ...missing(GNU_TIME)],
  async run({ runs = 15 }): Promise<Outcome> {
    return inFolder(async folder => {
      const file = join(folder, 'tool');
      writeFileSync(file, Buffer.alloc(FILE_BYTES, 'x'));
      const outdir = (name: string) => join(folder, name.replace(/\W/g, '-'));
      const ways = Object.fromEntries(Object.entries(PROGRAMS).map(([name, [script, ...from]]) =>
        [name, () => measureProgram([process.execPath, join('bench/terraform', script), outdir(name), file, ...from], ROOT)]));
      const rows = await takeTurns(TITLE, ways, { runs });
      const [first, ...others] = Object.keys(PROGRAMS).map(name => ({ name, resources: resources(outdir(name)) }));
      for (const { name, resources: declared } of others) {
        if (!isDeepStrictEqual(declared, first.resources)) {
          throw new Error(`"${name}" and "${first.name}" declare different resources; a comparison would say nothing`);
        }
      }
      const table: Table = { title: TITLE, baseline: PLAIN, measures: PROGRAM_MEASURES, rows, plot: 'bars' };
      return {
        tables: [table],
        goals: [{ name: 'processor time, ours / plain cdktf with deep imports', value: ratio(table, TITLE, 'processor time', 'ours'), atMost: 1.1 }],
        notes: ['What we take beyond plain cdktf is loading our own modules and the checks of names; runs of this benchmark differ by a tenth.'],
        versions: Object.fromEntries(['cdktf', '@cdktf/provider-azurerm'].map(name => [name, packageVersion(name)])),
      };
    });
  },
};

/** The attributes of all resources and outputs, whatever they are called: what the programs must have in common. */
function resources(outdir: string): unknown {
  const { resource, provider, output } = JSON.parse(readFileSync(join(outdir, 'stacks/builds/cdk.tf.json'), 'utf8'));
  const attributes = Object.entries<any>(resource).map(([type, all]) => [type, Object.values<any>(all).map(({ '//': _, ...rest }) => rest)]);
  const values = Object.entries<any>(output).map(([name, { value }]) => [name, value]);
  const text = JSON.stringify({ attributes: attributes.sort(), values: values.sort(), provider });
  // References and asset folders hold the constructs' names, which differ.
  return JSON.parse(text.replace(/azurerm_(\w+?)\.[-\w]+(\.\w+)?/g, 'azurerm_$1$2').replace(/assets\/[-\w]+\//g, 'assets/'));
}
