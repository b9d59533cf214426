/** What it costs to synthesize one build and many, beside other ways to the same manifest. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Yaml } from 'cdk8s';
import { stringify } from 'yaml';
import { Benchmark, middle, Outcome, ratio, Row, rowOf, Table } from './benchmark';
import { inFolder, measureProgram, packageVersion, PROGRAM_MEASURES, ROOT, Sample, takeTurns, Way } from './measure';
import { GNU_TIME, KUBECTL, libraryProblems, missing } from './requirements';
import parameters from './synth/parameters.json';

const MAIN = join(ROOT, 'bench/synth/main.js');
const OURS = 'ours';
const PLAIN = 'cdk8s-plus-28, one chart';
const CHARTS = 'cdk8s-plus-28, a chart each';
const KUSTOMIZE = 'kubectl kustomize';

/** How many builds, and how often: what takes long is measured less often. */
const COUNTS: ReadonlyArray<{ readonly count: number; readonly runs: number }> = [
  { count: 1, runs: 11 }, { count: 10, runs: 11 }, { count: 100, runs: 11 }, { count: 1000, runs: 5 }, { count: 4000, runs: 3 },
];
/** What takes a minute or more a run beyond it. */
const SLOW_AT_MOST = 1000;

const MEASURES = [...PROGRAM_MEASURES, { name: 'output', unit: 'bytes' }] as const;

const group = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'build' : 'builds'}`;

export const synth: Benchmark = {
  name: 'synth',
  title: 'Synthesizing manifests',
  about: 'The whole process that writes the manifest of N builds, from its start to its end. `cdk8s-plus-28` writes the same containers, variables, mounts ' +
    'and volumes with the library below ours; what its constructs cannot say is left out, which favours it. `kubectl kustomize` joins files that hold our ' +
    'objects. The second table is of the commands: `cdk-kaniko synth` reads and checks YAML; `cdk8s synth` runs an app with one chart of plain cdk8s-plus-28.',
  problems: () => [...libraryProblems(), ...missing({ ...GNU_TIME, ...KUBECTL })],
  async run({ runs: given }): Promise<Outcome> {
    return inFolder(async folder => {
      const rows: Row[] = [];
      for (const { count, runs } of COUNTS) {
        rows.push(...await takeTurns(group(count), waysTo(count, folder), { runs: given ?? runs, warmUp: count <= 100 }));
      }
      assertEqual(folder);
      const programs: Table = { title: 'N builds in one manifest', baseline: PLAIN, measures: MEASURES, rows, plot: 'growth' };
      const commands: Table = {
        title: 'The commands', baseline: 'cdk8s synth', measures: PROGRAM_MEASURES, rows: await commandRows(folder, given ?? 7), plot: 'bars',
      };
      const growth = (subject: string, from: number, to: number) => {
        const processor = (count: number) => middle(rowOf(programs, group(count), subject), 'processor time');
        return Math.log(processor(to) / processor(from)) / Math.log(to / from);
      };
      const exponents = [[OURS, 4000], [PLAIN, 4000], [CHARTS, 1000], [KUSTOMIZE, 1000]] as const;
      return {
        tables: [programs, commands],
        goals: [
          ...[1, 100, 1000, 4000].map(count => ({
            name: `processor time of ${group(count)}, ours / plain cdk8s-plus-28 in one chart`, value: ratio(programs, group(count), 'processor time', OURS), atMost: 1.2,
          })),
          { name: 'growth of our processor time from 1,000 to 4,000 builds, as an exponent (1 is linear)', value: growth(OURS, 1000, 4000), atMost: 1.1 },
          ...[1, 100].map(count => ({
            name: `time of ${group(count)}, cdk-kaniko synth / cdk8s synth`, value: ratio(commands, group(count), 'time', 'cdk-kaniko synth'), atMost: 1,
          })),
        ],
        notes: [
          `Processor time grows with the number of builds to the power of ${exponents.map(([subject, to]) =>
            `${growth(subject, to / (to === 4000 ? 4 : 10), to).toFixed(2)} (${subject})`).join(', ')}, measured between the two largest numbers of each.`,
          'What we take beyond plain cdk8s-plus-28 is the checks of every parameter and the joining of the parts; runs of this benchmark differ by a tenth.',
          `A chart each and \`kubectl kustomize\` stop at ${SLOW_AT_MOST.toLocaleString('en')} builds: 4,000 would take each of them a minute or more a run.`,
        ],
        versions: {
          ...Object.fromEntries(['cdk8s', 'cdk8s-plus-28', 'cdk8s-cli'].map(name => [name, packageVersion(name)])),
          kubectl: (JSON.parse(execFileSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' })) as KubectlVersion).clientVersion.gitVersion,
        },
      };
    });
  },
};

