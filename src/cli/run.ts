import { Command } from './command';
import { ENGINES, EngineMaker } from './run/engines';
import { runCommandOptions } from './run/run-options';

const HELP = `Builds images and follows them until they are pushed.

Usage: cdk-kaniko run -f build.yaml [-f more.yaml ...] [options]

Options:
  -f, --file FILE    Parameters in YAML or JSON, one document a build; "-" for
                     standard input. Repeat it for further files.
  --run-id ID        A build number or the like that becomes part of every
                     name (default: six random characters)
  --infra FILE       Outputs of the Azure half, as for "synth"
  --infra-stack NAME Which stack of that file, where it holds several
  --engine ENGINE    Where to build: kubectl, the cluster that kubectl points
                     at, or podman, this machine (default: kubectl)
  --kubeconfig FILE  As kubectl's
  --context NAME     As kubectl's
  --wait-for-node MINUTES
                     How long a cluster may look for a node that a build fits
                     on; 0 where clusters do not grow (default: 5)
  --secret-file FILE For podman: a file with Secrets and ConfigMaps. Repeat it
                     for further files.
  --concurrency N    How many builds at once (default: 4)
  --keep             Keep what was made, also on Ctrl-C
  --quiet            Only warnings, failures and the image's reference
  --output FORMAT    text, or json: one event a line on stdout, the last one
                     of the kind "result" (default: text)
  --report FILE      Write a report: .html (a page of its own), .md (a
                     summary) or .json (the result). Repeat it for several.
  --no-trace         Make reports from times in the log alone, without the
                     container that receives kaniko's trace (v1.28.3 and later)
  -h, --help         Show this help

Prints the reference (image@sha256:...) of each image that was pushed, and
where the time went; progress goes to stderr. Deletes what it made, whether
it went well or not.

Exit codes: 0 every image is pushed; 1 mistakes in parameters; 2 wrong usage;
3 the build failed; 4 the context could not be prepared; 5 the cluster did
not let it run; 6 out of memory or disk; 7 deadline; 8 the registry refused;
9 no cluster or engine; 130, 143, 129 ended by SIGINT, SIGTERM, SIGHUP. Of
several failed builds the first one's, in the order of the files.

Causes and remedies: docs/run.md.
`;

/** `cdk-kaniko run`: parameters to pushed images. */
export const run: Command = runWith(ENGINES);

/** The command with these engines. */
export function runWith(engines: Readonly<Record<string, EngineMaker>>): Command {
  return {
    summary: 'Build images and follow them until they are pushed',
    help: HELP,
    async run(argv, terminal) {
      const options = runCommandOptions(argv, Object.keys(engines));
      // First, so that it gets ready while what makes builds is loaded and they are read.
      const engine = await engines[options.engine](options.engineSettings);
      try {
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const { runOn } = require('./run/run-on') as typeof import('./run/run-on');
        return await runOn(engine, options, terminal);
      } finally {
        await engine.close?.();
      }
    },
  };
}
