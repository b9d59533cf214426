/** What a version number is compared by. */
export interface KanikoVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The oldest executor that this library drives: Google's last release. */
export const OLDEST_VERSION = '1.24.0';

/** The newest executor whose flags are known here; a later one may know more. */
export const NEWEST_KNOWN_VERSION = '1.28.3';

/** Reads `v1.28.3`, `1.28.3` or `v1.28.3-debug`. */
export function parseVersion(text: string): KanikoVersion | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-+].*)?$/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** Whether a version is `wanted` or later. */
export function atLeast(version: KanikoVersion, wanted: string): boolean {
  const other = parseVersion(wanted)!;
  return (version.major - other.major || version.minor - other.minor || version.patch - other.patch) >= 0;
}
