import { parseArgs, ParseArgsConfig } from 'node:util';
import { UsageError } from './command';

/** Options as Node's parser takes them. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** Options by Node's own parser; what it refuses is wrong usage. */
export function parseOptions(argv: readonly string[], options: Options): Record<string, unknown> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node's message goes on with advice on positional arguments, which no command here takes.
    throw new UsageError((error as Error).message.split(/\. |\n/)[0].replace(/\.$/, ''));
  }
}
