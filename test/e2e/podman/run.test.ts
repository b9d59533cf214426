/** Builds by the real podman: what they make, what they say when they fail, and that they leave nothing behind. */
import { BASE_IMAGE, Machine } from './machine';

let machine: Machine;

beforeAll(async () => { machine = await Machine.start(); });
afterEach(async () => { expect(await machine.leftovers()).toEqual([]); });

test('builds and pushes', async () => {
  const ran = await machine.run(machine.project({ Dockerfile: `FROM ${BASE_IMAGE}\nRUN true\n` }));
  expect(ran).toMatchObject({ code: 0, build: { outcome: 'pushed' } });
});
