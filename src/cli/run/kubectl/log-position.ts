/** A line of a container's log, without its end. */
export interface Line {
  readonly at: Date;
  readonly line: string;
}

/**
 * How far a log has been told. A log is asked for again by a whole second, so lines come again; and lines of standard
 * output and standard error may stand in another order than their times. So all lines of the last two seconds are
 * remembered, and each is taken once as often as it stands in the log.
 */
export class LogPosition {
  private readonly told = new Map<number, string[]>();
  private expected = new Map<string, number>();
  private first = true;
  private latest?: number;

  /**
   * Begins to read again.
   *
   * @returns the time from which the log is needed; undefined for all of it
   */
  public begin(): string | undefined {
    this.expected = new Map();
    this.first = true;
    if (this.latest === undefined) { return undefined; }
    for (const line of [...this.told.values()].flat()) { this.expected.set(line, (this.expected.get(line) ?? 0) + 1); }
    return new Date((this.latest - 1) * 1000).toISOString().replace('.000', '');
  }

  /**
   * Takes a line as the kubelet sends it: its time, a space, its text.
   *
   * @returns the line, or undefined where it has been told; `gap` where lines between it and the last one are lost
   */
  public take(raw: string): (Line & { readonly gap: boolean }) | undefined {
    const again = this.expected.get(raw) ?? 0;
    const gap = this.first && again === 0 && this.expected.size > 0;
    this.first = false;
    if (again > 0) {
      this.expected.set(raw, again - 1);
      return undefined;
    }
    const space = raw.indexOf(' ');
    const at = new Date(space < 0 ? raw : raw.slice(0, space));
    // A sentence of the kubelet's own, where it cannot read the log: the next read may.
    if (Number.isNaN(at.getTime())) { return undefined; }
    this.remember(Math.floor(at.getTime() / 1000), raw);
    return { at, line: space < 0 ? '' : raw.slice(space + 1), gap };
  }

  private remember(second: number, raw: string): void {
    const lines = this.told.get(second);
    if (lines === undefined) { this.told.set(second, [raw]); } else { lines.push(raw); }
    if (this.latest !== undefined && second <= this.latest) { return; }
    this.latest = second;
    for (const old of this.told.keys()) {
      if (old < second - 1) { this.told.delete(old); }
    }
  }
}
