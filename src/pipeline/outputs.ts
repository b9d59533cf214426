/** What the steps behind a build learn of it. */
import { loggingCommand } from './logging-commands';
import { isDigest, parseImageReference } from '../checks';

/**
 * The commands that set the output variables `imageDigest` and `imageReference`, from the result that
 * `cdk-kaniko run --report result.json` wrote; none where nothing was pushed.
 *
 * @throws Error where the digest or the reference is not what it should be: nothing else becomes a variable
 */
export function outputVariables(result: string): string {
  const { outcome, builds } = JSON.parse(result) as { outcome?: string; builds?: { digest?: string; reference?: string }[] };
  if (outcome !== 'pushed') { return ''; }
  const { digest = '', reference = '' } = builds?.[0] ?? {};
  if (!isDigest(digest)) { throw new Error('the result holds no digest; run the build again'); }
  const parsed = parseImageReference(reference);
  if (parsed?.registry === undefined || parsed.digest !== digest) {
    throw new Error('the result\'s reference does not name the image by its digest; run the build again');
  }
  return output('imageDigest', digest) + output('imageReference', reference);
}

function output(variable: string, value: string): string {
  return loggingCommand('task.setvariable', { variable, isOutput: 'true' }, value);
}
