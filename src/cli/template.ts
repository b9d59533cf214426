import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, EXIT, MistakesError, UsageError } from './command';
import { parseOptions } from './options';
import { packageVersion } from './package-version';
import { writeWhole } from './write-file';
import { readDefaults } from '../pipeline/defaults';
import { pipelineTemplate } from '../pipeline/template';

const HELP = `Prints the Azure Pipelines template that builds an image on AKS.

Usage: cdk-kaniko template [--set NAME=VALUE ...] [-o FILE]

Options:
  --set NAME=VALUE  A default of your platform's, such as
                    "registry=registry.contoso.example/docker-local"; the
                    parameter is then no longer required. Lists and mappings
                    are YAML or JSON: "caCertificates=[{configMapName: ca}]".
                    Repeat it for further ones.
  -o, --out FILE    Where to write it (default: standard output)
  -h, --help        Show this help

Mistakes are all reported at once, and nothing is written.
Setting it up: docs/pipeline-for-platform-teams.md
`;

/** `cdk-kaniko template`: the pipeline's template with a platform team's defaults. */
export const template: Command = {
  summary: 'A template for Azure Pipelines, with your defaults',
  help: HELP,
  run(argv, terminal) {
    const options = parseOptions(argv, { set: { type: 'string', multiple: true }, out: { type: 'string', short: 'o' } });
    const { defaults, mistakes } = readDefaults((options.set as string[] | undefined ?? []).map(assignment));
    if (mistakes.length > 0) { throw new MistakesError(mistakes.map(({ path, message }) => `--set ${path} ${message}`)); }
    const text = pipelineTemplate({ version: packageVersion(), installScript: installScript(), defaults });
    if (options.out === undefined) {
      terminal.out(text);
    } else {
      writeWhole(options.out as string, text, 'choose another file by -o');
      terminal.out(`${options.out as string}\n`);
    }
    return EXIT.ok;
  },
};

function assignment(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) { throw new UsageError(`--set needs NAME=VALUE, got ${JSON.stringify(text)}`); }
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** The program that the template holds. */
export function installScript(): string {
  return readFileSync(join(__dirname, '..', '..', 'assets', 'pipeline', 'install.sh'), 'utf8');
}
