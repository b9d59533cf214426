import { html } from './html';
import { markdown } from './markdown';
import { BuildParameters } from '../../../parameters/build-parameters';
import { Printable } from '../printable';
import { ImageDetails, UnknownImage } from '../registry/image-details';
import { RunResult } from '../run-result';

/** What a report is made of. */
export interface Report {
  readonly result: RunResult;
  /** When the run began. */
  readonly begun: Date;
  /** The builds' parameters, in the order of the result's builds. */
  readonly parameters: readonly BuildParameters[];
  /** What is known of their images; undefined where none was pushed. */
  readonly images: readonly (ImageDetails | UnknownImage | undefined)[];
}

/** Reports by the ending of their files. Everything in them that comes from outside goes through `printable`. */
const FORMATS: Readonly<Record<string, (report: Report, printable: Printable) => string>> = {
  '.html': html,
  '.md': markdown,
  '.json': ({ result }) => `${JSON.stringify(result, null, 2)}\n`,
};

/** What the name of a report may end with. */
export const REPORT_ENDINGS = Object.keys(FORMATS);

/** The text of a report, in the format that its file's name says. */
export function reportText(file: string, report: Report, printable: Printable): string {
  const [, format] = Object.entries(FORMATS).find(([ending]) => file.endsWith(ending))!;
  return format(report, printable);
}
