/** What a line of the init container says (docs/prepare-context.md). */
export type PrepareLine =
  | { readonly kind: 'begun'; readonly step: string; readonly text: string }
  | { readonly kind: 'ended'; readonly step: string; readonly text: string }
  /** How many instructions each stage of the Dockerfile has. */
  | { readonly kind: 'instructions'; readonly byStage: readonly number[] };

/** A step's begin ends with dots, its end with seconds; a line on one file of many begins with the file's quoted name. */
const LINE = /^prepare-context: (trust|apt|identity|clone|files): (?!')(.*?)(?: (\.\.\.)|\s\(\d+(?:\.\d+)? s\))$/;

const INSTRUCTIONS = /^prepare-context: dockerfile: instructions by stage:((?: \d{1,6}){1,1000})$/;

/** Reads a line of `prepare-context`; undefined where it says nothing of the progress. Pure. */
export function readPrepareLine(line: string): PrepareLine | undefined {
  const [, counts] = INSTRUCTIONS.exec(line) ?? [];
  if (counts !== undefined) { return { kind: 'instructions', byStage: counts.trim().split(' ').map(Number) }; }
  const [, step, text, dots] = LINE.exec(line) ?? [];
  if (step === undefined) { return undefined; }
  return { kind: dots === undefined ? 'ended' : 'begun', step, text };
}
