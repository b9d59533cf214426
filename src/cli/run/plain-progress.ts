import { BuildEvent, LogLine } from './event';
import { loggedLine } from './kaniko-log';
import { Printable } from './printable';
import { BuildView, Progress } from './progress';
import { BuildEnd } from './result';
import { Change, Span } from './timeline';

/** Lines for a pipeline's log: every phase and step, and below it every line of the containers. */
export class PlainProgress implements Progress {
  private readonly widest: number;

  /**
   * @param write takes whole lines
   * @param labels of all builds; each line is marked with its build's where there are several
   */
  public constructor(
    private readonly write: (text: string) => void,
    private readonly printable: Printable,
    private readonly labels: readonly string[],
  ) {
    this.widest = Math.max(...labels.map(label => label.length));
  }

  public told(view: BuildView, event: BuildEvent, { begun }: Change): void {
    for (const span of begun.filter(isHeading)) { this.line(view, headingOf(span)); }
    if (event.kind === 'notice') { this.line(view, `note: ${event.message}`); }
    if (event.kind === 'log' && !begun.some(isHeading)) { this.line(view, logText(event), '  '); }
  }

  public ended(view: BuildView, end: BuildEnd): void {
    this.line(view, end.outcome === 'failed' ? `failed: ${end.failure.message.split('\n')[0]}` : end.outcome);
  }

  public note(message: string): void {
    this.write(`note: ${this.printable(message)}\n`);
  }

  public close(): void {}

  private line({ label, timeline }: BuildView, text: string, indent = ''): void {
    const mark = this.labels.length > 1 ? `${label.padEnd(this.widest)} ` : '';
    this.write(`${mark}${timeline.seconds.toFixed(1).padStart(7)} ${indent}${this.printable(text)}\n`);
  }
}

/** The init container's own lines say what its steps are, and better. */
function isHeading({ phase, title }: Span): boolean {
  return phase !== 'preparing' || title === 'preparing';
}

/** How a span is announced: `step 3/9 RUN make`, `pulling registry.contoso.example/kaniko:v1.28.3-debug`. */
export function headingOf({ title, detail, number, of }: Span): string {
  return `${number === undefined ? '' : `step ${number}${of === undefined ? '' : `/${of}`} `}${title}${detail === undefined ? '' : ` ${detail}`}`;
}

/** A line of a container without what every line has: kaniko's time and level, where that is no warning. */
export function logText({ container, line }: LogLine): string {
  if (container !== 'kaniko') { return line; }
  const { level, message } = loggedLine(line);
  return level === undefined || level === 'info' ? message : `${level}: ${message}`;
}
