import { k8s } from 'cdk8s-plus-28';
import { INIT_SECURITY, KANIKO_SECURITY, POD_SECURITY } from './hardening';
import { literal } from './pod/literal';
import { MergedContribution } from './pod/merge';
import { CONTEXT_ROOT, EXECUTOR_DIRECTORY, KANIKO_CONTAINER, PREPARE_CONTAINER, PREPARE_DIRECTORY } from './pod/places';
import { resourceRequirements } from './resources';
import { SchedulingOptions, schedulingSpec } from './scheduling';
import { KanikoImage, KanikoOptions, LayerCache } from '../kaniko';

/** All that the pod is made of. */
export interface PodSpecInput {
  readonly place: string;
  readonly options: KanikoOptions & SchedulingOptions & { readonly layerCache?: LayerCache };
  readonly parts: MergedContribution;
  readonly image: KanikoImage;
  readonly prepareImage: string;
  readonly imagePullSecretNames: string[];
  readonly scriptName: string;
  readonly kanikoArguments: string[];
}

const EXECUTOR = `${EXECUTOR_DIRECTORY}/executor`;

/** The pod: an unprivileged init container, then kaniko. Pure. */
export function podSpec(input: PodSpecInput): k8s.PodSpec {
  const { parts } = input;
  const resources = resourceRequirements(input.place, input.options.resources);
  return {
    restartPolicy: 'Never',
    serviceAccountName: parts.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: POD_SECURITY,
    imagePullSecrets: input.imagePullSecretNames.length === 0 ? undefined : input.imagePullSecretNames.map(name => ({ name })),
    ...schedulingSpec(input.place, input.options),
    initContainers: [prepareContainer(input, resources)],
    containers: [kanikoContainer(input, resources)],
    volumes: [
      { name: 'executor', emptyDir: {} },
      { name: 'script', configMap: { name: input.scriptName } },
      // Tokens and git's configuration: in memory, and gone with the pod.
      { name: 'prepare-tmp', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('64Mi') } },
      ...parts.volumes,
    ],
  };
}

function prepareContainer(input: PodSpecInput, resources: k8s.ResourceRequirements): k8s.Container {
  const script = `${PREPARE_DIRECTORY}/program`;
  return {
    name: PREPARE_CONTAINER,
    image: input.prepareImage,
    command: ['sh', `${script}/prepare-context.sh`],
    env: environment({ HOME: '/tmp', TMPDIR: '/tmp', ...input.parts.prepareEnvironment }),
    securityContext: INIT_SECURITY,
    resources,
    volumeMounts: [
      { name: 'script', mountPath: script, readOnly: true },
      { name: 'prepare-tmp', mountPath: '/tmp' },
      ...input.parts.prepareMounts,
    ],
  };
}

function kanikoContainer(input: PodSpecInput, resources: k8s.ResourceRequirements): k8s.Container {
  return {
    name: KANIKO_CONTAINER,
    image: input.image.reference,
    // The executor's name is what the script knows as $0, and what follows as "$@".
    command: ['/busybox/sh', '-c', literal(startScript(input.image)), EXECUTOR],
    args: input.kanikoArguments.map(literal),
    env: environment({ ...input.parts.kanikoEnvironment, ...featureFlags(input), ...telemetry(input) }),
    securityContext: KANIKO_SECURITY,
    resources,
    // The digest on success; on failure the end of the log.
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'executor', mountPath: EXECUTOR_DIRECTORY }, ...input.parts.kanikoMounts],
  };
}

/**
 * Copies the executor out of /kaniko, and becomes it: run from there, it would take that directory for its own
 * (docs/decisions/0003). Executors whose COPY keeps the owner that files have in the context get one that is root's.
 *
 * Nothing of a user's is in it. What fails is told in the form of kaniko's own errors (src/cli/run/kaniko-failure.ts).
 * The first process of a container gets no signal that it has no handler for, hence the trap.
 */
function startScript(image: KanikoImage): string {
  const step = (what: string, command: string) => `why=$(${command} 2>&1) || fail "${what}: $why"`;
  return [
    "trap 'exit 143' TERM",
    'fail() { echo "error $1" >&2; exit 1; }',
    step(`copying the executor to ${EXECUTOR_DIRECTORY}`, `/busybox/cp /kaniko/executor ${EXECUTOR}`),
    ...image._copyKeepsOwner ? [step('handing the context to root', `/busybox/chown -hR 0:0 ${CONTEXT_ROOT}`)] : [],
    `exec ${EXECUTOR} "$@"`,
  ].join('\n');
}

function featureFlags(input: PodSpecInput): Record<string, string> {
  const wanted = ['FF_KANIKO_COPY_AS_ROOT', ...(input.options.layerCache ?? LayerCache.disabled())._featureFlags()]
    .filter(flag => input.image.knowsFeatureFlag(flag))
    .map(flag => [flag, true] as const);
  const flags = { ...Object.fromEntries(wanted), ...input.options.featureFlags };
  return Object.fromEntries(Object.entries(flags).map(([flag, on]) => [flag, String(on)]));
}

function telemetry(input: PodSpecInput): Record<string, string> {
  const { telemetryEndpoint, telemetryIncludesDockerfile } = input.options;
  if (telemetryEndpoint === undefined) { return {}; }
  return {
    KANIKO_TELEMETRY_ENDPOINT: telemetryEndpoint,
    ...telemetryIncludesDockerfile === true ? {} : { KANIKO_TELEMETRY_OMIT_DOCKERFILE: 'true' },
  };
}

function environment(values: Record<string, string>): k8s.EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: literal(value) }));
}
