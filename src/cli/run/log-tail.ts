import { readKanikoLine } from './kaniko-log';

const KEPT_LINES = 200;

/** What of a container's log may say why it failed: its last lines, and the last instruction of the Dockerfile. */
export class LogTail {
  /** The last lines, the oldest first. */
  public readonly lines: string[] = [];
  /** The Dockerfile's instruction that kaniko named last. */
  public instruction?: string;

  public add(line: string): void {
    if (this.lines.push(line) > KEPT_LINES) { this.lines.shift(); }
    const read = readKanikoLine(line);
    if (read?.kind === 'instruction') { this.instruction = read.text; }
  }
}
