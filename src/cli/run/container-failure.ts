import { ContainerName } from './event';
import { kanikoFailure } from './kaniko-failure';
import { LogTail } from './log-tail';
import { Failure } from './result';

/** A container that ended with an error, on whatever engine. */
export interface FailedContainer {
  readonly container: ContainerName;
  readonly image: string;
  readonly exitCode: number;
  /** Kubernetes' word for it. */
  readonly reason?: string;
  /** Its termination message. */
  readonly message?: string;
  readonly log: LogTail;
}

/** Why a container failed, by what it left behind. Pure. */
export function containerFailure(failed: FailedContainer): Failure {
  const { container, image, exitCode, reason, log } = failed;
  const message = (failed.message ?? '').trim();
  if (reason === 'OOMKilled') {
    const instruction = container === 'kaniko' ? log.instruction : undefined;
    return {
      cause: 'out-of-memory', container, exitCode,
      message: `${container} was killed: it needed more memory than its limit${instruction === undefined ? '' : `, in ${instruction.split('\n')[0]}`}`,
      instruction,
      remedy: 'raise memoryLimit, or let the Dockerfile need less at once',
    };
  }
  if (reason === 'StartError' || reason === 'ContainerCannotRun') {
    return {
      cause: 'not-started', container, exitCode,
      message: `${container} could not be started from ${image}: ${message}`,
      remedy: container === 'prepare-context' ? 'name an image that has sh (prepareImage)' : 'name a kaniko image with /busybox, one whose tag ends with -debug (kanikoImage)',
    };
  }
  if (container === 'kaniko') { return kanikoFailure(failed, log); }
  return {
    cause: container === 'prepare-context' ? 'context-failed' : 'not-started', container, exitCode,
    message: message === '' ? [`${container} ended with exit code ${exitCode}`, ...log.lines.slice(-3)].join('\n') : message,
  };
}
