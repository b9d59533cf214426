/** `docs/benchmarks.md`: made of the results that are kept, so that every figure there is one that was measured. */
import { Result } from '../result';
import { cells, goalText, isMet } from './text';

/** What a benchmark says of itself. */
export interface Section { readonly name: string; readonly title: string; readonly about: string }

const INTRODUCTION = `# Benchmarks

What the library costs, beside what one would have instead, measured in the same run on the same machine.

<!-- Made by \`npm run bench -- --render\` from bench/results.json. -->

\`\`\`
npm ci && npx projen compile
npm run bench                       # everything; the cluster's part as root, as docs/e2e.md says
npm run bench -- load synth         # some
npm run bench -- load --runs 5 --json load.json
npm run bench -- load --record      # keep the results in bench/results.json and write this page
npm run bench -- --render           # write this page only
\`\`\`

A figure is a median, with the least and the greatest value behind it. A ratio is that of the medians, with the least and
the greatest ratio of a single turn; below 1 is less than the baseline's. The ways of a table take turns, so that a busy
machine slows all of them alike: trust ratios, and take seconds for what they are on this machine. The command ends with
1 where a goal is missed, and says which.

Builds are measured with the newest executor that there is: v1.27.5, which is built from its Go module, or a newer one that
\`KANIKO_EXECUTOR\` names ([how](e2e.md#what-runs)). The line below each table says which it was.
`;

/** The file with a table's plot, as the page names it; undefined for a table without one. */
export type PlotName = (benchmark: string, table: number) => string | undefined;

/** The page. */
export function markdown(sections: readonly Section[], results: readonly Result[], plots: PlotName): string {
  const parts = results.map(result => section(sections.find(({ name }) => name === result.name)!, result, plots));
  return [INTRODUCTION, summary(sections, results), ...parts].join('\n');
}

function summary(sections: readonly Section[], results: readonly Result[]): string {
  const rows = results.flatMap(({ name, goals }) => goals.map(goal => {
    const { title } = sections.find(candidate => candidate.name === name)!;
    return [`[${title}](#${anchor(title)})`, goal.name, goalText(goal).slice(goal.name.length + 2), isMet(goal) ? 'met' : '**missed**'];
  }));
  return `## Goals\n\n${table([['', 'figure', 'value', ''], ...rows])}`;
}

function section({ title, about }: Section, result: Result, plots: PlotName): string {
  const { tables, notes = [], versions, machine, date } = result;
  const against = Object.entries(versions).map(([name, version]) => `${name} ${version.replace(/^v/, '')}`).join(', ');
  return [
    `## ${title}\n\n${about}\n`,
    ...tables.map((one, index) => {
      const plot = plots(result.name, index);
      return `### ${one.title}\n\n${plot ? `![${one.title}](${plot})\n\n` : ''}${table(cells(one))}`;
    }),
    ...notes.length > 0 ? [notes.map(note => `- ${note}\n`).join('')] : [],
    `${date}: ${machine}; ${against}.\n`,
  ].join('\n');
}

function table([header, ...rows]: readonly string[][]): string {
  const line = (row: readonly string[]) => `| ${row.map(cell => cell.replace(/\|/g, '\\|')).join(' | ')} |\n`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('');
}

/** As GitHub makes it of a heading. */
function anchor(title: string): string {
  return title.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-');
}
