/** The service accounts by which a build comes to its identity, with the newest executor: each clones from Azure Repos as it. */
import assert from 'node:assert/strict';
import { Environment } from '../environment';
import { Scenario } from '../scenario';
import { Parameters, SHELL_IMAGE, Team } from '../team';

export const serviceAccounts: Scenario = {
  name: 'service-accounts',
  trials: environment => [
    { title: 'one that exists', executor: environment.newest, run: () => buildAs(environment, 'existing') },
    { title: 'the namespace\'s default one', executor: environment.newest, run: () => buildAs(environment, 'default') },
    { title: 'one of the manifest', executor: environment.newest, run: () => buildAs(environment, 'of-manifest', { createServiceAccount: true }) },
  ],
};

async function buildAs(environment: Environment, serviceAccount: string, parameters: Parameters = {}): Promise<void> {
  const team = await Team.create(environment, 'account', serviceAccount);
  if (parameters.createServiceAccount) await environment.kubectl.run('delete', `--namespace=${team.namespace}`, `serviceaccount/${serviceAccount}`);
  team.commit({ Dockerfile: `FROM ${SHELL_IMAGE}\nRUN true\n` });
  const { build } = await team.buildImage(team.parameters(environment.newest, parameters));
  assert.equal(build.pod!.spec.serviceAccountName, serviceAccount);
}
