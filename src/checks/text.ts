import { Check, Problem } from './problem';

/** What a value must not hold wherever it is text that a person typed: control characters and Terraform tokens. */
export const plainText: Check = value => {
  if (value.includes('${TfToken[') || value.includes('#{Token[')) {
    return 'holds a Terraform token, which only `cdktf deploy` can resolve; '
      + 'deploy first and pass the output\'s plain value (cdktf deploy --outputs-file)';
  }
  if (value.includes('${Token[')) {
    return `holds an unresolved CDK token, ${quoted(value)}; pass the plain value`;
  }
  const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.exec(value);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    return `holds a line break or control character (U+${code}), got ${quoted(value)}; remove it`;
  }
  return /\p{Surrogate}/u.test(value) ? `is not valid Unicode, got ${quoted(value)}; remove the lone surrogate` : undefined;
};

const SECRET_SHAPES: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY/, 'a private key'],
  [/\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/, 'a JSON web token'],
  [/\b(?:ghp|gho|ghs|ghu|github_pat|glpat)[_-]\w{20,}/, 'an access token'],
  [/\bAKC[a-zA-Z0-9]{10,}/, 'an Artifactory API key'],
  [/\bcmVmd[A-Za-z0-9]{40,}/, 'an Artifactory reference token'],
  [/\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b/, 'an Azure DevOps access token'],
  [/^[a-z2-7]{52}$/, 'an Azure DevOps access token'],
  [/\bAccountKey=|^[A-Za-z0-9+/]{86}==$/, 'a storage account key'],
  [/[?&]sig=[\w%+/]{20,}/, 'a shared access signature'],
  // A password may hold slashes; a port is none.
  [/:\/\/[^/?#\s@]{0,256}:(?!\d{1,5}\/)[^\s@]{1,512}@/, 'an address with a password'],
];

/** The kind of secret that a value looks like, such as "a private key"; undefined if it looks like none. */
export function secretKind(value: string): string | undefined {
  return SECRET_SHAPES.find(([shape]) => shape.test(value))?.[1];
}

/** Refuses what looks like a password, key or token: everything here ends in a manifest that many may read. */
export const noSecret: Check = value => {
  const kind = secretKind(value);
  return kind === undefined ? undefined
    : `looks like ${kind} (not shown), and manifests are no place for one; put it into a Secret and name that Secret`;
};

/** The value for a message: quoted, cut, control characters spelt out, and hidden where it looks like a secret. */
export function quoted(value: string): string {
  if (secretKind(value) !== undefined) { return '(not shown)'; }
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
    .replace(/[\u007f-\u009f\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Free text: anything that is neither a secret nor unprintable. */
export const freeText: Check = value => noSecret(value) ?? plainText(value);

/** A check by a pattern; `what` completes "needs …". Unprintable and secret values are refused before. */
export function pattern(shape: RegExp, what: string, example: string, maximum = 1024): Check {
  return (value): Problem => {
    const problem = freeText(value);
    if (problem !== undefined) { return problem; }
    if (value.length > maximum) { return `needs at most ${maximum} characters, got ${value.length} (${quoted(value)}); shorten it`; }
    return shape.test(value) ? undefined : `needs ${what}, got ${quoted(value)}; write for example ${example}`;
  };
}

/** One of a closed set. */
export function oneOf(values: readonly string[]): Check {
  return value => values.includes(value) ? undefined
    : `needs one of ${values.join(', ')}, got ${quoted(value)}${suggestion(value, values)}`;
}

/** `; did you mean "…"?` where one of the known words is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const [nearest] = known
    .map(candidate => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : `; did you mean "${nearest.candidate}"?`;
}

/** Levenshtein's distance, for suggestions; words are cut, so that a huge one costs nothing. */
function editDistance(a: string, b: string): number {
  const from = a.slice(0, 64);
  const to = b.slice(0, 64);
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[to.length];
}
