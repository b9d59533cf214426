// A Vega-Lite specification on standard input becomes SVG on standard output. A program of its own, because Vega's
// modules can be imported and not required.
import { readFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

const { spec } = compile(JSON.parse(readFileSync(0, 'utf8')));
process.stdout.write(`${await new View(parse(spec), { renderer: 'none' }).toSVG()}\n`);
