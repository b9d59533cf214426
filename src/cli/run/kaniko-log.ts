/** What a line of kaniko's log says of the build's progress. */
export type KanikoLine =
  /** A stage of the Dockerfile begins; `index` counts from 0. */
  | { readonly kind: 'stage'; readonly index: number; readonly image: string }
  /** An instruction of the Dockerfile begins. */
  | { readonly kind: 'instruction'; readonly text: string }
  /** The layer of the instruction at hand comes from the cache. */
  | { readonly kind: 'cached' }
  /** Something that kaniko does by itself between instructions. */
  | { readonly kind: 'work'; readonly text: string }
  | { readonly kind: 'pushing'; readonly image: string };

/** A line of the log as logrus writes it: how bad it is, and what it says. Output of RUN has neither. */
export interface LoggedLine {
  readonly level?: string;
  readonly message: string;
}

const TEXT = /^time="[^"]*" level=(\w+) msg=(?:"((?:[^"\\]|\\.)*)"|(\S*))/;
/** `--log-format=color`, which is kaniko's default, with the colours or without. */
const COLOUR = /^(?:\u001b\[\d+m)?(TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)(?:\u001b\[0m)?\[[^\]]*\] (.*)$/;
const LEVELS: Readonly<Record<string, string>> = { TRAC: 'trace', DEBU: 'debug', INFO: 'info', WARN: 'warning', ERRO: 'error', FATA: 'fatal', PANI: 'panic' };

/** Takes a line apart; one that kaniko did not write itself is all message. Pure. */
export function loggedLine(line: string): LoggedLine {
  const text = TEXT.exec(line);
  if (text !== null) { return { level: text[1], message: text[2] === undefined ? text[3] : unquoted(text[2]) }; }
  const colour = COLOUR.exec(line);
  return colour === null ? { message: line } : { level: LEVELS[colour[1]], message: colour[2].trimEnd() };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** What Go's %q has quoted. */
function unquoted(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g, (_, x, u, U, other: string) =>
    other === undefined ? String.fromCodePoint(Math.min(parseInt(x ?? u ?? U, 16), 0x10ffff)) : ESCAPES[other] ?? other);
}

const INSTRUCTION = /^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)(?:\s|$)/;

/**
 * Reads a line of kaniko's log, of executors from v1.24 to v1.28; undefined where it begins nothing new. A RUN can print
 * lines that look like kaniko's: what is read here is for the eye, and decides nothing. Pure.
 */
export function readKanikoLine(line: string): KanikoLine | undefined {
  const { level, message } = loggedLine(line);
  if (level !== 'info') { return undefined; }
  if (INSTRUCTION.test(message)) { return { kind: 'instruction', text: message }; }
  for (const [shape, read] of SHAPES) {
    const match = shape.exec(message);
    if (match !== null) { return read(match); }
  }
  return undefined;
}

const SHAPES: readonly [RegExp, (match: RegExpExecArray) => KanikoLine][] = [
  [/^Building stage '(.*)' \[idx: '(\d+)'/, ([, image, index]) => ({ kind: 'stage', image, index: Number(index) })],
  [/^Found cached layer/, () => ({ kind: 'cached' })],
  [/^Pushing image to (\S+)/, ([, image]) => ({ kind: 'pushing', image })],
  [/^Retrieving image (?!manifest )(\S+)/, ([, image]) => ({ kind: 'work', text: `looking up ${image}` })],
  [/^Checking for cached layer /, () => ({ kind: 'work', text: 'looking into the cache' })],
  [/^Unpacking rootfs /, () => ({ kind: 'work', text: 'unpacking the base image' })],
  [/^Saving file .* for later use/s, () => ({ kind: 'work', text: 'saving files for later stages' })],
  [/^Deleting filesystem/, () => ({ kind: 'work', text: 'clearing the file system' })],
];
