/** A table as a plot: Vega-Lite says what is drawn, Vega draws it as SVG. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Row, Table } from '../benchmark';
import { median } from '../measure';

/** Colours by the role that they play: those of a light page, and of a dark one. */
const COLOURS = {
  page: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#f0f6fc'],
  grid: ['#d1d9e0', '#3d444d'],
  spread: ['#59636e', '#9198a1'],
  // Ours stands out; the others follow. Told apart also by those who do not see red and green.
  ours: ['#0072b2', '#56b4e9'],
  other: ['#999999', '#818b98'],
  second: ['#d55e00', '#ff9d5c'],
  third: ['#cc79a7', '#e8a8cb'],
  fourth: ['#009e73', '#3fd6ab'],
} as const;
const light = (name: keyof typeof COLOURS) => COLOURS[name][0];

/** A plot of a table's first measure; undefined for a table without one. */
export function plot(table: Table): string | undefined {
  if (!table.plot) { return undefined; }
  const specification = table.plot === 'bars' ? bars(table) : growth(table);
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'svg.mjs')], { input: JSON.stringify(specification), encoding: 'utf8' });
  if (status !== 0) { throw new Error(`the plot of "${table.title}" was not drawn:\n${stderr}`); }
  return readableInTheDark(stdout);
}

/** An SVG cannot know the page's colours, but asks what the reader prefers. */
function readableInTheDark(svg: string): string {
  const rules = Object.values(COLOURS).flatMap(([by, dark]) => ['fill', 'stroke'].map(attribute => `[${attribute}="${by}"]{${attribute}:${dark}}`));
  return svg.replace(/(<svg[^>]*>)/, `$1<style>@media (prefers-color-scheme: dark){${rules.join('')}}</style>`);
}

const isOurs = (subject: string) => /^(ours|cdk-kaniko)/.test(subject);

function values({ rows, measures: [{ name }] }: Table): object[] {
  return rows.filter(row => row.samples[name] !== undefined).map((row, index) => {
    const samples = row.samples[name];
    return { ...described(row), index, value: median(samples), from: Math.min(...samples), to: Math.max(...samples), ours: isOurs(row.subject) };
  });
}

function described({ group, subject }: Row): object {
  return { group, subject, size: Number(group.replace(/,/g, '').match(/^\d+/)?.[0]) };
}

const CONFIG = {
  background: light('page'),
  font: 'sans-serif',
  view: { stroke: null },
  axis: { labelColor: light('text'), titleColor: light('text'), gridColor: light('grid'), domainColor: light('grid'), tickColor: light('grid'), labelLimit: 400 },
  header: { labelColor: light('text'), titleColor: light('text') },
  legend: { labelColor: light('text'), titleColor: light('text'), labelLimit: 400 },
};

function title({ measures: [{ name, unit }] }: Table): string {
  return unit === 'count' ? name : `${name}, ${unit}`;
}

/** A bar a row, below each other by group, with a line from the least to the greatest sample. */
function bars(table: Table): object {
  const subjects = { field: 'subject', type: 'nominal', sort: { field: 'index' }, title: null };
  const groups = new Set(table.rows.map(({ group }) => group)).size;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    data: { values: values(table) },
    config: CONFIG,
    ...groups > 1 ? { facet: { row: { field: 'group', type: 'nominal', sort: { field: 'index' }, title: null, header: { labelAngle: 0, labelAlign: 'left' } } }, resolve: { scale: { y: 'independent' } } } : {},
    ...layered(groups > 1, {
      width: 420,
      height: { step: 20 },
      layer: [
        {
          mark: { type: 'bar', height: 12 },
          encoding: {
            y: subjects,
            x: { field: 'value', type: 'quantitative', title: title(table) },
            color: { condition: { test: 'datum.ours', value: light('ours') }, value: light('other') },
          },
        },
        { mark: { type: 'rule', color: light('spread') }, encoding: { y: subjects, x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } } },
      ],
    }),
  };
}

function layered(faceted: boolean, specification: object): object {
  return faceted ? { spec: specification } : specification;
}

/** A line a subject: both axes grow by factors, so that a straight line is a power. */
function growth(table: Table): object {
  const subjects = [...new Set(table.rows.map(({ subject }) => subject))];
  const others = ['other', 'second', 'third', 'fourth'] as const;
  let next = 0;
  const range = subjects.map(subject => isOurs(subject) ? light('ours') : light(others[next++]));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    data: { values: values(table) },
    config: CONFIG,
    width: 420,
    height: 260,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'size', type: 'quantitative', scale: { type: 'log' }, title: table.rows[0].group.replace(/^[\d,]+ /, '').replace(/([^s])$/, '$1s'), axis: { grid: false, values: [1, 10, 100, 1000, 4000] } },
      y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: title(table) },
      color: { field: 'subject', type: 'nominal', sort: subjects, scale: { domain: subjects, range }, title: null },
    },
  };
}
