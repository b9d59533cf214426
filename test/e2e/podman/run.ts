/**
 * `npm run e2e:podman [-- <jest's options>]`: builds by `cdk-kaniko run --engine podman` with the real podman, in a
 * sandbox with a registry, a git host and a package mirror. docs/e2e.md says what it takes.
 */
import { join } from 'node:path';
import { executors } from '../cluster/binaries';
import { debianImage, gitImage } from '../cluster/images';
import { problems } from '../requirements';
import { runInSandbox } from '../sandbox';

async function main(args: readonly string[]): Promise<number> {
  const found = problems('podman');
  if (found.length > 0) {
    found.forEach(problem => console.error(`e2e:podman: ${problem}`));
    return 2;
  }
  // All that needs the network, which a sandbox does not have.
  executors();
  debianImage();
  gitImage();
  const jest = join(require.resolve('jest/package.json'), '../bin/jest.js');
  return runInSandbox(jest, ['--config', join(__dirname, 'jest.config.json'), '--runInBand', '--forceExit', ...args], () => undefined);
}

main(process.argv.slice(2)).then(code => process.exit(code), (error: Error) => {
  console.error(error);
  process.exit(1);
});
