/** Many builds of one chart, applied at once to a node that cannot run them all at once, by the newest executor. */
import assert from 'node:assert/strict';
import { Environment } from '../environment';
import { Scenario } from '../scenario';
import { SHELL_IMAGE, Team } from '../team';

const BUILDS = 20;
const DOCKERFILE = `FROM ${SHELL_IMAGE}\nARG NUMBER\nRUN echo "$NUMBER" >/number\n`;

export const many: Scenario = {
  name: 'many',
  trials: environment => [
    { title: 'twenty builds applied at once all end well', executor: environment.newest, run: () => buildMany(environment) },
  ],
};

async function buildMany(environment: Environment): Promise<void> {
  const team = await Team.create(environment, 'many');
  team.commit({ Dockerfile: DOCKERFILE });
  const tags = Array.from({ length: BUILDS }, (_, number) => `number-${number}`);
  // Small requests, so that the node has all of them at once; with the default ones they would queue.
  const requests = { cpuRequest: '20m', memoryRequest: '64Mi', ephemeralStorageRequest: '64Mi' };
  const builds = await team.build(...tags.map((imageTag, number) => (
    team.parameters(environment.newest, { ...requests, imageTag, args: { NUMBER: number } }))));

  for (const [number, build] of builds.entries()) {
    assert.ok(build.succeeded, await team.describe(build));
    const image = await environment.services.registry.pull(`docker-local/${team.namespace}:${tags[number]}`);
    assert.equal(image.digest, build.kaniko!.message, 'the digest in the pod\'s status is that of the pushed image');
    assert.equal(image.file('number')?.content.toString('utf8'), `${number}\n`, 'each image is that of its own parameters');
  }
  assert.equal(new Set(builds.map(({ kaniko }) => kaniko!.message)).size, BUILDS, 'each has a digest of its own');
}
