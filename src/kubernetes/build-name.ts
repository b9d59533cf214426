import { shortHash } from './pod/short-hash';
import { BuildParameters } from '../parameters/build-parameters';

/** A Job's name may have as many characters; its pods' names are cut from it. */
const LONGEST = 63;

/** The Job's name: as given, or made from image and tag; with the run's id behind it. */
export function buildName(parameters: BuildParameters, runId?: string): string {
  const suffix = runId === undefined ? '' : `-${label(runId)}`;
  const name = parameters.name ?? label(`${parameters.imageName}-${parameters.imageTag}`);
  if (name.length + suffix.length <= LONGEST) { return `${name}${suffix}`; }
  // Cut, with a hash of the whole, so that two long names stay two.
  const kept = name.slice(0, LONGEST - suffix.length - 9).replace(/-+$/, '');
  return `${kept}-${shortHash(name)}${suffix}`;
}

function label(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
}
