/** Names of what went wrong in a container. Pure. */
import { Container } from './job';
import { Ended } from './pod';
import { BuildEnd } from '../result';

/** So many of the last lines of a log are looked at. */
export const LINES_READ = 200;

/** What the end of a container means for the build; undefined where the next one's turn has come. */
export function endOf(
  { name: container, resources }: Container, { exitCode, reason, message }: Ended, lines: readonly string[],
): BuildEnd | undefined {
  if (exitCode === 0) { return container === 'kaniko' ? { outcome: 'pushed', digest: message.trim() } : undefined; }
  const said = message.trim() || lines.slice(-3).join('\n');
  if (reason === 'OOMKilled') {
    return { outcome: 'failed', failure: { cause: 'out-of-memory', message: `${container} was ended: ${resources.limits?.memory} of memory`, container, exitCode } };
  }
  return { outcome: 'failed', failure: { cause: container === 'prepare-context' ? 'context-failed' : 'kaniko-failed', message: said, container, exitCode } };
}
