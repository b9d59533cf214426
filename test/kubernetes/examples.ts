import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { BuildChart, BuildParametersFile } from '../../src/kubernetes';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

/** The examples that are parameters. */
export const NAMES = readdirSync(EXAMPLES).filter(name => existsSync(join(EXAMPLES, name, 'build.yaml'))).sort();

/** The objects of an example. */
export function objectsOf(name: string): any[] {
  return new BuildChart(new App(), 'kaniko-builds', { builds: BuildParametersFile.read(join(EXAMPLES, name, 'build.yaml')) }).toJson();
}

/** A file of an example. */
export function read(name: string, file: string): string {
  return readFileSync(join(EXAMPLES, name, file), 'utf8');
}
