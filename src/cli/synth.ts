import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { BUILD_OPTIONS } from './build-options';
import { CHART, ManifestObject, readBuilds } from './builds';
import { Command, EXIT } from './command';
import { parseOptions } from './options';
import { writeWhole } from './write-file';

const HELP = `Turns the parameters of image builds into Kubernetes manifests.

Usage: cdk-kaniko synth -f build.yaml [-f more.yaml ...] [options]

Options:
  -f, --file FILE   Parameters in YAML or JSON, one document a build; "-" for
                    standard input. Repeat it for further files.
  -o, --out DIR     Where the manifest is written (default: dist)
  --run-id ID       A build number or the like that becomes part of every
                    name: a Job cannot be changed, so each run needs its own
  --infra FILE      Outputs of the Azure half (cdktf deploy --outputs-file):
                    they fill what the parameters leave open, and a
                    contradiction between the two is a mistake
  --infra-stack NAME
                    Which stack of that file, where it holds several
  -h, --help        Show this help

Writes DIR/kaniko-builds.k8s.yaml and lists its objects; apply it by
"kubectl apply -f DIR/kaniko-builds.k8s.yaml". A file with mistakes is
reported with all of them, and nothing is written.

The parameters: docs/parameters.md, or "cdk-kaniko schema".
`;

/** `cdk-kaniko synth`: parameters to manifests. */
export const synth: Command = {
  summary: 'Parameters of image builds to Kubernetes manifests',
  help: HELP,
  run(argv, terminal) {
    const options = parseOptions(argv, { ...BUILD_OPTIONS, out: { type: 'string', short: 'o', default: 'dist' } });
    const objects = readBuilds(options, terminal).chart.toJson() as ManifestObject[];
    const file = join(options.out as string, `${CHART}.k8s.yaml`);
    writeWhole(file, Yaml.stringify(...objects), 'choose another directory by -o');
    terminal.out(`${file}\n${objects.map(describe).join('')}`);
    return EXIT.ok;
  },
};

function describe({ kind, metadata }: ManifestObject): string {
  return `  ${kind.padEnd(15)}${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}\n`;
}
