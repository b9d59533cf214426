import { duration } from './amounts';
import { BuildEvent, LogLine } from './event';
import { loggedLine } from './kaniko-log';
import { headingOf, logText } from './plain-progress';
import { Printable } from './printable';
import { BuildView, Progress } from './progress';
import { BuildEnd } from './result';
import { Line, Screen, Style } from './screen';
import { Change, Span } from './timeline';

const REDRAW_MILLISECONDS = 100;
const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
/** How many lines of a failed step are shown: enough for most compilers' messages. */
const TAIL = 20;
/** How many running builds are shown; a terminal may have few lines. */
const MOST_SHOWN = 8;

/** A build that runs, as the screen shows it. */
interface Running {
  readonly view: BuildView;
  readonly since: number;
  /** When each running span was first heard of, by this machine's clock: the cluster's may differ. */
  readonly heard: Map<Span, number>;
  /** What the step that runs printed, its last lines. */
  tail: string[];
  /** The last line of any kind. */
  last?: string;
}

/**
 * For a person at a terminal: what is done stays as a line with its time; below, for each build, what runs now, for how
 * long, and the last line that it printed.
 */
export class LiveProgress implements Progress {
  private readonly builds = new Map<BuildView, Running>();
  private readonly timer: NodeJS.Timeout;
  private readonly widest: number;
  private frame = 0;

  /** @param labels of all builds; each line is marked with its build's where there are several */
  public constructor(private readonly screen: Screen, private readonly printable: Printable, private readonly labels: readonly string[]) {
    this.widest = Math.max(...labels.map(label => label.length));
    this.timer = setInterval(() => {
      this.frame++;
      this.show([]);
    }, REDRAW_MILLISECONDS);
    // Drawing keeps nobody waiting.
    this.timer.unref();
  }

  public told(view: BuildView, event: BuildEvent, { begun, ended }: Change): void {
    const build = this.running(view);
    for (const span of begun) { build.heard.set(span, Date.now()); }
    if (begun.length > 0) { Object.assign(build, { tail: [], last: undefined }); }
    if (event.kind === 'log' && begun.length === 0) { this.keep(build, event); }
    const notices = event.kind === 'notice' ? [this.line(view, { mark: '!', style: 'warning' }, '', event.message)] : [];
    const lines = [...this.endedLines(build, ended), ...notices];
    if (lines.length > 0) { this.show(lines); }
  }

  public ended(view: BuildView, end: BuildEnd): void {
    const build = this.running(view);
    this.builds.delete(view);
    const failed = end.outcome === 'failed';
    this.show([
      ...this.endedLines(build, [...build.heard.keys()]),
      ...failed ? build.tail.map(text => this.line(view, NO_MARK, '', `| ${text}`, 'faint')) : [],
      this.line(view, MARKS[end.outcome], duration(view.timeline.seconds), failed ? `failed: ${end.failure.message}` : end.outcome),
    ]);
  }

  public note(message: string): void {
    this.show([[{ text: '! ', style: 'warning' }, { text: this.printable(message) }]]);
  }

  public close(): void {
    clearInterval(this.timer);
    this.builds.clear();
    this.show([]);
  }

  private running(view: BuildView): Running {
    const known = this.builds.get(view) ?? { view, since: Date.now(), heard: new Map(), tail: [] };
    this.builds.set(view, known);
    return known;
  }

  private show(staying: readonly Line[]): void {
    const running = [...this.builds.values()];
    const more = running.length - MOST_SHOWN;
    this.screen.show(staying, [
      ...running.slice(0, MOST_SHOWN).flatMap(build => this.runningLines(build)),
      ...more > 0 ? [[{ text: `and ${more} more`, style: 'faint' as const }]] : [],
    ]);
  }

  private runningLines(build: Running): Line[] {
    const spans = build.view.timeline.running;
    if (spans.length === 0) { return []; }
    const heard = Math.min(...spans.map(span => build.heard.get(span) ?? build.since));
    const what = spans.map(headingOf).join(', ');
    const whole = ` (${duration((Date.now() - build.since) / 1000)} in all)`;
    const spinner: Mark = { mark: SPINNER[this.frame % SPINNER.length], style: 'good' };
    const now = this.line(build.view, spinner, duration((Date.now() - heard) / 1000), what);
    return [
      [...now, { text: whole, style: 'faint', keep: true }],
      ...build.last === undefined ? [] : [this.line(build.view, NO_MARK, '', build.last, 'faint')],
    ];
  }

  private keep(build: Running, event: LogLine): void {
    build.last = this.printable(logText(event));
    // What kaniko says of itself explains no failure, unless it is a warning.
    if (event.container !== 'kaniko' || loggedLine(event.line).level !== 'info') { build.tail = [...build.tail, build.last].slice(-TAIL); }
  }

  /** Lines of spans that are over, each once. */
  private endedLines({ view, heard }: Running, spans: readonly Span[]): Line[] {
    for (const span of spans) { heard.delete(span); }
    return spans.filter(isShown).map(span => this.spanLine(view, span));
  }

  private spanLine(view: BuildView, span: Span): Line {
    const seconds = (span.end!.getTime() - span.begin.getTime()) / 1000;
    const cached = span.cached === true ? 'from the cache: ' : '';
    return this.line(view, span.outcome === 'done' ? MARKS.pushed : MARKS.failed, duration(seconds), `${cached}${headingOf(span)}`);
  }

  private line({ label }: BuildView, { mark, style }: Mark, time: string, text: string, textStyle?: Style): Line {
    const of = this.labels.length > 1 ? [{ text: `${label.padEnd(this.widest)} ` }] : [];
    return [...of, { text: `${mark} `, style }, { text: `${time.padStart(12)}  `, style: 'faint' }, { text: this.printable(text), style: textStyle }];
  }
}

interface Mark { readonly mark: string; readonly style: Style }

const NO_MARK: Mark = { mark: ' ', style: 'plain' };

const MARKS: Readonly<Record<BuildEnd['outcome'], Mark>> = {
  pushed: { mark: '✓', style: 'good' }, failed: { mark: '✗', style: 'bad' }, cancelled: { mark: '-', style: 'warning' },
};

/** Phases that have steps are told by these. */
function isShown({ title }: Span): boolean {
  return title !== 'preparing' && title !== 'building';
}
