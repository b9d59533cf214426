import { duration } from './amounts';
import { Printable } from './printable';
import { Failure } from './result';
import { BuildResult, RunResult } from './run-result';

/** The references that were pushed, one a line; the first line is what a script wants. */
export function referenceLines({ builds }: RunResult): string {
  return builds.flatMap(({ reference }) => reference === undefined ? [] : [`${reference}\n`]).join('');
}

/** A short table of where each build's time went. */
export function timeTable({ builds }: RunResult): string {
  return builds.filter(({ phases }) => phases.length > 0).map(tableOf).join('');
}

const LONGEST_BAR = 32;

function tableOf({ name, outcome, seconds, phases }: BuildResult): string {
  const bar = (part: number) => '='.repeat(seconds === 0 ? 0 : Math.round(part / seconds * LONGEST_BAR));
  const lines = phases.map(phase => `  ${phase.name.padEnd(10)}${duration(phase.seconds).padStart(13)}  ${bar(phase.seconds)}`.trimEnd());
  return `\n${name}: ${outcome} in ${duration(seconds)}\n${lines.map(line => `${line}\n`).join('')}`;
}

/** What went wrong, and what to do about it. */
export function failureLines({ failures = [], builds }: RunResult, printable: Printable): string {
  return [
    ...failures.map(failure => failureText('', failure, printable)),
    ...builds.flatMap(({ name, failure }) => failure === undefined ? [] : [failureText(`${name}: `, failure, printable)]),
  ].join('');
}

function failureText(place: string, { cause, message, remedy }: Failure, printable: Printable): string {
  const lines = message.split('\n').map(line => printable(line)).filter(line => line !== '');
  const [first = '', ...rest] = lines;
  return [`${place}${cause}: ${first}`, ...rest.map(line => `  ${line}`), ...remedy === undefined ? [] : [`  ${printable(remedy)}`]]
    .map(line => `${line}\n`).join('');
}
