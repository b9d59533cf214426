/**
 * `npm run e2e [-- [--keep] [<scenario> …]]`: makes what a cluster needs, then starts one in a sandbox and runs the
 * scenarios there. docs/e2e.md says what it takes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executors, kubernetes, webhook } from './cluster/binaries';
import { debianImage, gitImage } from './cluster/images';
import { LOGS } from './cluster/processes';
import { problems } from './requirements';
import { runInSandbox, Sandbox } from './sandbox';
import { scenarios } from './scenarios';

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter(argument => argument !== '--keep');
  const unknown = names.filter(name => !scenarios.some(scenario => scenario.name === name));
  const found = [
    ...problems('cluster'),
    ...unknown.map(name => `there is no scenario '${name}'; there are ${scenarios.map(scenario => scenario.name).join(', ')}`),
  ];
  if (found.length > 0) {
    found.forEach(problem => console.error(`e2e: ${problem}`));
    return 2;
  }
  // All that needs the network, which a sandbox does not have.
  webhook();
  executors();
  kubernetes();
  debianImage();
  gitImage();
  const code: number = await runInSandbox(join(__dirname, 'inside.ts'), args, sandbox => {
    if (process.env.E2E_LOGS) printLogs(sandbox);
  });
  return code;
}

/** The end of every program's log, for those who mend the cluster itself. */
function printLogs({ folder }: Sandbox): void {
  for (const name of readdirSync(join(folder, LOGS))) {
    console.error(`--- ${name}\n${readFileSync(join(folder, LOGS, name), 'utf8').split('\n').slice(-Number(process.env.E2E_LOGS)).join('\n')}`);
  }
}

main(process.argv.slice(2)).then(code => process.exit(code), (error: Error) => {
  console.error(error);
  process.exit(1);
});
