import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, FakeEngine, kanikoLine, log, playStory } from './fake-engine';
import { runOn } from './run-with';
import { Timeline } from '../../../src/cli/run/timeline';
import { fields } from '../../../src/cli/run/trace/protobuf';
import { TraceLog, TraceSpan } from '../../../src/cli/run/trace/trace-log';
import { traceSteps } from '../../../src/cli/run/trace/trace-steps';
import { leastYaml } from '../../parameters/base';

// What the collector printed beside an executor v1.28.3 on a real cluster, of a build with two stages.
const REAL = readFileSync(join(__dirname, 'kaniko-trace.v1.28.3.txt'), 'utf8').trimEnd().split('\n');

function traceOf(lines: readonly string[]): readonly TraceSpan[] {
  const trace = new TraceLog();
  lines.forEach(line => trace.tell(line));
  return trace.spans;
}

test('a real trace tells each instruction and what is between', () => {
  expect(traceSteps(traceOf(REAL)).map(({ number, title }) => `${number ?? '-'} ${title.slice(0, 24)}`)).toEqual([
    '- unpacking the base image', '1 WORKDIR /src', '2 COPY . .', '- snapshot', '3 RUN for module in core h', '- snapshot',
    '- unpacking the base image', '4 ENV LANG=C.UTF-8', '5 RUN apt-get update && ap', '- snapshot', '6 RUN useradd --create-hom', '- snapshot',
    '7 COPY kubectl kubelogin /', '- snapshot', '8 COPY --from=build /src/a', '9 USER agent', '10 CMD ["agent"]',
  ]);
});

test('the Dockerfile is not in the trace', () => {
  expect(traceOf(REAL).filter(({ attributes }) => 'kaniko.dockerfile.content' in attributes)).toEqual([]);
});

const span = (name: string, begin: number, end: number, attributes = {}): TraceSpan => ({ name, begin: at(begin), end: at(end), attributes });
const command = (text: string, begin: number, end: number, hit?: boolean) =>
  span('Command', begin, end, { 'kaniko.command': text, ...hit === undefined ? {} : { 'kaniko.cache.hit': hit } });

function refined(lines: readonly [number, string][], spans: readonly TraceSpan[], exitCode = 0): Timeline {
  const timeline = new Timeline();
  timeline.tell({ kind: 'started', at: at(0), container: 'kaniko' });
  lines.forEach(([second, line]) => timeline.tell(log(second, kanikoLine(line))));
  timeline.tell({ kind: 'ended', at: at(20), container: 'kaniko', exitCode, reason: '' });
  timeline.finish(exitCode === 0 ? 'done' : 'failed', 0);
  timeline.refine(spans);
  return timeline;
}

test('the trace takes the place of the log, but for what it leaves out', () => {
  const timeline = refined([[1, 'Unpacking rootfs as cmd RUN make requires it.'], [3, 'RUN make'], [5, 'Deleting filesystem...'], [8, 'RUN test']],
    [span('build', 0, 20), span('FS Unpacking', 1.1, 2.9), command('RUN make', 3.1, 4.5), span('Snapshotting FS', 4.5, 4.9), span('Saving stage', 4.9, 5.002), command('RUN test', 7.998, 9, true)]);
  expect(timeline.steps.map(({ title, begin, number, cached }) => [(begin.getTime() - at(0).getTime()) / 1000, title, number, cached])).toEqual([
    [1.1, 'unpacking the base image', undefined, undefined], [3.1, 'RUN make', 1, undefined], [4.5, 'snapshot', undefined, undefined], [4.9, 'saving the stage', undefined, undefined],
    [5, 'clearing the file system', undefined, undefined], [7.998, 'RUN test', 2, true],
  ]);
});

test('the instruction that failed stays known', () => {
  const timeline = refined([[1, 'RUN make'], [3, 'RUN test']], [command('RUN make', 1, 3), command('RUN test', 3, 5)], 2);
  expect(timeline.steps.map(({ outcome }) => outcome)).toEqual(['done', 'failed']);
});

test.each<[string, readonly TraceSpan[]]>([
  ['no trace', []], ['a trace that was cut off before the first instruction', [span('FS Unpacking', 0, 2)]],
  ['a trace without times', [{ ...command('RUN x', 0, 0), begin: new Date(NaN) }]],
])('with %s the log stays', (_what, spans) => {
  expect(refined([[1, 'RUN make']], spans).steps.map(({ title }) => title)).toEqual(['RUN make']);
});

test.each([
  ['another program\'s line', ['hello']],
  ['a message of another kind', ['trace 7 aGVsbG8=', 'trace 7 .']],
  ['a message that is cut off', [REAL.find(line => line.length > 100)!.slice(0, 99), `${REAL.find(line => line.length > 100)!.split(' ').slice(0, 2).join(' ')} .`]],
  ['an end without a beginning', ['trace 9 .']],
  ['lengths that reach far', [`trace 1 ${Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).toString('base64')}`, 'trace 1 .']],
  ['a number without end', [`trace 1 ${Buffer.alloc(20, 0xff).toString('base64')}`, 'trace 1 .']],
])('%s is no span', (_what, lines) => {
  expect(traceOf(lines)).toEqual([]);
});

