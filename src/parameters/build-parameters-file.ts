import { readFileSync } from 'node:fs';
import { BuildParameters } from './build-parameters';
import { InfrastructureOutputs } from './infrastructure-outputs';
import { Mistake } from './input';
import { readParameters } from './read-parameters';

/** A file with the parameters of builds, such as `build.yaml`. */
export class BuildParametersFile {
  /**
   * Reads YAML or JSON with one or several documents, each the parameters of one build.
   *
   * @param path the file's path
   * @param infrastructure outputs of the Azure half, which fill what the file leaves open
   * @throws if the file cannot be read, or with all its mistakes, each with its line
   */
  public static read(path: string, infrastructure?: InfrastructureOutputs): BuildParameters[] {
    const { builds, mistakes } = readParameters(readFileSync(path, 'utf8'), infrastructure);
    if (mistakes.length > 0) { throw new Error(mistakes.map(mistake => mistakeText(path, mistake)).join('\n')); }
    return builds;
  }

  private constructor() {}
}

/** A mistake as a line for people: `build.yaml:12: imageTag is required; …`. */
export function mistakeText(file: string, { path, line, message }: Mistake): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${path === '' ? '' : `${path} `}${message}`;
}
