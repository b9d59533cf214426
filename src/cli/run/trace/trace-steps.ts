import { TraceSpan } from './trace-log';
import { Span } from '../timeline';

/** kaniko's spans beside instructions, and what a person would call them. Others are whole builds, or parts of these. */
const TITLES: Readonly<Record<string, string>> = {
  'Retrieving Source Image': 'looking up the base image',
  'Downloading base image': 'downloading the base image',
  'FS Unpacking': 'unpacking the base image',
  'Snapshotting FS': 'snapshot',
  'Saving stage': 'saving the stage',
  'Fetching Extra Stages': 'fetching images that files are copied from',
  'Extracting Image to Dependency Dir': 'unpacking an image that files are copied from',
  'Pushing cached layer': 'pushing a layer into the cache',
};

/** What is shorter is no reason to wait, and there is much of it. */
const SHORTEST_MILLISECONDS = 50;

/** The steps of a build as kaniko's trace tells them, by their beginnings. */
export function traceSteps(spans: readonly TraceSpan[]): Span[] {
  let instructions = 0;
  return spans.flatMap(({ name, begin, end, attributes }): Span[] => {
    const times = { phase: 'building' as const, begin, end, outcome: 'done' as const };
    if (!(begin <= end)) { return []; }
    if (name === 'Command') {
      return [{ ...times, title: String(attributes['kaniko.command']), number: ++instructions, cached: attributes['kaniko.cache.hit'] === true || undefined }];
    }
    const title = Object.hasOwn(TITLES, name) ? TITLES[name] : undefined;
    return title === undefined || end.getTime() - begin.getTime() < SHORTEST_MILLISECONDS ? [] : [{ ...times, title }];
  });
}
