/** What a line of the init container says (docs/prepare-context.md). */
export type PrepareLine =
  | { readonly kind: 'begun'; readonly step: string; readonly text: string }
  | { readonly kind: 'ended'; readonly step: string; readonly text: string };

/** A step's begin ends with dots, its end with seconds; a line on one file of many begins with the file's quoted name. */
const LINE = /^prepare-context: (trust|apt|identity|clone|files): (?!')(.*?)(?: (\.\.\.)|\s\(\d+(?:\.\d+)? s\))$/;

/** Reads a line of `prepare-context`; undefined where it neither begins nor ends a step. Pure. */
export function readPrepareLine(line: string): PrepareLine | undefined {
  const [, step, text, dots] = LINE.exec(line) ?? [];
  if (step === undefined) { return undefined; }
  return { kind: dots === undefined ? 'ended' : 'begun', step, text };
}
