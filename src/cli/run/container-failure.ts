/** Why a container of a build failed, from what it left behind: the same on every engine. Pure. */
import { ContainerName } from './event';
import { loggedLine, readKanikoLine } from './kaniko-log';
import { Failure } from './result';

/** A container that ended with an error. */
export interface EndedContainer {
  readonly container: ContainerName;
  readonly exitCode: number;
  /** Kubernetes' word for it. */
  readonly reason: string;
  /** What it wrote to its termination log; empty where it wrote nothing. */
  readonly message: string;
  /** The end of its log. */
  readonly lines: readonly string[];
  /** The limit that it may have met. */
  readonly memoryLimit?: string;
}

/** So many of the last lines of a log are enough to name a failure. */
export const LINES_READ = 400;

/** Names the failure. */
export function containerFailure(ended: EndedContainer): Failure {
  const { container, exitCode, reason } = ended;
  const failure = { container, exitCode };
  if (reason === 'OOMKilled') {
    const instruction = lastInstruction(ended);
    return {
      ...failure, cause: 'out-of-memory', ...instruction === undefined ? {} : { instruction },
      message: `${instruction ?? container} needed more memory than the limit${ended.memoryLimit === undefined ? '' : ` of ${ended.memoryLimit}`}`,
      remedy: 'raise memoryLimit',
    };
  }
  const said = lastWords(ended);
  if (NO_SPACE.test(said)) {
    return { ...failure, cause: 'evicted', message: said, remedy: 'the disk that builds use is full; make room on it' };
  }
  if (container !== 'kaniko') { return { ...failure, cause: 'context-failed', message: said }; }
  return { ...failure, ...kanikoFailure(said, ended) };
}

/** How kaniko ends when the command of a RUN failed: https://pkg.go.dev/os#ProcessState.String */
const RUN_FAILED = /waiting for process to exit: (exit status (\d+)|signal: .+)$/;
/** Errors of a registry that does not let one in: https://distribution.github.io/distribution/spec/api/#errors */
const DENIED = /\b(?:UNAUTHORIZED|DENIED): |unexpected status code 40[13]\b|\b40[13] (?:Unauthorized|Forbidden)\b/;
const PUSH_DENIED = /^error (?:checking push permissions|pushing image)/;
const NO_SPACE = /no space left on device/;

/** A RUN can print what it likes, but the last line is kaniko's own. */
function kanikoFailure(said: string, ended: EndedContainer): Failure {
  const run = RUN_FAILED.exec(said);
  if (run !== null) {
    const instruction = lastInstruction(ended);
    const how = run[2] === undefined ? `was ended by the ${run[1].replace(':', '')}` : `ended with ${run[2]}`;
    return { cause: 'run-failed', message: `${instruction ?? 'a RUN'} ${how}`, ...instruction === undefined ? {} : { instruction } };
  }
  if (DENIED.test(said)) {
    return {
      cause: 'registry-denied', message: said,
      remedy: PUSH_DENIED.test(said) ? 'give registrySecretName an account that may push there' : 'give registrySecretName an account that may pull the image',
    };
  }
  return { cause: 'kaniko-failed', message: said };
}

/** What only repeats who speaks, and that it is an error. */
const FIRST_WORDS = /^(?:error building image: |prepare-context: error: )/;
/** How the init container's last line ends. */
const EXIT_CODE = / \(exit code \d+\)$/;

/** The init containers write theirs down; of kaniko's log the last line counts, without the words that begin each. */
function lastWords({ message, lines, container, exitCode }: EndedContainer): string {
  const written = container === 'kaniko' ? '' : message.trim().split('\n').pop()!;
  const last = written || lines.map(line => loggedLine(line).message.trim()).filter(line => line !== '').pop();
  return last?.replace(FIRST_WORDS, '').replace(EXIT_CODE, '') ?? `${container} ended with ${exitCode} and said nothing`;
}

function lastInstruction({ lines }: EndedContainer): string | undefined {
  return lines.map(readKanikoLine).filter(line => line?.kind === 'instruction').pop()?.text;
}
