/** How long a cluster that does not answer is asked again. */
const GIVE_UP_MILLISECONDS = 5 * 60_000;

/**
 * Whether the cluster answers. Watches that fail say so here and try again; builds that are being followed hear of it
 * once, and again when it answers.
 */
export class Connection {
  private readonly failing = new Set<unknown>();
  private since = 0;
  private reason = '';

  public constructor(private readonly changed: () => void) {}

  /** A watch has failed. */
  public failed(watch: unknown, message: string): void {
    if (this.failing.size === 0) { this.since = Date.now(); }
    this.failing.add(watch);
    this.reason = message;
    this.changed();
  }

  /** A watch works, or is not needed any more. */
  public works(watch: unknown): void {
    if (this.failing.delete(watch)) { this.changed(); }
  }

  /** What the last failure said, where the cluster does not answer. */
  public get lost(): string | undefined {
    return this.failing.size === 0 ? undefined : this.reason;
  }

  /** Whether it has not answered for so long that nobody should wait for it. */
  public get givenUp(): boolean {
    return this.failing.size > 0 && Date.now() - this.since > GIVE_UP_MILLISECONDS;
  }
}
