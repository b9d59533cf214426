/** The least that a build needs, one parameter a line, for tests that add or replace one. */
const LEAST: Readonly<Record<string, string>> = {
  namespace: 'builds',
  repositoryUrl: 'https://git.contoso.example/wind/images',
  branchName: 'main',
  imagePath: 'app',
  registry: 'registry.contoso.example/docker-local',
  imageName: 'app',
  imageTag: '"1.0"',
};

/** The least parameters as YAML, with `lines` behind them; a parameter that `lines` gives itself is left out before. */
export function leastYaml(lines = ''): string {
  const given = new Set([...lines.matchAll(/^"?(\w+)"?:/gm)].map(match => match[1]));
  return [...Object.entries(LEAST).filter(([name]) => !given.has(name)).map(([name, value]) => `${name}: ${value}`), lines].join('\n') + '\n';
}

/** The line at which the given lines begin in `leastYaml`. */
export function firstLine(lines: string): number {
  return leastYaml(lines).slice(0, leastYaml(lines).indexOf(lines)).split('\n').length;
}
