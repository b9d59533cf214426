import { Command, EXIT } from './command';
import { parseOptions } from './options';
import { jsonSchema } from '../parameters/json-schema';

/** `cdk-kaniko schema`: the parameters as a JSON Schema. */
export const schema: Command = {
  summary: 'The parameters as a JSON Schema, for editors',
  help: `Prints the parameters of a build as a JSON Schema.

Usage: cdk-kaniko schema > build.schema.json

Editors with YAML support complete and check a file that begins with
  # yaml-language-server: $schema=build.schema.json

Options:
  -h, --help     Show this help
`,
  run(argv, terminal) {
    parseOptions(argv, {});
    terminal.out(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
    return EXIT.ok;
  },
};
