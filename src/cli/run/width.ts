/**
 * Characters of two columns: East Asian scripts and emoji. An approximation of Unicode's East Asian Width
 * (https://www.unicode.org/reports/tr11/) that is right for whole blocks.
 */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Characters that take no column of their own: accents, joiners. */
const NONE = /[\p{Mark}\p{Format}\u200b]/u;

/** How many columns a terminal needs for a text without control characters. */
export function width(text: string): number {
  return [...text].reduce((sum, character) => sum + columnsOf(character), 0);
}

/** The text cut to so many columns, with an ellipsis where something is missing. */
export function fit(text: string, columns: number): string {
  if (width(text) <= columns) { return text; }
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) { break; }
    kept += character;
  }
  return columns < 1 ? '' : `${kept}…`;
}

function columnsOf(character: string): number {
  return NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
