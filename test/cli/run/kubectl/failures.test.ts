/** What the real cluster said of builds that were spoilt on purpose (test/e2e/scenarios/run.ts), and what that is called. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from '../../../../src/cli/run/kubectl/cluster-error';
import { Evidence } from '../../../../src/cli/run/kubectl/evidence';
import { failureOf } from '../../../../src/cli/run/kubectl/failures';
import { clusterFailure, refusal } from '../../../../src/cli/run/kubectl/refusals';
import { PATIENCE, troublesOf } from '../../../../src/cli/run/kubectl/troubles';
import { LogTail } from '../../../../src/cli/run/log-tail';

const RECORDED = JSON.parse(readFileSync(join(__dirname, 'recorded', 'evidence.json'), 'utf8')) as Record<string, Evidence & { logs: Record<string, string[]> }>;

/** What was known of a build. @param change replaces a text in all of it */
function evidence(name: string, [from, to]: [string, string] = ['', '']): Evidence {
  const { logs, ...known } = JSON.parse(JSON.stringify(RECORDED[name]).split(from || '\u0000').join(to)) as typeof RECORDED[string];
  const tails = new Map(Object.entries(logs).map(([container, lines]) => {
    const tail = new LogTail();
    lines.forEach(line => tail.add(line));
    return [container, tail];
  }));
  return { ...known, pods: known.pods.map(pod => ({ ...pod, logs: tails })) };
}

test.each([
  ['push refused', 'registry-denied', /^error checking push permissions.*UNAUTHORIZED: authentication required/, 'kaniko', 1],
  ['base image refused by the name server', 'kaniko-failed', /i\/o timeout/, 'kaniko', 1],
  ['branch that does not exist', 'context-failed', /no-such-branch/, 'prepare-context', 32],
  ['no shell', 'not-started', /^prepare-context could not be started from registry\.contoso\.example\/docker-virtual\/empty:1: .*"sh"/, 'prepare-context', 128],
  ['memory', 'out-of-memory', /^kaniko was killed: it needed more memory than its limit, in RUN tail \/dev\/zero$/, 'kaniko', 137],
  ['disk', 'evicted', /^Pod ephemeral local storage usage exceeds/, undefined, undefined],
  ['deadline', 'deadline', /^the build was ended at its deadline of 1 min/, undefined, undefined],
  ['Job deleted', 'lost', /^the Job was deleted while it ran$/, undefined, undefined],
  ['pod deleted', 'lost', /^the pod run-8-latest-6xs12u-9lz5g was deleted while it ran$/, undefined, undefined],
])('%s: is called %s', (name, cause, message, container, exitCode) => {
  const failure = failureOf(evidence(name));
  expect(failure).toMatchObject({ cause, message: expect.stringMatching(message) });
  expect([failure.container, failure.exitCode]).toEqual([container, exitCode]);
});

test('a failing RUN shows what it printed, although the node had it before kaniko\'s own line', () => {
  const seen = evidence('push refused');
  const tail = new LogTail();
  const info = (message: string) => `time="2026-11-23T13:12:29Z" level=info msg="${message}"`;
  [info('RUN make all'), info('Taking snapshot'), 'last words', info('Running: [/bin/sh -c make all]'),
    'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1'].forEach(line => tail.add(line));
  expect(failureOf({ ...seen, pods: seen.pods.map(pod => ({ ...pod, logs: new Map([['kaniko', tail]]) })) })).toMatchObject({
    cause: 'run-failed', message: 'RUN make all ended with exit code 1\nlast words', instruction: 'RUN make all', exitCode: 1,
  });
});

