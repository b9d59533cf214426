/**
 * What it costs to synthesize many builds in one chart, against the same containers, volumes and mounts written with
 * cdk8s-plus alone, and how that grows. Loading is not counted (bench/load.ts does). Needs a compiled library.
 *
 * Usage: ts-node bench/synth.ts [--runs 11] [--json]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Yaml } from 'cdk8s';
import { ratioOf, report, takeTurns } from './measure';

const PROGRAMS = ['ours', 'plain'] as const;
const COUNTS = [100, 1000];

function program(name: string, count: number, folder: string): { before: string; work: string } {
  return {
    before: `const run = require(${JSON.stringify(join(__dirname, 'synth', name))})`,
    work: `run(${count}, ${JSON.stringify(join(folder, `${name}-${count}`))})`,
  };
}

/** What both programs must have in common: the containers, their environment and mounts, and the names of the volumes. */
function essence(folder: string): unknown {
  const objects: any[] = Yaml.load(join(folder, 'builds.k8s.yaml')).filter(object => object.kind === 'Job');
  return objects.map(({ metadata, spec }) => {
    const pod = spec.template.spec;
    return {
      name: metadata.name,
      deadline: spec.activeDeadlineSeconds,
      serviceAccount: pod.serviceAccountName,
      volumes: pod.volumes.map((volume: any) => volume.name).sort(),
      containers: [...pod.initContainers, ...pod.containers].map(({ image, command, args, env, volumeMounts, securityContext }: any) => ({
        image,
        command,
        args,
        env,
        mounts: volumeMounts.map((mount: any) => [mount.mountPath, mount.name]).sort(),
        capabilities: securityContext.capabilities,
      })),
    };
  });
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '11' }, json: { type: 'boolean', default: false } } });
const folder = mkdtempSync(join(tmpdir(), 'cdk-kaniko-bench-'));
try {
  const programs = Object.fromEntries(COUNTS.flatMap(count => PROGRAMS.map(name => [`${name}, ${count}`, program(name, count, folder)])));
  const results = takeTurns(programs, Number(values.runs));
  if (!isDeepStrictEqual(essence(join(folder, 'ours-100')), essence(join(folder, 'plain-100')))) {
    throw new Error('ours and plain describe different builds; a comparison would say nothing');
  }
  if (readFileSync(join(folder, 'ours-1000/builds.k8s.yaml'), 'utf8').match(/^kind: Job$/gm)?.length !== 1000) {
    throw new Error('ours has not written 1000 Jobs');
  }
  report('synth', results, [
    { name: '1000 builds, ours / plain', ratio: ratioOf(results, 'ours, 1000', 'plain, 1000'), atMost: 1.2 },
    { name: 'ours, 1000 builds / 100 builds', ratio: ratioOf(results, 'ours, 1000', 'ours, 100'), atMost: 12 },
  ], values.json);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
