import { BuildEvent, ContainerName } from './event';
import { readKanikoLine } from './kaniko-log';
import { readPrepareLine } from './prepare-log';
import { TraceSpan } from './trace/trace-log';
import { traceSteps } from './trace/trace-steps';

/** What a build goes through, one after the other; some come more than once. */
export type PhaseName =
  | 'queued' // no node yet
  | 'scheduled' // on a node: volumes, the pod's sandbox
  | 'pulling' // the pod's own images
  | 'preparing' // the init container: clone, downloads
  | 'building' // kaniko: the Dockerfile's instructions
  | 'pushing'; // kaniko: the image's layers

/** How a span ended; `running` while it has not, `lost` where its pod was. */
export type SpanOutcome = 'running' | 'done' | 'failed' | 'cancelled' | 'lost';

/** A stretch of time in a build. */
export interface Span {
  readonly phase: PhaseName;
  /** What it is called: the phase's name, or a step's title. */
  readonly title: string;
  /** Something more to know: an image, a node, what is cloned. */
  readonly detail?: string;
  /** For an instruction of the Dockerfile, which one it is, counted from 1 over all stages that are built. */
  readonly number?: number;
  /** Of how many; undefined where that is not known. kaniko leaves out those that the image does not need. */
  readonly of?: number;
  readonly begin: Date;
  end?: Date;
  outcome: SpanOutcome;
  /** Whether kaniko took the instruction's layer from its cache. */
  cached?: boolean;
}

/** What an event changed. */
export interface Change {
  readonly begun: readonly Span[];
  readonly ended: readonly Span[];
}

/** What a person would call some steps of the init container; the others say enough by themselves. */
const PREPARE_TITLES: Readonly<Record<string, string>> = { clone: 'cloning', files: 'downloading' };

/**
 * A build's events as spans of time: phases, which follow each other without a gap, and in some of them steps.
 * Time never runs backwards here: clocks of API server, node and this machine differ, and some tell whole seconds only.
 */
export class Timeline {
  private readonly allPhases: Span[] = [];
  private readonly allSteps: Span[] = [];
  private latest?: Date;
  private instructions = 0;
  /** How many instructions the Dockerfile has, by stage; empty while that is not known. */
  private byStage: readonly number[] = [];
  private stage?: number;

  /** The phases, in the order of their beginnings. */
  public get phases(): readonly Span[] {
    return this.allPhases;
  }

  /** The steps of the phases, in the order of their beginnings. */
  public get steps(): readonly Span[] {
    return this.allSteps;
  }

  /** What runs now, as exactly as is known: steps, or else the phase. */
  public get running(): readonly Span[] {
    const steps = this.allSteps.filter(running);
    return steps.length > 0 ? steps : this.allPhases.filter(running);
  }

  /** From the first event to the last one, in seconds. */
  public get seconds(): number {
    return this.latest === undefined ? 0 : (this.latest.getTime() - this.allPhases[0].begin.getTime()) / 1000;
  }

  /** Takes an event in. */
  public tell(event: BuildEvent): Change {
    // A notice has this machine's clock, which may be ahead of the cluster's.
    if (event.kind === 'notice' || 'container' in event && event.container === 'trace') { return NOTHING; }
    const at = this.moment(event.at);
    switch (event.kind) {
      case 'queued': return this.enter('queued', at);
      case 'scheduled': return this.schedule(event.node, at);
      case 'pulling': return this.enter('pulling', at, event.image);
      case 'started': return this.start(event.container, at);
      case 'ended': return event.exitCode === 0 ? NOTHING : { begun: [], ended: this.endSteps(at, 'failed') };
      case 'log': return this.read(event.container, event.line, at);
    }
  }

  /** The build is over, so many milliseconds after its last event; what still runs ended with it. */
  public finish(outcome: SpanOutcome, after: number): void {
    if (this.latest !== undefined) { this.endAll(this.moment(new Date(this.latest.getTime() + after)), outcome); }
  }

  /**
   * Takes kaniko's own account of its steps in place of what its log tells, but for what it leaves out, such as the
   * file system that is cleared between stages. Nothing changes where there is none. Which instruction failed, the log
   * knows alone. Call it when the build is finished.
   */
  public refine(spans: readonly TraceSpan[]): void {
    const building = this.allPhases.find(({ phase }) => phase === 'building');
    if (building === undefined) { return; }
    // The node's clock may differ, and a RUN may send what it likes.
    const within = (at: Date) => new Date(Math.min(Math.max(at.getTime(), building.begin.getTime()), this.latest!.getTime()));
    const told = traceSteps(spans).map(step => ({ ...step, begin: within(step.begin), end: within(step.end!) }));
    if (!told.some(({ number }) => number !== undefined)) { return; }
    if (this.allSteps.some(({ phase, outcome }) => phase === 'building' && outcome === 'failed')) {
      told.filter(({ number }) => number !== undefined).at(-1)!.outcome = 'failed';
    }
    const kept = this.allSteps.filter(step => step.phase !== 'building' || step.number === undefined && !told.some(other => coveredBy(step, other)));
    this.allSteps.splice(0, Infinity, ...[...kept, ...told].sort((one, other) => one.begin.getTime() - other.begin.getTime()));
  }

