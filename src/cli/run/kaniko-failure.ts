import { loggedLine, readKanikoLine } from './kaniko-log';
import { LogTail } from './log-tail';
import { Failure } from './result';

/** What RUN printed last, for those who see the failure and not the log. */
const OUTPUT_LINES = 5;

/**
 * Why the container `kaniko` failed, by its exit code and what it wrote last. kaniko ends with the exit code of a
 * failing RUN, with 255 where a signal killed it, and with 1 for all else. Pure.
 */
export function kanikoFailure(ended: { readonly exitCode: number; readonly message?: string }, log: LogTail): Failure {
  const error = lastError(log) ?? (ended.message ?? '').trim();
  const common = { container: 'kaniko' as const, exitCode: ended.exitCode };
  const command = /failed to execute command: (?:waiting for process to exit: )?(.*)$/s.exec(error)?.[1];
  if (command !== undefined) { return { ...common, ...runFailure(command, log) }; }
  if (error === '') {
    return { ...common, cause: 'kaniko-failed', message: `kaniko ended with exit code ${ended.exitCode}${ended.exitCode === 137 ? ': it was killed' : ''}` };
  }
  const [, cause, remedy] = KNOWN.find(([shape]) => shape.test(error)) ?? [undefined, 'kaniko-failed' as const, undefined];
  return { ...common, cause, message: error, remedy };
}

/** The error that kaniko ended with; RUN's own output comes before it. */
function lastError({ lines }: LogTail): string | undefined {
  const logged = lines.slice(-OUTPUT_LINES).map(loggedLine);
  return logged.reverse().find(({ level, message }) => level === undefined ? /^error /i.test(message) : ['error', 'fatal', 'panic'].includes(level))?.message;
}

function runFailure(how: string, log: LogTail): Pick<Failure, 'cause' | 'message' | 'instruction' | 'remedy'> {
  const what = log.instruction ?? 'a RUN';
  const status = /^exit status (\d+)/.exec(how)?.[1];
  const ended = status === undefined ? `failed: ${how}` : `ended with exit code ${status}`;
  return {
    cause: 'run-failed',
    message: [`${what.split('\n')[0]} ${ended}`, ...outputOf(log)].join('\n'),
    instruction: log.instruction,
    remedy: how.startsWith('starting command') ? 'the shell or program that RUN starts is not in the image; name another base image, or SHELL' : undefined,
  };
}

/**
 * The last lines that are no message of kaniko's. They are looked for behind the instruction, not behind `Running:`: what
 * RUN prints goes another way into the log and may be there first.
 */
function outputOf({ lines }: LogTail): string[] {
  const begin = lines.map(line => readKanikoLine(line)?.kind === 'instruction').lastIndexOf(true);
  return lines.slice(begin + 1).map(loggedLine).filter(({ level, message }) => level === undefined && !/^error building image: /.test(message))
    .map(({ message }) => message).slice(-OUTPUT_LINES);
}

/** Errors by their words, which registries have in common: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
const KNOWN: readonly [RegExp, Failure['cause'], string?][] = [
  [/no such host|connection refused|i\/o timeout/, 'kaniko-failed', 'the pod has to reach that server and to know its name: check the name, the network and egress'],
  [/x509: |certificate signed by unknown authority/, 'kaniko-failed', 'mount the authority of that server (caCertificates)'],
  [/checking push permission|error pushing image.*(?:UNAUTHORIZED|DENIED|40[13]\b)/s, 'registry-denied',
    'the registry does not take the image: check the Secret with the registry\'s credentials (registrySecretName), and that they may push there'],
  [/UNAUTHORIZED|DENIED|unexpected status code 40[13]\b|\b401 Unauthorized|\b403 Forbidden/, 'registry-denied',
    'the registry does not give the base image: check its name, and the Secret with the registry\'s credentials (registrySecretName)'],
  [/MANIFEST_UNKNOWN|NAME_UNKNOWN/, 'kaniko-failed', 'there is no such image: check the name and tag behind FROM'],
  [/no space left on device/i, 'evicted', 'raise ephemeralStorageLimit, or choose a node with a larger disk'],
  // Told by the shell that starts kaniko (src/kubernetes/pod-spec.ts).
  [/^error copying the executor/, 'not-started', 'name an image of kaniko that has /kaniko/executor and /busybox, one whose tag ends with -debug (kanikoImage)'],
];
