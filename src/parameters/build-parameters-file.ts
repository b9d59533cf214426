import { readFileSync } from 'node:fs';
import { BuildParameters } from './build-parameters';
import { Mistake } from './input';
import { readParameters } from './read-parameters';

/** A file with the parameters of builds, such as `build.yaml`. */
export class BuildParametersFile {
  /**
   * Reads YAML or JSON with one or several documents, each the parameters of one build.
   *
   * @param path the file's path
   * @throws if the file cannot be read, or with all its mistakes, each with its line
   */
  public static read(path: string): BuildParameters[] {
    const { builds, mistakes } = readParameters(readFileSync(path, 'utf8'));
    if (mistakes.length > 0) { throw new Error(mistakes.map(mistake => mistakeText(path, mistake)).join('\n')); }
    return builds;
  }

  private constructor() {}
}

/** A mistake as a line for people: `build.yaml:12: imageTag is required; …`. */
export function mistakeText(file: string, { path, line, message }: Mistake): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${path === '' ? '' : `${path} `}${message}`;
}
