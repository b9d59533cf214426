import { escapeHtml } from './escape-html';
import { Report } from './report';
import { shownParameters } from './shown-parameters';
import { STYLE } from './style';
import { waterfallSvg } from './waterfall-svg';
import { BuildParameters } from '../../../parameters/build-parameters';
import { bytes, duration } from '../amounts';
import { Printable } from '../printable';
import { ImageDetails, UnknownImage } from '../registry/image-details';
import { Failure } from '../result';
import { BuildResult } from '../run-result';

/** Nothing is loaded and nothing runs, whatever gets into the page. https://www.w3.org/TR/CSP3/ */
const POLICY = 'default-src \'none\'; style-src \'unsafe-inline\'';

/** A page of its own: no network, no script. */
export function html({ result, begun, parameters, images }: Report, printable: Printable): string {
  const text = (value: string) => escapeHtml(printable(value));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Image builds: ${result.outcome}</title>
<style>
${STYLE}</style>
</head>
<body>
<header>
<h1>Image builds <span class="badge ${result.outcome}">${result.outcome}</span></h1>
<p>${begun.toISOString().replace('T', ' ').slice(0, 19)} UTC, ${duration(result.seconds)}</p>
</header>
${(result.failures ?? []).map(failure => failureHtml(failure, text)).join('')}${result.builds.map((build, index) =>
  buildHtml(build, parameters[index], images[index], text, printable)).join('')}</body>
</html>
`;
}

function buildHtml(
  build: BuildResult, parameters: BuildParameters, image: ImageDetails | UnknownImage | undefined, text: Printable, printable: Printable,
): string {
  const facts = [
    ...build.destinations.map((destination, index) => [index === 0 ? 'Image' : '', `<code>${text(destination)}</code>`]),
    ...build.digest === undefined ? [] : [['Digest', `<code>${text(build.digest)}</code>`]],
    ...image === undefined ? [] : [['Size', 'unknown' in image ? `unknown: ${text(image.unknown)}` : `${bytes(image.bytes)}, ${image.layers.length} layers`]],
    ['Job', `<code>${text(`${build.namespace}/${build.name}`)}</code>`],
    ['Duration', duration(build.seconds)],
  ];
  return `<section>
<h2>${text(build.name)} <span class="badge ${build.outcome}">${build.outcome}</span></h2>
${build.failure === undefined ? '' : failureHtml(build.failure, text)}<table class="facts">
${facts.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>\n`).join('')}</table>
${build.spans.length === 0 ? '' : `<h3>Where the time went</h3>\n<div class="waterfall">${waterfallSvg(build, printable)}</div>\n`}${
  image === undefined || 'unknown' in image ? '' : layersHtml(image, text)}<h3>Parameters</h3>
<table class="parameters">
${shownParameters(parameters).map(({ name, value }) => `<tr><th>${text(name)}</th><td><code>${text(value)}</code></td></tr>\n`).join('')}</table>
</section>
`;
}

function layersHtml({ layers }: ImageDetails, text: Printable): string {
  const largest = Math.max(1, ...layers.map(layer => layer.bytes));
  return `<h3>Layers</h3>
<table class="layers">
${layers.map(({ digest, bytes: size, createdBy }) => `<tr><td><code title="${text(digest)}">${text(digest.slice(7, 19))}</code></td>`
    + `<td class="number">${bytes(size)}</td><td><div class="size" style="width:${(size / largest * 100).toFixed(1)}px"></div></td>`
    + `<td><code>${text(createdBy ?? '')}</code></td></tr>\n`).join('')}</table>
`;
}

function failureHtml({ cause, message, remedy }: Failure, text: Printable): string {
  return `<div class="failure"><strong>${cause}</strong><pre>${message.split('\n').map(text).join('\n')}</pre>${
    remedy === undefined ? '' : `<p>${text(remedy)}</p>`}</div>\n`;
}
