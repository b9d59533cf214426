/** The result of one benchmark, as `--json` writes it and `bench/results.json` keeps it. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { Outcome } from './benchmark';

/** Where the figures of the documentation come from. */
export interface Result extends Outcome {
  readonly name: string;
  readonly machine: string;
  /** The day of the run. */
  readonly date: string;
}

/** This machine, in a line. */
export function machine(): string {
  const [{ model }] = cpus();
  const system = readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="(.*)"$/m)?.[1] ?? process.platform;
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${system}, Linux ${release().split('-')[0]}, Node ${process.version}`;
}

/** The results of both, each benchmark's newest; in the order that is given. */
export function merged(kept: readonly Result[], added: readonly Result[], order: readonly string[]): Result[] {
  const all = [...added, ...kept.filter(({ name }) => !added.some(result => result.name === name))];
  return all.filter(({ name }) => order.includes(name)).sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
}
