/**
 * What is wrong with a value: a clause that follows the value's name and ends with the remedy, such as
 * `needs a tag, got "app"; write "app:1.0"`. Undefined where nothing is wrong.
 */
export type Problem = string | undefined;

/** Says what is wrong with a string. Pure. */
export type Check = (value: string) => Problem;

/** The first problem that one of the checks finds. */
export function all(...checks: Check[]): Check {
  return value => {
    for (const check of checks) {
      const problem = check(value);
      if (problem !== undefined) { return problem; }
    }
    return undefined;
  };
}

/** Throws where the check finds a problem: `[place] name problem`. For values given in code. */
export function verify(place: string, name: string, value: string, check: Check): string {
  const problem = typeof value === 'string' ? check(value) : `needs a string, got ${typeof value}`;
  if (problem !== undefined) { throw new Error(`[${place}] ${name} ${problem}`); }
  return value;
}

/** The message of what `verify` and the constructs throw, without the place: a user of files knows files, and no tree. */
export function withoutPlace(error: unknown): string {
  return (error as Error).message.replace(/^\[[^\]]*\] /, '');
}

/** Throws for a whole number outside its bounds. */
export function verifyInteger(place: string, name: string, value: number, minimum: number, maximum: number): number {
  const problem = integer(value, minimum, maximum);
  if (problem !== undefined) { throw new Error(`[${place}] ${name} ${problem}`); }
  return value;
}

/** Says what is wrong with a number that should be whole and within bounds. */
export function integer(value: number, minimum: number, maximum: number): Problem {
  return Number.isInteger(value) && value >= minimum && value <= maximum
    ? undefined
    : `needs a whole number from ${minimum} to ${maximum}, got ${value}`;
}
