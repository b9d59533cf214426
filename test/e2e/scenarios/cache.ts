/**
 * Layers kept for the next build: one that nothing changed for builds nothing, and one that something changed for has
 * none of the old.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { REGISTRY } from '../cluster/addresses';
import { Executor } from '../cluster/binaries';
import { makeShellImage } from '../cluster/images';
import { Environment } from '../environment';
import { currentSandbox } from '../sandbox';
import { Scenario, withEveryExecutor } from '../scenario';
import { PulledImage } from '../services/pulled-image';
import { BASE_IMAGE, Parameters, Team } from '../team';

export const cache: Scenario = {
  name: 'cache',
  trials: environment => [
    ...withEveryExecutor(environment, 'builds nothing where nothing changed', executor => buildTwice(environment, executor)),
    ...withEveryExecutor(environment, 'serves nothing that is stale', executor => change(environment, executor)),
  ],
};

const TWO_STAGES = `FROM ${BASE_IMAGE} AS compiler
COPY source ./
RUN mkdir /out && for number in $(seq 500); do cat source.txt >/out/$number; done
FROM ${BASE_IMAGE}
COPY --from=compiler /out /opt/app
RUN od -An -N8 -tx8 /dev/urandom >/made
`;

async function buildTwice(environment: Environment, executor: Executor): Promise<void> {
  const team = await Team.create(environment, 'cached');
  team.commit({ 'Dockerfile': TWO_STAGES, 'source/source.txt': 'source\n' });
  const build = builder(team, executor);
  const cold = await build();
  const warm = await build();
  console.log(`        kaniko ${executor.version}: cold ${cold.seconds} s, warm ${warm.seconds} s`);
  assert.match(cold.log, /Running: \[/);
  assert.doesNotMatch(warm.log, /Running: \[/, 'no RUN runs');
  assert.equal(text(warm.image, 'made'), text(cold.image, 'made'), 'the layers are those of the first build');
  // Without the feature flags of v1.28, a COPY is not taken from the cache, and its layer has the times of the clone.
  if (isAtLeast(executor, 'v1.28.2')) assert.deepEqual(warm.image.manifest.layers, cold.image.manifest.layers, 'every layer is that of the first build');
}

/** Each stage tells of one kind of change. */
const SENSITIVE = `ARG BASE
FROM \${BASE} AS compiler
WORKDIR /source
COPY source ./
RUN mkdir /out && ls >/out/names && cat * >/out/content

FROM \${BASE} AS placed
ARG PLACE
COPY note.txt \${PLACE}

FROM \${BASE}
ARG FOLDER
WORKDIR \${FOLDER}
COPY note.txt ./
COPY --from=placed /placed /placed
COPY --from=compiler /out /out
RUN cat /etc/version >/out/version
`;

async function change(environment: Environment, executor: Executor): Promise<void> {
  const team = await Team.create(environment, 'stale');
  const base = `docker-virtual/${team.namespace}-base:stable`;
  const pushBase = async (version: string) => {
    const layout = mkdtempSync(join(currentSandbox().folder, 'base-'));
    makeShellImage(layout, version);
    await environment.services.registry.push(layout, base);
  };
  const build = builder(team, executor, { BASE: `${REGISTRY.name}/${base}` });
  const expected = { names: 'a.txt\n', content: 'one\n', version: '1\n', places: ['first/note.txt', 'placed/first'] };
  const files = { 'Dockerfile': SENSITIVE, 'note.txt': 'note\n' };

  await pushBase('1');
  team.commit({ ...files, 'source/a.txt': 'one\n' });
  let args = { PLACE: '/placed/first', FOLDER: '/first' };
  assert.deepEqual(contents((await build(args)).image), expected);

  // v1.24 makes its keys of contents without names; docs/dockerfiles.md says so.
  if (isAtLeast(executor, 'v1.27.5')) {
    team.commit({ ...files, 'source/b.txt': 'one\n' });
    expected.names = 'b.txt\n';
    assert.deepEqual(contents((await build(args)).image), expected, 'a file has another name');
  }

  team.commit({ ...files, 'source/c.txt': 'two\n' });
  args = { PLACE: '/placed/second', FOLDER: '/second' };
  Object.assign(expected, { names: 'c.txt\n', content: 'two\n', places: ['placed/second', 'second/note.txt'] });
  assert.deepEqual(contents((await build(args)).image), expected, 'a file has another content; arguments of COPY and of WORKDIR have other values');

  await pushBase('2');
  expected.version = '2\n';
  assert.deepEqual(contents((await build(args)).image), expected, 'the tag of the base leads to another image');
}

/** What a stale layer would spoil. */
function contents(image: PulledImage): object {
  return {
    names: text(image, 'out/names'),
    content: text(image, 'out/content'),
    version: text(image, 'out/version'),
    places: image.added.filter(path => /^placed\/.|note\.txt$/.test(path)).sort(),
  };
}

/** Builds with the cache again and again, as a pipeline does: each is a Job and an image of its own. */
function builder(team: Team, executor: Executor, base: Parameters = {}) {
  let number = 0;
  return async (args: Parameters = {}) => {
    const parameters = team.parameters(executor, { cache: true, imageTag: `build-${++number}`, args: { ...base, ...args } });
    const { build: { logs, kaniko }, image } = await team.buildImage(parameters);
    return { image, log: logs.kaniko, seconds: (Date.parse(kaniko!.finishedAt) - Date.parse(kaniko!.startedAt)) / 1000 };
  };
}

function text(image: PulledImage, path: string): string | undefined {
  return image.file(path)?.content.toString('utf8');
}

/** Whether an executor is of a version or a later one. */
function isAtLeast(executor: Executor, version: string): boolean {
  return executor.version.localeCompare(version, 'en', { numeric: true }) >= 0;
}
