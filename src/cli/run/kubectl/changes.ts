/** Lets several readers wait until something may have changed; who waits is woken now and then in any case, for what only time changes. */
export class Changes {
  private readonly waiting = new Set<() => void>();

  /** @param milliseconds after which who waits is woken without a change */
  public constructor(private readonly milliseconds: number) {}

  /** Something may have changed. */
  public readonly announce = (): void => {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) { wake(); }
  };

  /** Resolves at the next change, or somewhat later without one. */
  public async next(): Promise<void> {
    await new Promise<void>(resolve => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, this.milliseconds);
      this.waiting.add(wake);
    });
  }
}
