import { BuildEvent } from './event';
import { Printable } from './printable';
import { BuildView, Progress } from './progress';

/** Only what a person should know although all may still end well. */
export class QuietProgress implements Progress {
  public constructor(private readonly write: (text: string) => void, private readonly printable: Printable) {}

  public told({ label }: BuildView, event: BuildEvent): void {
    if (event.kind === 'notice') { this.note(`${label}: ${event.message}`); }
  }

  public ended(): void {}

  public note(message: string): void {
    this.write(`note: ${this.printable(message)}\n`);
  }

  public close(): void {}
}