test('a build whose every pod was taken from its node is lost', () => {
  const seen = evidence('evicted from its node');
  const [first] = seen.pods;
  expect(failureOf({ ...seen, pods: [first, first], job: evidence('memory').job })).toMatchObject({
    cause: 'lost', message: expect.stringMatching(/^the build's pod was taken from its node 2 times: .*[Ee]vict/),
  });
});

test.each([
  ['no node', 'unschedulable', /^no node takes the pod: 0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector\./, 120_000],
  ['no image', 'image-pull', /no-such:v1\.28\.3-debug cannot be pulled: failed to pull and unpack image .* 401 Unauthorized$/, PATIENCE.pull],
  ['no Secret', 'missing-object', /secret "no-such-secret" not found/, PATIENCE.missing],
  ['no service account', 'missing-object', /serviceaccount "wdap-cicd-identity" not found/, 0],
  ['restricted', 'admission', /violates PodSecurity "restricted:latest": unrestricted capabilities/, 0],
])('%s: becomes %s when its patience ends', (name, cause, message, patience) => {
  expect(troublesOf(evidence(name), 120_000)).toEqual([expect.objectContaining({
    patience, failure: expect.objectContaining({ cause, message: expect.stringMatching(message), remedy: expect.any(String) }),
  })]);
});

test.each(['memory', 'push refused', 'deadline', 'pod deleted', 'branch that does not exist'])(
  '%s: what was amiss before its pod began is no trouble any more', name => {
    expect(troublesOf(evidence(name))).toEqual([]);
  });

const SELECTOR = '1 node(s) didn\'t match Pod\'s node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';

test('waits to the deadline for a node that is only full', () => {
  const full = evidence('no node', [SELECTOR, '1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.']);
  expect(troublesOf(full)).toMatchObject([{ notice: expect.stringContaining('1 Insufficient cpu'), patience: Infinity }]);
});

test('waits no longer for a node that is too small even when it is empty', () => {
  const small = evidence('no node', [SELECTOR, '1 Insufficient memory. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.']);
  expect(troublesOf(small, 1)).toMatchObject([{ patience: 1 }]);
});

test('waits to the deadline for a node that is being added', () => {
  const growing = evidence('no node', ['"reason":"FailedScheduling"', '"reason":"TriggeredScaleUp"']);
  expect(troublesOf(growing, 1)).toMatchObject([{ patience: Infinity }]);
});

test('a volume claim that is missing is a missing object', () => {
  const claim = evidence('no node', [SELECTOR, 'persistentvolumeclaim \\"images\\" not found. not found']);
  expect(troublesOf(claim)).toMatchObject([{ patience: PATIENCE.missing, failure: { cause: 'missing-object' } }]);
});

test('the build\'s own program may come a little later than its pod', () => {
  const [trouble] = troublesOf(evidence('no Secret', ['volume \\"docker-config\\" : secret', 'volume \\"script\\" : configmap']));
  expect(trouble).toMatchObject({ notice: '', patience: PATIENCE.missing });
});

test('a quota that others use up is waited for, one that is too small is not', () => {
  const said = (limited: string) => `pods "a" is forbidden: exceeded quota: small, requested: requests.memory=1Gi, used: requests.memory=3Gi, limited: requests.memory=${limited}`;
  expect([refusal(said('4Gi')), refusal(said('100Mi')), refusal(said('1G'))].map(({ final, failure }) => [final, failure.cause])).toEqual([
    [false, 'admission'], [true, 'admission'], [true, 'admission'],
  ]);
  const used = evidence('restricted', ['is forbidden: violates PodSecurity', 'is forbidden: exceeded quota: small, violates Pod Security']);
  expect(troublesOf(used)).toMatchObject([{ patience: Infinity }]);
});

test('a container beside the build is not blamed for its end', () => {
  const beside = (state: object) => (seen: Evidence): Evidence => ({
    ...seen, pods: seen.pods.map(pod => ({
      ...pod, object: {
        ...pod.object, status: { ...pod.object.status, initContainerStatuses: [{ name: 'trace', image: 'k', state } as never, ...pod.object.status.initContainerStatuses ?? []] },
      },
    })),
  });
  const killed = beside({ terminated: { exitCode: 137, reason: 'Error', startedAt: null, finishedAt: null } });
  expect(failureOf(killed(evidence('push refused')))).toEqual(failureOf(evidence('push refused')));
  expect(failureOf(beside({ running: { startedAt: '2026-11-23T12:00:00Z' } })(evidence('deadline')))).toEqual(failureOf(evidence('deadline')));
});

test('a deadline that passed before anything ran is named by what kept it', () => {
  const { job } = evidence('deadline');
  expect(failureOf({ ...evidence('no Secret'), job })).toMatchObject({
    cause: 'missing-object', message: expect.stringMatching(/secret "no-such-secret" not found; so it was until its deadline of 1 min$/),
  });
});

test('tells of a pod that is taken from its node, and that the Job begins another', () => {
  const seen = evidence('evicted from its node');
  expect(troublesOf({ ...seen, pods: seen.pods.slice(0, 1) })).toMatchObject([{ notice: expect.stringMatching(/is taken from its node .*; the Job begins another$/), patience: Infinity }]);
  expect(troublesOf(seen)).toEqual([]);
});

test.each([
  ['kubectl does not reach the API server: dial tcp [::1]:8080: connect: connection refused', undefined, 'no-connection', /no cluster is configured/, /--engine podman/],
  ['context "nope" does not exist', undefined, 'no-connection', /context "nope" does not exist/, /get-contexts/],
  ['unknown flag: --append-server-path\nSee \'kubectl proxy --help\' for usage.', undefined, 'no-engine', /unknown flag/, /1\.21 or later/],
  ['Unauthorized', 'Unauthorized', 'no-connection', /does not know kubectl's user/, /log in/],
  ['kubectl does not reach the API server: getting credentials: exec: executable kubelogin failed', undefined, 'no-connection', /kubelogin failed/, /log in/],
  ['kubectl does not reach the API server: dial tcp: lookup aks.contoso.example: no such host', undefined, 'no-connection', /no such host/, /kubectl get pods/],
  ['jobs.batch "app-1" already exists', 'AlreadyExists', 'not-started', /already exists/, /--run-id/],
  ['namespaces "builds" not found', 'NotFound', 'missing-object', /namespaces/, /namespace/],
  ['jobs.batch is forbidden: User "a" cannot create resource "jobs" in API group "batch"', 'Forbidden', 'admission', /cannot create/, /role/],
  ['admission webhook "validation.gatekeeper.sh" denied the request: no images from there', 'Forbidden', 'admission', /no images from there/, /policy/],
])('the error %s, by reason %s, is called %s', (text, reason, cause, message, remedy) => {
  const matching = { message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) };
  expect(clusterFailure(new ClusterError(text, reason))).toMatchObject({ cause, ...matching });
});
