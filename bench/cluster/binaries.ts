/** The tools that our builds are compared with, built from their Go modules as `modules/` pins them. */
import { join } from 'node:path';
import { goBuild } from '../../test/e2e/cluster/binaries';
import { cached } from '../../test/e2e/cluster/cache';

export const SKAFFOLD = 'v2.16.1';
export const BUILDKIT = 'v0.34.2';
const MODULES = join(__dirname, 'modules');

/** The folder with the program `skaffold`. */
export function skaffold(): string {
  const module = 'github.com/GoogleContainerTools/skaffold/v2';
  return cached(`peers/skaffold-${SKAFFOLD}`, folder => goBuild(join(MODULES, 'skaffold'), folder, [], `${module}/cmd/skaffold`));
}

/** The folder with the programs `buildkitd` and `buildctl`. */
export function buildkit(): string {
  const module = 'github.com/moby/buildkit';
  return cached(`peers/buildkit-${BUILDKIT}`, folder => goBuild(join(MODULES, 'buildkit'), folder, [], `${module}/cmd/buildkitd`, `${module}/cmd/buildctl`));
}
