/** What it costs to load each half, beside the libraries that it needs anyway. */
import { Benchmark, Outcome, ratio, Row, Table } from './benchmark';
import { measureExpression, NODE_MEASURES, packageVersion, takeTurns, Turns } from './measure';
import { libraryProblems } from './requirements';

const TERRAFORM = ['provider', 'user-assigned-identity', 'federated-identity-credential', 'storage-account', 'storage-container', 'storage-blob', 'role-assignment'];

const requiring = (...modules: string[]) => modules.map(name => `require(${JSON.stringify(name)})`).join(';');

/** Modules load when they are used: to name a class is what a program that uses it pays. */
const KUBERNETES = {
  'cdk8s-plus-28': requiring('cdk8s-plus-28'),
  'cdk-kaniko, required': requiring('cdk-kaniko'),
  'cdk-kaniko, KanikoBuild used': `const { BuildContext, KanikoBuild } = ${requiring('cdk-kaniko')}`,
  'cdk-kaniko, BuildChart used': `const { BuildChart } = ${requiring('cdk-kaniko')}`,
};
const AZURE = {
  'cdktf and the resources, deep imports': requiring('cdktf', ...TERRAFORM.map(name => `@cdktf/provider-azurerm/lib/${name}`)),
  'cdk-kaniko/azure, required': requiring('cdk-kaniko/azure'),
  'cdk-kaniko/azure, BuildInfrastructureStack used': `const { BuildInfrastructureStack } = ${requiring('cdk-kaniko/azure')}`,
  'cdktf and the provider\'s root': requiring('cdktf', '@cdktf/provider-azurerm'),
};

async function rows(group: string, programs: Readonly<Record<string, string>>, turns: Turns): Promise<Row[]> {
  const ways = Object.entries(programs).map(([name, expression]) => [name, () => measureExpression(expression)] as const);
  return takeTurns(group, Object.fromEntries(ways), turns);
}

async function table(group: string, programs: Readonly<Record<string, string>>, turns: Turns): Promise<Table> {
  return { title: group, baseline: Object.keys(programs)[0], measures: NODE_MEASURES, rows: await rows(group, programs, turns), plot: 'bars' };
}

export const load: Benchmark = {
  name: 'load',
  title: 'Loading',
  about: 'A program that uses the library loads it first. Each figure is of a fresh Node: the processor time of `require`, and the peak memory ' +
    'and the modules of the process. The baseline is what stands below the library and would be loaded without it.',
  problems: libraryProblems,
  async run({ runs = 41 }): Promise<Outcome> {
    const kubernetes = await table('The Kubernetes half', KUBERNETES, { runs });
    const azure = await table('The Azure half', AZURE, { runs: Math.ceil(runs / 2) });
    const goal = (of: Table, subject: string) =>
      ({ name: `processor time, ${subject} / ${of.baseline}`, value: ratio(of, of.title, 'processor time', subject), atMost: 1.1 });
    return {
      tables: [kubernetes, azure],
      goals: [
        goal(kubernetes, 'cdk-kaniko, required'),
        goal(kubernetes, 'cdk-kaniko, KanikoBuild used'),
        goal(kubernetes, 'cdk-kaniko, BuildChart used'),
        goal(azure, 'cdk-kaniko/azure, BuildInfrastructureStack used'),
      ],
      notes: ['`BuildChart` loads the parameter table and its checks beside the constructs: small files, of which each costs a third of a millisecond.'],
      versions: Object.fromEntries(['cdk8s-plus-28', 'cdktf', '@cdktf/provider-azurerm'].map(name => [name, packageVersion(name)])),
    };
  },
};