interface KubectlVersion { readonly clientVersion: { readonly gitVersion: string } }

function waysTo(count: number, folder: string): Record<string, Way> {
  const node = (name: string, ...args: string[]): Way => () => {
    const outdir = join(folder, `${name}-${count}`);
    const sample = measureProgram([process.execPath, MAIN, args[0], String(count), outdir, ...args.slice(1)], ROOT);
    return { ...sample, output: sizeOf(outdir) };
  };
  return {
    [PLAIN]: node('plain', 'plain'),
    [OURS]: node('ours', 'ours'),
    ...count <= SLOW_AT_MOST ? {
      [CHARTS]: node('charts', 'plain', 'each'),
      [KUSTOMIZE]: () => kustomize(count, join(folder, `ours-${count}/builds.k8s.yaml`), join(folder, `kustomize-${count}`)),
    } : {},
  };
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Joins the objects of our manifest, a file each. */
function kustomize(count: number, manifest: string, folder: string): Sample {
  const output = `${folder}.yaml`;
  if (!statSync(folder, { throwIfNoEntry: false })) {
    mkdirSync(folder);
    const objects = (Yaml.load(manifest) as object[]).map((object, n) => ({ file: `object-${n}.yaml`, text: Yaml.stringify(object) }));
    objects.forEach(({ file, text }) => writeFileSync(join(folder, file), text));
    writeFileSync(join(folder, 'kustomization.yaml'), stringify({ resources: objects.map(({ file }) => file) }));
  }
  const sample = measureProgram(['kubectl', 'kustomize', folder, `--output=${output}`], ROOT);
  if (jobsIn(output) !== count) { throw new Error(`kubectl kustomize has written ${jobsIn(output)} Jobs, not ${count}`); }
  return { ...sample, output: statSync(output).size };
}

function jobsIn(manifest: string): number {
  return readFileSync(manifest, 'utf8').match(/^kind: Job$/gm)?.length ?? 0;
}

/** @throws where the programs do not describe the same builds, or not all of them */
function assertEqual(folder: string): void {
  for (const name of ['plain-100/builds.k8s.yaml', 'kustomize-100.yaml']) {
    if (!isDeepStrictEqual(essence(join(folder, 'ours-100/builds.k8s.yaml')), essence(join(folder, name)))) {
      throw new Error(`ours and ${name} describe different builds; a comparison would say nothing`);
    }
  }
  const largest = COUNTS[COUNTS.length - 1].count;
  for (const name of ['ours', 'plain']) {
    if (jobsIn(join(folder, `${name}-${largest}/builds.k8s.yaml`)) !== largest) { throw new Error(`${name} has not written ${largest} Jobs`); }
  }
}

/** What all must have in common: the containers, their environment and mounts, and the names of the volumes. */
function essence(manifest: string): unknown {
  const objects: any[] = Yaml.load(manifest).filter(object => object.kind === 'Job');
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
  }).sort((one, other) => one.name.localeCompare(other.name));
}

/** `cdk-kaniko synth` of a file with N documents, and `cdk8s synth` of the app of N plain builds. */
async function commandRows(folder: string, runs: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [1, 100]) {
    const file = join(folder, `build-${count}.yaml`);
    writeFileSync(file, Array.from({ length: count }, (_, n) => stringify({ ...parameters, imagePath: `images/app-${n}`, imageName: `app-${n}` })).join('---\n'));
    const app = join(folder, `app-${count}`);
    mkdirSync(app);
    writeFileSync(join(app, 'cdk8s.yaml'), stringify({ language: 'typescript', app: `node ${MAIN} plain ${count} dist` }));
    rows.push(...await takeTurns(group(count), {
      'cdk8s synth': () => measureProgram([join(ROOT, 'node_modules/.bin/cdk8s'), 'synth', '--no-check-upgrade'], app),
      'cdk-kaniko synth': () => measureProgram([process.execPath, join(ROOT, 'bin/cdk-kaniko'), 'synth', '-f', file, '-o', join(app, 'ours')], app),
    }, { runs }));
    const written = [jobsIn(join(app, 'dist/builds.k8s.yaml')), jobsIn(join(app, 'ours/kaniko-builds.k8s.yaml'))];
    if (written.some(jobs => jobs !== count)) { throw new Error(`the commands have written ${written.join(' and ')} Jobs, not ${count} each`); }
  }
  return rows;
}