test('two messages that come at once are told apart', () => {
  const numbered = (number: number) => REAL.slice(0, 5).map(line => line.replace(/^trace \d+/, `trace ${number}${/\d+/.exec(line)![0]}`));
  const both = numbered(1).flatMap((line, index) => [line, numbered(2)[index]]);
  expect(traceOf(both)).toHaveLength(2 * traceOf(REAL.slice(0, 5)).length);
});

test('reads fields of every kind', () => {
  const message = Buffer.from([0x08, 0x96, 0x01, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0x1a, 2, 0x68, 0x69, 0x25, 2, 0, 0, 0]);
  expect([...fields(message)]).toEqual([
    { number: 1, value: 150n }, { number: 2, value: 1n }, { number: 3, value: Buffer.from('hi') }, { number: 4, value: 2n },
  ]);
});

const planned = async (engine: FakeEngine, argv: readonly string[], parameters = '') => {
  await runOn(engine, ['-f', '-', ...argv], { stdin: leastYaml(parameters) });
  return (engine.built[0].job as any).spec.template;
};
const failing = { plays: async () => ({ outcome: 'failed' as const, failure: { cause: 'deadline' as const, message: 'm' } }) };
const REPORT = ['--report', '/dev/null/x.json'];

test('with a report, the pod has a sidecar that receives the trace, without privileges; kaniko keeps the Dockerfile to itself', async () => {
  const { spec: { initContainers, containers, volumes } } = await planned(new FakeEngine(failing, true), REPORT);
  expect(initContainers[0]).toMatchObject({
    name: 'trace', restartPolicy: 'Always', image: containers[0].image,
    securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
  expect(initContainers[0].command[2]).toContain('$$CONTENT_LENGTH');
  expect(containers[0].env).toEqual(expect.arrayContaining([
    { name: 'KANIKO_TELEMETRY_ENDPOINT', value: 'http://127.0.0.1:4318/cgi-bin/traces' }, { name: 'KANIKO_TELEMETRY_OMIT_DOCKERFILE', value: 'true' },
  ]));
  expect(volumes.at(-1)).toEqual({ name: 'trace', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
});

test.each([
  ['RUN has none either', 'false', 'trace;kaniko'],
  ['kaniko pushes by it', 'true', 'trace'],
])('where %s the sidecar has no workload identity', async (_what, registryWorkloadIdentity, expected) => {
  const { metadata } = await planned(new FakeEngine(failing, true), REPORT, `workloadIdentity: builder\nregistryWorkloadIdentity: ${registryWorkloadIdentity}`);
  expect(metadata.annotations).toEqual({ 'azure.workload.identity/skip-containers': expected });
});

test.each<[string, boolean, readonly string[], string]>([
  ['without a report', true, [], ''],
  ['with --no-trace', true, [...REPORT, '--no-trace'], ''],
  ['where there are no sidecars', false, REPORT, ''],
  ['with an executor that does not trace', true, REPORT, 'kanikoImage: ghcr.io/osscontainertools/kaniko:v1.27.5-debug'],
  ['where the trace goes elsewhere', true, REPORT, 'telemetryEndpoint: http://collector.contoso.example:4318'],
])('%s the pod is as it is', async (_what, sidecars, argv, parameters) => {
  const { spec: { initContainers } } = await planned(new FakeEngine(failing, sidecars), argv, parameters);
  expect(initContainers.map(({ name }: { name: string }) => name)).toEqual(['prepare-context']);
});

test('what the collector prints is no part of the progress', async () => {
  const engine = new FakeEngine({
    plays: async (build, tell) => {
      tell({ kind: 'started', at: at(0), container: 'trace' });
      tell(log(0, 'trace 1 .', 'trace'));
      tell({ kind: 'ended', at: at(0), container: 'trace', exitCode: 143, reason: 'Error' });
      return playStory(build, tell);
    },
  });
  const { err, out } = await runOn(engine, ['-f', '-'], { stdin: leastYaml() });
  expect(err).not.toContain('trace');
  expect(out).toContain('pushed in 12 s');
});

test.each([
  ['a node whose clock is behind', -60, -50], ['a node whose clock is ahead', 60, 70], ['a RUN that makes times up', -1.8e9, 1e9],
])('%s moves no step out of the build', (_, begin, end) => {
  const timeline = refined([[1, 'RUN make']], [command('RUN make', begin, end)]);
  const [{ begin: first }] = timeline.phases;
  for (const step of timeline.steps) {
    expect(step.begin.getTime()).toBeGreaterThanOrEqual(first.getTime());
    expect((step.end!.getTime() - first.getTime()) / 1000).toBeLessThanOrEqual(timeline.seconds);
  }
});
