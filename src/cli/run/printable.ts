import { stripVTControlCharacters } from 'node:util';

/** Turns text from outside into what may be printed. */
export type Printable = (text: string) => string;

/** Control characters, and marks that turn the direction of writing, by which a line can be made to read as another one. */
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A line that other people's programs wrote, made harmless: no escape sequences, no control characters, tabs and line
 * ends as blanks, and of a line that overwrites itself by carriage returns what would be seen in the end.
 */
export function printable(line: string): string {
  // A run of carriage returns is looked at once, and not again from each of them.
  const shown = stripVTControlCharacters(line).replace(/(?<!\r)\r+$/, '').split('\r').at(-1)!;
  return shown.replace(/[\t\n]/g, ' ').replace(HARMFUL, '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * `##` broken up as `# #`: an Azure Pipelines agent looks for `##vso[…]` and `##[…]` anywhere in a line and runs it.
 * https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 */
export function withoutAgentCommands(text: string): string {
  return text.replace(/#(?=#)/g, '# ');
}

/** What this environment needs: agents of Azure Pipelines set TF_BUILD. */
export function printableFor(environment: Readonly<Record<string, string | undefined>>): Printable {
  return environment.TF_BUILD === undefined ? printable : line => withoutAgentCommands(printable(line));
}

/** A value as one line of JSON that harms neither a terminal nor an agent, whatever is in it, and reads back the same. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value)
    .replace(HARMFUL, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/#(?=#)/g, '\\u0023');
}
