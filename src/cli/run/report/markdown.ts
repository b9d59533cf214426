import { Report } from './report';
import { shownParameters } from './shown-parameters';
import { waterfallText } from './waterfall-text';
import { bytes, duration } from '../amounts';
import { Printable } from '../printable';
import { ImageDetails, UnknownImage } from '../registry/image-details';
import { Failure } from '../result';
import { BuildResult } from '../run-result';

/**
 * A summary in Markdown, for the page of a pipeline's run: tables and blocks of text, no pictures and no HTML, which
 * Azure Pipelines shows none of. Headings have one `#`: two at a line's beginning could be taken for an agent's command.
 */
export function markdown({ result, parameters, images }: Report, printable: Printable): string {
  const cell = (text: string) => escaped(printable(text));
  return [
    `# Image builds: ${result.outcome} in ${duration(result.seconds)}\n`,
    ...(result.failures ?? []).map(failure => failureText(failure, cell)),
    ...result.builds.map((build, index) => buildText(build, images[index], cell, printable, shownParameters(parameters[index])
      .map(({ name, value }) => `| ${cell(name)} | ${cell(value)} |\n`).join(''))),
  ].join('\n');
}

function buildText(
  build: BuildResult, image: ImageDetails | UnknownImage | undefined, cell: Printable, printable: Printable, parameterRows: string,
): string {
  const facts: [string, string][] = [
    ['image', build.destinations.map(cell).join(', ')],
    ...build.digest === undefined ? [] : [['digest', cell(build.digest)] as [string, string]],
    ...image === undefined ? [] : [['size', 'unknown' in image ? `unknown: ${cell(image.unknown)}` : `${bytes(image.bytes)}, ${image.layers.length} layers`] as [string, string]],
    ['Job', cell(`${build.namespace}/${build.name}`)],
  ];
  return [
    `**${cell(build.name)}**: ${build.outcome} in ${duration(build.seconds)}\n`,
    ...build.failure === undefined ? [] : [failureText(build.failure, cell)],
    `| | |\n|---|---|\n${facts.map(([name, value]) => `| ${name} | ${value} |\n`).join('')}`,
    // A fence of tildes, behind which no line of ours begins with one.
    `~~~~text\n${waterfallText(build, printable)}~~~~\n`,
    ...image === undefined || 'unknown' in image ? [] : [layersTable(image, cell)],
    `| parameter | value |\n|---|---|\n${parameterRows}`,
  ].join('\n');
}

function layersTable({ layers }: ImageDetails, cell: Printable): string {
  return `| layer | size | made by |\n|---|---:|---|\n${layers.map(({ digest, bytes: size, createdBy }) =>
    `| ${cell(digest.slice(7, 19))} | ${bytes(size)} | ${cell(shortened(createdBy ?? ''))} |\n`).join('')}`;
}

function failureText({ cause, message, remedy }: Failure, cell: Printable): string {
  return [`> **${cause}**`, ...message.split('\n').map(cell), ...remedy === undefined ? [] : [cell(remedy)]]
    .map((line, index) => index === 0 ? line : `> ${line}`).join('\n>\n') + '\n';
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Text that Markdown takes as text, in a table's cell as well: no markup, no links, no HTML. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, character => `&#${character.charCodeAt(0)};`).replace(/:\/\//g, ':&#47;&#47;');
}
