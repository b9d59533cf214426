/** Results on a terminal. */
import { Result } from '../result';
import { cells, goalText, isMet } from './text';

/** A table with aligned columns. */
function aligned(rows: readonly string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return rows.map(row => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()}\n`).join('');
}

/** What is printed of one benchmark. */
export function terminalText({ name, tables, goals, notes = [] }: Result): string {
  return [
    `\n${name}\n`,
    ...tables.map(table => `\n  ${table.title}\n${aligned(cells(table))}`),
    '\n',
    ...goals.map(goal => `  ${isMet(goal) ? 'met   ' : 'MISSED'}  ${goalText(goal)}\n`),
    ...notes.map(note => `  ${note}\n`),
  ].join('');
}
