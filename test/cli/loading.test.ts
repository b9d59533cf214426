import { FakeEngine } from './run/fake-engine';
import { run } from './terminal';
import { Terminal } from '../../src/cli/command';
import { runWith } from '../../src/cli/run';
import { leastYaml } from '../parameters/base';

// What makes manifests takes longer to load than all the rest.
jest.mock('cdk8s', () => { throw new Error('cdk8s is loaded'); });

test('an engine gets ready while that is loaded what makes builds', async () => {
  const engine = new FakeEngine();
  let begun = false;
  const maker = async () => {
    begun = true;
    return engine;
  };
  const terminal = { stdin: leastYaml } as Partial<Terminal> as Terminal;
  await expect(runWith({ kubectl: maker, podman: maker }).run(['-f', '-'], terminal)).rejects.toThrow('cdk8s is loaded');
  expect([begun, engine.closed]).toEqual([true, 1]);
});

test.each([[['--version']], [['schema']], [['template']], [['run', '--help']]])('%j needs nothing of it', async argv => {
  expect((await run(argv)).code).toBe(0);
});
