/** What the API server and the kernel make of the manifest's hardening, with the newest executor. */
import assert from 'node:assert/strict';
import { until } from '../cluster/processes';
import { Environment } from '../environment';
import { Scenario } from '../scenario';
import { SHELL_IMAGE, Team } from '../team';

/** CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID and SETFCAP: https://man7.org/linux/man-pages/man7/capabilities.7.html */
const CAPABILITIES = (0b11111011 + 2 ** 31).toString(16).padStart(16, '0');

/** A RUN sees what the container has: it prints it into kaniko's log. */
const DOCKERFILE = `FROM ${SHELL_IMAGE}
RUN grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
RUN ls -A /var/run/secrets 2>/dev/null | sed 's/^/secret: /'
RUN env; tr '\\0' '\\n' </proc/1/environ
`;

export const hardening: Scenario = {
  name: 'hardening',
  trials: environment => [
    { title: 'gives RUN eight capabilities and no token', executor: environment.newest, run: () => lookFromInside(environment) },
    { title: 'runs the init container without root and read-only', executor: environment.newest, run: () => lookAtPod(environment) },
    { title: 'is refused where "restricted" is enforced', executor: environment.newest, run: () => beRefused(environment) },
  ],
};

async function lookFromInside(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'inside');
  const { build } = await team.buildImage(team.parameters(environment.newest));
  const log = build.logs.kaniko;
  for (const line of [`CapEff:\t${CAPABILITIES}`, `CapBnd:\t${CAPABILITIES}`, 'NoNewPrivs:\t1', 'Seccomp:\t2']) {
    assert.ok(log.includes(line), `RUN has ${line}; it printed\n${log}`);
  }
  assert.ok(log.includes('DOCKER_CONFIG='), 'the environment was printed');
  assert.doesNotMatch(log, /^(secret: |AZURE_)/m, 'neither RUN nor kaniko has a token or an identity');
}

async function lookAtPod(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'pod');
  const { build: { pod } } = await team.buildImage(team.parameters(environment.newest));
  assert.equal(pod!.spec.automountServiceAccountToken, false);
  for (const { name, securityContext } of pod!.spec.initContainers as InitContainer[]) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, runAsGroup: 65532, runAsNonRoot: true, runAsUser: 65532,
    }, name);
  }
}

async function beRefused(environment: Environment): Promise<void> {
  const team = await teamWith(environment, 'restricted');
  await environment.kubectl.run('label', '--overwrite', 'namespace', team.namespace, 'pod-security.kubernetes.io/enforce=restricted');
  const manifest = await team.synth(team.parameters(environment.newest));
  await assert.rejects(environment.kubectl.applyFile(manifest), /would violate PodSecurity "restricted:latest"/, 'kubectl warns of it');
  const refusal = await until('refusal', async () => (await team.events()).find(event => event.startsWith('FailedCreate:')));
  assert.match(refusal, /violates PodSecurity "restricted:latest": unrestricted capabilities \(container "kaniko"/);
}

async function teamWith(environment: Environment, label: string): Promise<Team> {
  const team = await Team.create(environment, label);
  team.commit({ Dockerfile: DOCKERFILE });
  return team;
}

interface InitContainer {
  readonly name: string;
  readonly securityContext: object;
}
