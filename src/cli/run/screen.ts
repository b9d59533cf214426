import { fit, width } from './width';

/** Colours and the like, by what they say. */
export type Style = 'good' | 'bad' | 'warning' | 'faint' | 'plain';

/** https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters */
const CODES: Readonly<Record<Style, string>> = { good: '32', bad: '31', warning: '33', faint: '2', plain: '' };

/** A piece of a line. */
export interface Piece {
  readonly text: string;
  readonly style?: Style;
  /** Whether what is before it is cut to leave it room; not where the terminal is too narrow for both. */
  readonly keep?: boolean;
}

/** A line as pieces, left to right. */
export type Line = readonly Piece[];

/**
 * The lower end of a terminal: lines that stay, and below them lines that are drawn again and again. No line is wider
 * than the terminal, so none wraps and the cursor finds back.
 */
export class Screen {
  private drawn = 0;

  /**
   * @param write takes text as it is
   * @param columns the terminal's width, asked for each line: windows change
   * @param coloured whether styles are shown
   */
  public constructor(private readonly write: (text: string) => void, private readonly columns: () => number, private readonly coloured: boolean) {}

  /** Writes lines that stay, then draws the lower ones anew. */
  public show(staying: readonly Line[], redrawn: readonly Line[]): void {
    const up = this.drawn === 0 ? '' : `\u001b[${this.drawn}A`;
    this.drawn = redrawn.length;
    // In one piece, so that nothing flickers.
    this.write(`${up}\r\u001b[J${[...staying, ...redrawn].map(line => `${this.rendered(line)}\n`).join('')}`);
  }

  private rendered(line: Line): string {
    // The last column stays free: some terminals wrap when it is written to.
    let left = this.columns() - 1;
    let text = '';
    for (const [index, piece] of line.entries()) {
      const behind = line.slice(index + 1).reduce((sum, { text: other, keep }) => sum + (keep === true ? width(other) : 0), 0);
      const kept = behind * 3 > this.columns() ? 0 : behind;
      const fitted = fit(piece.text, left - kept);
      left -= fitted === piece.text ? width(fitted) : left - kept;
      text += this.styled(fitted, piece.style ?? 'plain');
    }
    return text;
  }

  private styled(text: string, style: Style): string {
    return !this.coloured || style === 'plain' || text === '' ? text : `\u001b[${CODES[style]}m${text}\u001b[0m`;
  }
}
