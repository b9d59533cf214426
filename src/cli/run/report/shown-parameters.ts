import { secretKind } from '../../../checks';
import { BuildParameters } from '../../../parameters/build-parameters';

/** A parameter as a report shows it. */
export interface ShownParameter {
  readonly name: string;
  readonly value: string;
}

/** Names by which people call what nobody else is to read. A Secret's own name, which such parameters hold too, may be read. */
const SECRET_NAME = /pass(?:word|wd|phrase)?|token|credential|secret|api.?key|private.?key/i;
const HIDDEN = '(not shown)';

/**
 * A build's parameters for a report. Values that look like secrets are refused where parameters are read; here what is
 * called like one is hidden too, since reports are kept and sent around.
 */
export function shownParameters(parameters: BuildParameters): ShownParameter[] {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, value: textOf(withoutSecrets(value)) }));
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') {
    // NAME=value and --build-arg=NAME=value
    const assigned = value.indexOf('=', SECRET_NAME.exec(value)?.index ?? value.length);
    return secretKind(value) !== undefined ? HIDDEN : assigned < 0 ? value : `${value.slice(0, assigned)}=${HIDDEN}`;
  }
  if (Array.isArray(value)) { return value.map(withoutSecrets); }
  if (typeof value !== 'object' || value === null) { return value; }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [key, SECRET_NAME.test(key) && !key.endsWith('Name') ? HIDDEN : withoutSecrets(inner)]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