  private moment(at: Date): Date {
    this.latest = this.latest === undefined || at > this.latest ? at : this.latest;
    return this.latest;
  }

  private schedule(node: string, at: Date): Change {
    // A second pod: what the first one did is gone.
    const again = this.allPhases.some(({ phase }) => phase !== 'queued');
    const lost = again ? this.endAll(at, 'lost') : [];
    this.instructions = 0;
    this.stage = undefined;
    const { begun, ended } = this.enter('scheduled', at, `on ${node}`);
    return { begun, ended: [...lost, ...ended] };
  }

  private start(container: ContainerName, at: Date): Change {
    switch (container) {
      case 'prepare-context': return this.enter('preparing', at);
      case 'kaniko': return this.enter('building', at);
      case 'trace': return NOTHING;
    }
  }

  private enter(phase: PhaseName, at: Date, detail?: string): Change {
    const current = this.allPhases.at(-1);
    if (current?.phase === phase && running(current) && (detail === undefined || current.detail === detail)) { return NOTHING; }
    const ended = this.endAll(at, 'done');
    return { begun: [this.begin(this.allPhases, { phase, title: phase, detail }, at)], ended };
  }

  private read(container: ContainerName, line: string, at: Date): Change {
    switch (container) {
      case 'trace': return NOTHING;
      case 'prepare-context': return this.readPrepare(line, at);
      case 'kaniko': return this.readKaniko(line, at);
    }
  }

  /** Steps of the init container run side by side. */
  private readPrepare(line: string, at: Date): Change {
    const read = readPrepareLine(line);
    if (read === undefined) { return NOTHING; }
    if (read.kind === 'instructions') {
      this.byStage = read.byStage;
      return NOTHING;
    }
    const title = PREPARE_TITLES[read.step];
    if (read.kind === 'begun') {
      const span = title === undefined ? { title: `${read.step}: ${read.text}` } : { title, detail: read.text };
      return { begun: [this.begin(this.allSteps, { phase: 'preparing', ...span }, at)], ended: [] };
    }
    const open = this.allSteps.filter(step => running(step) && (title === undefined ? step.title.startsWith(`${read.step}: `) : step.title === title));
    // Two tokens are asked for at once; the end names the same one as the beginning.
    const ended = open.find(step => step.title.endsWith(read.text)) ?? open[0];
    return { begun: [], ended: ended === undefined ? [] : this.end([ended], at, 'done') };
  }

  /** kaniko does one thing after the other: a step ends where the next one begins. */
  private readKaniko(line: string, at: Date): Change {
    const read = readKanikoLine(line);
    const current = this.allSteps.at(-1);
    switch (read?.kind) {
      case undefined: return NOTHING;
      case 'pushing': return this.enter('pushing', at, read.image);
      case 'instruction': return this.next({ phase: 'building', title: read.text, number: ++this.instructions, of: this.total }, at);
      case 'stage':
        // What a stage that is done did not need, nobody waits for.
        if (this.stage !== undefined) { this.instructions = Math.max(this.instructions, sum(this.byStage.slice(0, this.stage + 1))); }
        this.stage = read.index;
        return this.next({ phase: 'building', title: `FROM ${read.image}` }, at);
      case 'work': return current?.title === read.text && running(current) ? NOTHING : this.next({ phase: 'building', title: read.text }, at);
      case 'cached':
        if (current !== undefined && running(current)) { current.cached = true; }
        return NOTHING;
    }
  }

  /** A base image's triggers are instructions that the Dockerfile does not have. */
  private get total(): number | undefined {
    const total = sum(this.byStage);
    return this.instructions > total ? undefined : total;
  }

  private next(step: Pick<Span, 'phase' | 'title' | 'number' | 'of'>, at: Date): Change {
    const ended = this.endSteps(at, 'done');
    return { begun: [this.begin(this.allSteps, step, at)], ended };
  }

  private begin(among: Span[], span: Pick<Span, 'phase' | 'title' | 'detail' | 'number' | 'of'>, begin: Date): Span {
    const begun: Span = { ...span, begin, outcome: 'running' };
    among.push(begun);
    return begun;
  }

  private endSteps(at: Date, outcome: SpanOutcome): Span[] {
    return this.end(this.allSteps.filter(running), at, outcome);
  }

  private endAll(at: Date, outcome: SpanOutcome): Span[] {
    return [...this.endSteps(at, outcome), ...this.end(this.allPhases.filter(running), at, outcome)];
  }

  private end(spans: readonly Span[], at: Date, outcome: SpanOutcome): Span[] {
    return spans.map(span => Object.assign(span, { end: at, outcome }));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Whether most of a step's time is another's too: log and trace differ by milliseconds. */
function coveredBy(step: Span, other: Span): boolean {
  const common = Math.min(step.end!.getTime(), other.end!.getTime()) - Math.max(step.begin.getTime(), other.begin.getTime());
  return common >= 0 && common * 2 >= step.end!.getTime() - step.begin.getTime();
}

const NOTHING: Change = { begun: [], ended: [] };

function running({ outcome }: Span): boolean {
  return outcome === 'running';
}
