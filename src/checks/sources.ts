import { Check } from './problem';
import { freeText, pattern, plainText, quoted, secretKind } from './text';

/** `//name@`, `//name:pass/word@` and `name:password@`; neither a port nor ssh's `git@host:path`. */
const CREDENTIALS = /\/\/[^/]*@|^[^@]*:(?!\/\/|\d{1,5}\/)[^@]*@|^[^@]*:\/\/[^/@]*:(?!\d{1,5}\/)[^@]*@/;

/** The address of a git repository: https, no credentials, nothing that git reads as an option. */
export const gitUrl: Check = value => {
  const problem = plainText(value);
  if (problem !== undefined) { return problem; }
  if (CREDENTIALS.test(value)) {
    return 'holds a user name or password before "@" (not shown); write the address without it and name a Secret (gitSecretName)'
      + ' or use the workload identity';
  }
  if (secretKind(value) !== undefined) { return freeText(value); }
  const example = 'write for example "https://dev.azure.com/contoso/wind/_git/images"';
  if (!value.startsWith('https://')) { return `needs an https address, got ${quoted(value)}; ${example}`; }
  let url: URL;
  try { url = new URL(value); } catch { return `is no address, got ${quoted(value)}; ${example}`; }
  if (url.search !== '' || url.hash !== '' || value.endsWith('?') || value.endsWith('#')) {
    // What follows may be a token.
    return `must not have a query or fragment, got ${quoted(value.replace(/[?#].*$/, m => `${m[0]}…`))}; name the branch or directory by its own parameter`;
  }
  if (url.pathname.length <= 1) { return `names no repository, got ${quoted(value)}; ${example}`; }
  if (!/^https:\/\/[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?(:[1-9]\d{0,4})?\/[^\s"'`\\<>{}|^$]+$/.test(value)) {
    return `has characters that do not belong in an address, got ${quoted(value)}; write them percent-encoded (a space is %20)`;
  }
  return undefined;
};

/** Whether an address is one of Azure Repos, which takes the token of a workload identity. */
export function isAzureRepos(url: string): boolean {
  const host = /^https:\/\/([^/:]+)/.exec(url)?.[1].toLowerCase() ?? '';
  return host === 'dev.azure.com' || host.endsWith('.visualstudio.com');
}

/** A branch or tag. https://git-scm.com/docs/git-check-ref-format */
export const gitRef: Check = value => {
  const problem = freeText(value);
  if (problem !== undefined) { return problem; }
  const bare = value.replace(/^refs\/(heads|tags)\//, '');
  const bad = bare === '' || bare.length > 250 || bare === '@' || /[ ~^:?*[\\]/.test(bare) || /\.\.|@\{|\/\/|^[-/.]|\/$|\.$|\.lock(\/|$)|\/\./.test(bare);
  return bad ? `is no valid name of a branch or tag, got ${quoted(value)}; write for example "main" or "feature/new-base"` : undefined;
};

/** A branch or tag without the prefix with which Azure Pipelines gives it (Build.SourceBranch). */
export function shortRef(value: string): string {
  return value.replace(/^refs\/(heads|tags)\//, '');
}

/** A full commit id: a short one cannot be fetched. */
export const gitCommit = pattern(/^[a-f0-9]{40}$/, 'a full commit id (40 hexadecimal digits; a short one cannot be fetched)',
  '"0123456789abcdef0123456789abcdef01234567"', 64);

/** A line of apt's sources, without credentials. https://manpages.debian.org/sources.list */
export const aptSource: Check = value => {
  const problem = plainText(value);
  if (problem !== undefined) { return problem; }
  if (/:\/\/[^/\s]*@/.test(value)) {
    return 'holds a user name or password before "@" (not shown); write the line without it: the credentials come from the Secret (aptSecretName)';
  }
  const shape = /^deb(-src)?( +\[[^\][]*\])? +https:\/\/[a-zA-Z0-9][-.a-zA-Z0-9]*(:\d{1,5})?(\/[^\s"'\\]*)? +[^\s"'\\]+( +[^\s"'\\]+)*$/;
  return shape.test(value) ? undefined
    : `needs a line of apt's sources with an https address, got ${quoted(value)}; `
      + 'write for example "deb https://registry.contoso.example/artifactory/remote-debian/debian bookworm main"';
};

/** An endpoint for telemetry. */
export const httpUrl: Check = value => freeText(value)
  ?? (/^https?:\/\/[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?(:[1-9]\d{0,4})?(\/[^\s"'\\]*)?$/.test(value) ? undefined
    : `needs an http or https address, got ${quoted(value)}; write for example "http://otel-collector:4318"`);
