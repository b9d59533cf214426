import { BuildEvent } from './event';
import { jsonLine } from './printable';
import { BuildView, Progress } from './progress';

/** Every event as a line of JSON: what the engine told, with the build's name and namespace. */
export class JsonProgress implements Progress {
  public constructor(private readonly write: (text: string) => void) {}

  public told({ build }: BuildView, event: BuildEvent): void {
    this.write(`${jsonLine({ build: build.name, namespace: build.namespace, ...event })}\n`);
  }

  public ended(): void {}

  public note(message: string): void {
    this.write(`${jsonLine({ kind: 'notice', at: new Date(), message })}\n`);
  }

  public close(): void {}
}
