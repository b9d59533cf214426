import { Field, fields } from './protobuf';

/** A span of kaniko's trace. https://github.com/osscontainertools/kaniko/blob/main/docs/telemetry.md */
export interface TraceSpan {
  readonly name: string;
  readonly begin: Date;
  readonly end: Date;
  readonly attributes: Readonly<Record<string, string | boolean | number>>;
}

/** What one build may say, in characters: a trace of some hundred spans has a tenth of it. */
const MOST = 8_000_000;

/**
 * Reads the collector's log (assets/run/trace-collector.sh). RUN shares the pod's loopback and may send what it likes: what
 * is read here is for the eye, and decides nothing.
 */
export class TraceLog {
  private readonly open = new Map<string, string>();
  private readonly read: TraceSpan[] = [];
  private size = 0;

  /** All spans, by their beginnings. */
  public get spans(): readonly TraceSpan[] {
    return [...this.read].sort((a, b) => a.begin.getTime() - b.begin.getTime());
  }

  /** Takes a line in. */
  public tell(line: string): void {
    const [, number, text] = /^trace (\d+) ([\w+/=]+|\.)$/.exec(line) ?? [];
    this.size += line.length;
    if (number === undefined || this.size > MOST) { return; }
    if (text !== '.') {
      this.open.set(number, (this.open.get(number) ?? '') + text);
      return;
    }
    const message = Buffer.from(this.open.get(number) ?? '', 'base64');
    this.open.delete(number);
    try {
      this.read.push(...spansOf(message));
    } catch (error) {
      if (!(error instanceof RangeError)) { throw error; }
    }
  }
}

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const REQUEST = { resourceSpans: 1 };
const RESOURCE_SPANS = { scopeSpans: 2 };
const SCOPE_SPANS = { spans: 2 };
const SPAN = { name: 5, begin: 7, end: 8, attributes: 9 };
const KEY_VALUE = { key: 1, value: 2 };
const ANY_VALUE = { string: 1, bool: 2, int: 3 };

function spansOf(request: Buffer): TraceSpan[] {
  return within(request, REQUEST.resourceSpans)
    .flatMap(resource => within(resource, RESOURCE_SPANS.scopeSpans))
    .flatMap(scope => within(scope, SCOPE_SPANS.spans))
    .map(spanOf);
}

function spanOf(message: Buffer): TraceSpan {
  const all = [...fields(message)];
  return {
    name: textOf(all, SPAN.name),
    begin: momentOf(all, SPAN.begin),
    end: momentOf(all, SPAN.end),
    attributes: Object.fromEntries(within(message, SPAN.attributes).map(attributeOf)),
  };
}

function attributeOf(message: Buffer): [string, string | boolean | number] {
  const key = textOf([...fields(message)], KEY_VALUE.key);
  const [value] = within(message, KEY_VALUE.value).flatMap(any => [...fields(any)]);
  switch (value?.number) {
    case ANY_VALUE.string: return [key, String(value.value)];
    case ANY_VALUE.bool: return [key, value.value === 1n];
    case ANY_VALUE.int: return [key, Number(value.value)];
    default: return [key, ''];
  }
}

function within(message: Buffer, number: number): Buffer[] {
  return [...fields(message)].flatMap(field => field.number === number && Buffer.isBuffer(field.value) ? [field.value] : []);
}

function textOf(all: readonly Field[], number: number): string {
  const value = all.find(field => field.number === number)?.value;
  return Buffer.isBuffer(value) ? value.toString() : '';
}

/** Nanoseconds since 1970. */
function momentOf(all: readonly Field[], number: number): Date {
  const value = all.find(field => field.number === number)?.value;
  return new Date(typeof value === 'bigint' ? Number(value / 1000n) / 1000 : NaN);
}
