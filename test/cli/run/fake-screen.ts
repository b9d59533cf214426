/** A terminal as far as the live view uses one: it knows what stands where, and what no terminal line may hold. */
export class FakeScreen {
  private readonly rows: string[] = [''];
  private row = 0;
  /** Everything that was written, with its escape sequences. */
  public raw = '';

  public constructor(public columns: number) {}

  /** What a person sees, line by line. */
  public get lines(): string[] {
    return this.rows.map(row => row.trimEnd()).filter(row => row !== '');
  }

  public readonly write = (text: string): void => {
    this.raw += text;
    for (const [piece] of text.matchAll(/\u001b\[(\d*)([A-Z])|\u001b\[\d+m|\n|\r|[^\u001b\n\r]+/g)) {
      const [, count, command] = /^\u001b\[(\d*)([A-Z])$/.exec(piece) ?? [];
      if (piece === '\n') {
        this.row++;
        this.rows[this.row] ??= '';
      } else if (command === 'A') {
        this.row -= Number(count);
      } else if (command === 'J') {
        this.rows.splice(this.row, Infinity, '');
      } else if (command !== undefined) {
        throw new Error(`a command that this terminal does not know: ${JSON.stringify(piece)}`);
      } else if (piece !== '\r' && !piece.startsWith('\u001b')) {
        this.rows[this.row] += piece;
      }
    }
  };
}
