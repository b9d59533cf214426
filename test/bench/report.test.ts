import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratio, Table } from '../../bench/benchmark';
import { median, takeTurns } from '../../bench/measure';
import { markdown } from '../../bench/report/markdown';
import { plot } from '../../bench/report/plots';
import { terminalText } from '../../bench/report/terminal';
import { cells, figure, goalText, isMet } from '../../bench/report/text';
import { merged, Result } from '../../bench/result';

const TABLE: Table = {
  title: 'Walking',
  baseline: 'by foot',
  measures: [{ name: 'time', unit: 's' }, { name: 'food', unit: 'bytes' }],
  plot: 'bars',
  rows: [
    { group: '1 mile', subject: 'by foot', samples: { time: [20, 10, 30], food: [1000, 1000, 1000] } },
    { group: '1 mile', subject: 'ours', samples: { time: [5, 5, 6] } },
  ],
};

function result(name: string, value: number): Result {
  return {
    name, machine: '2 × Wheel', date: '2026-01-31', tables: [TABLE], versions: { shoes: 'v1.2' }, notes: ['It rained.'],
    goals: [{ name: 'time of a mile, ours / by foot', value, atMost: 0.5 }],
  };
}
const SECTIONS = [{ name: 'walk', title: 'Walking & more', about: 'From here to there.' }];

describe('figures', () => {
  test.each([
    [0.0034, 's', '3 ms'], [12.345, 's', '12.3 s'], [345.6, 's', '346 s'], [999, 'bytes', '999 B'], [47_512, 'bytes', '47.5 kB'], [29_256_596, 'bytes', '29.3 MB'],
    [2048.4, 'MiB', '2,048 MiB'], [1906, 'count', '1,906'],
  ] as const)('%p %s is written %p', (value, unit, text) => {
    expect(figure(value, { name: 'x', unit })).toBe(text);
  });

  test('the median of an even number of values is the mean of the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test('a ratio is that of the medians, and its spread that of the turns', () => {
    expect(ratio(TABLE, '1 mile', 'time', 'ours')).toBe(0.25);
    expect(cells(TABLE)[2][1]).toBe('0.25 (0.20–0.50)');
  });

  test('ratios stand before seconds, and what was not measured stays empty', () => {
    expect(cells(TABLE)).toEqual([
      ['', 'time, ratio', 'food, ratio', 'time', 'food', 'runs'],
      ['by foot', '1', '1', '20.0 s (10.0 s–30.0 s)', '1.00 kB', '3'],
      ['ours', '0.25 (0.20–0.50)', '', '5.00 s (5.00 s–6.00 s)', '', '3'],
    ]);
  });

  test('a row that does not exist is named', () => {
    expect(() => ratio(TABLE, '1 mile', 'time', 'by boat')).toThrow('"Walking" has no row "by boat" of "1 mile"');
  });
});

describe('turns', () => {
  test('ways take turns, and the round that warms up does not count', async () => {
    const order: string[] = [];
    const way = (name: string) => () => ({ time: order.push(name) });
    const rows = await takeTurns('walk', { one: way('one'), other: way('other') }, { runs: 2 });
    expect(order).toEqual(['one', 'other', 'one', 'other', 'one', 'other']);
    expect(rows.map(({ samples }) => samples.time)).toEqual([[3, 5], [4, 6]]);
  });
});

describe('goals', () => {
  test('a goal is met up to its limit', () => {
    expect([0.5, 0.51].map(value => isMet(result('walk', value).goals[0]))).toEqual([true, false]);
  });

  test('the terminal says which goal is missed, and by how much', () => {
    expect(terminalText(result('walk', 0.75))).toContain(`MISSED  ${goalText(result('walk', 0.75).goals[0])}`);
    expect(terminalText(result('walk', 0.75))).toContain('0.75, at most 0.5');
  });

  test('the page says it too, beside the machine and the versions', () => {
    const page = markdown(SECTIONS, [result('walk', 0.75)], () => undefined);
    expect(page).toContain('| [Walking & more](#walking--more) | time of a mile, ours / by foot | 0.75, at most 0.5 | **missed** |');
    expect(page).toContain('2026-01-31: 2 × Wheel; shoes 1.2.');
    expect(page).toContain('- It rained.');
  });
});

describe('results that are kept', () => {
  test('a new result takes the place of the old one, and the others stay in their order', () => {
    const [a, b, c, newer] = [result('a', 1), result('b', 2), result('c', 3), result('b', 4)];
    expect(merged([c, b, a], [newer], ['a', 'b', 'c'])).toEqual([a, newer, c]);
  });

  test('a benchmark that is no more leaves nothing behind', () => {
    expect(merged([result('gone', 1)], [], ['a'])).toEqual([]);
  });
});

describe('plots', () => {
  const svg = plot(TABLE)!;

  test('a bar a row, each with its name', () => {
    expect(svg).toMatch(/^<svg/);
    for (const name of ['by foot', 'ours', 'time, s']) { expect(svg).toContain(name); }
  });

  test('every colour has one for a dark page', () => {
    const colours = new Set([...svg.replace(/<style>.*<\/style>/, '').matchAll(/(?:fill|stroke)="(#[0-9a-f]{6})"/g)].map(([, colour]) => colour));
    expect(colours.size).toBeGreaterThan(3);
    for (const colour of colours) { expect(svg).toContain(`="${colour}"]{`); }
  });

  test('a table without a plot has none', () => {
    expect(plot({ ...TABLE, plot: undefined })).toBeUndefined();
  });
});

describe('docs/benchmarks.md', () => {
  const root = join(__dirname, '../..');
  const results = JSON.parse(readFileSync(join(root, 'bench/results.json'), 'utf8')) as Result[];
  const page = readFileSync(join(root, 'docs/benchmarks.md'), 'utf8');

  test('has every goal of the results that are kept', () => {
    expect(results.length).toBeGreaterThan(0);
    for (const { goals } of results) {
      for (const goal of goals) { expect(page).toContain(`${goal.name} | ${goalText(goal).slice(goal.name.length + 2)} |`); }
    }
  });
});
