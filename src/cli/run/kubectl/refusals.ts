import { Failure } from '../result';
import { ClusterError } from './cluster-error';

/** What the API server's refusal of an object means. */
export interface Refusal {
  readonly failure: Failure;
  /** Whether asking again is of no use. */
  readonly final: boolean;
}

/** Refusals of admission by their words, and what to do about each. */
const KNOWN: readonly [RegExp, Failure['cause'], string][] = [
  [/violates PodSecurity/, 'admission',
    'kaniko is root in its container: build in a namespace that enforces "baseline" (label pod-security.kubernetes.io/enforce), and "restricted" for others'],
  [/serviceaccount "[^"]*" not found/, 'missing-object', 'make the service account in the build\'s namespace, or correct the name (workloadIdentity)'],
  [/no PriorityClass with name/, 'missing-object', 'make the priority class, or correct the name (priorityClassName)'],
  [/RuntimeClass "[^"]*" not found/i, 'missing-object', 'make the runtime class, or correct the name (runtimeClassName)'],
  [/namespaces "[^"]*" not found/, 'missing-object', 'make the namespace, or correct the name (namespace)'],
  [/denied the request/, 'admission', 'a policy of the cluster forbids it; its message says what it wants'],
  [/(?:maximum|minimum) \S+ usage per|limit to request ratio/, 'admission', 'keep to the namespace\'s LimitRange by the build\'s requests and limits'],
  [/cannot \w+ resource/, 'admission', 'ask for a role that may do this in that namespace; docs/run.md lists what it takes'],
];

/** What a refusal means. Pure. */
export function refusal(message: string): Refusal {
  const known = KNOWN.find(([shape]) => shape.test(message));
  if (known !== undefined) { return { final: true, failure: { cause: known[1], message, remedy: known[2] } }; }
  const quota = /exceeded quota/.test(message) ? 'wait for other pods to end, ask for a larger quota, or lower the build\'s requests and limits' : undefined;
  return { final: neverFits(message), failure: { cause: 'admission', message, remedy: quota } };
}

/** Whether a quota is too small even while nobody else uses it: `requested: cpu=2,memory=1Gi, used: …, limited: cpu=1,memory=4Gi`. */
function neverFits(message: string): boolean {
  const amounts = (word: string) => new Map([...(new RegExp(`${word}: (\\S+)`).exec(message)?.[1] ?? '').matchAll(/([^=,]+)=([^,]+)/g)].map(([, name, text]) => [name, quantity(text)]));
  const limited = amounts('limited');
  return [...amounts('requested')].some(([name, amount]) => amount > (limited.get(name) ?? Infinity));
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1, 'm': 1e-3, 'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12, 'Ki': 2 ** 10, 'Mi': 2 ** 20, 'Gi': 2 ** 30, 'Ti': 2 ** 40,
};

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
function quantity(text: string): number {
  const [, amount, unit] = /^([\d.]+)(\w*)$/.exec(text) ?? ['', 'NaN', ''];
  return Number(amount) * (UNITS[unit] ?? NaN);
}

/** Why something could not be made, or asked. Pure. */
export function clusterFailure({ message, reason, missing }: ClusterError): Failure {
  if (missing) {
    return {
      cause: 'no-engine', message: 'there is no kubectl on the PATH',
      remedy: 'install it (https://kubernetes.io/docs/tasks/tools/), or build on this machine by --engine podman',
    };
  }
  // Where kubectl looks for a cluster when it was told of none.
  if (/(?:localhost|127\.0\.0\.1|\[::1\]):8080\b/.test(message)) {
    return {
      cause: 'no-connection', message: 'no cluster is configured: kubectl has no context',
      remedy: 'name one by --kubeconfig and --context, or build on this machine by --engine podman',
    };
  }
  if (/^context .* does not exist|^context was not found|cannot find context|no context exists/.test(message)) {
    return { cause: 'no-connection', message, remedy: 'see "kubectl config get-contexts", or build on this machine by --engine podman' };
  }
  if (/unknown flag: --append-server-path/.test(message)) {
    return { cause: 'no-engine', message, remedy: 'use kubectl 1.21 or later' };
  }
  if (reason === 'Unauthorized' || /getting credentials: exec/.test(message)) {
    const said = reason === 'Unauthorized' ? `the cluster does not know kubectl's user: ${message}` : message;
    return { cause: 'no-connection', message: said, remedy: 'log in to the cluster again, and try "kubectl get pods"' };
  }
  if (reason === 'AlreadyExists') {
    return { cause: 'not-started', message, remedy: 'a Job cannot be changed, so each run needs a name of its own: choose another --run-id, or leave it out' };
  }
  if (reason !== undefined) { return refusal(message).failure; }
  return { cause: 'no-connection', message, remedy: 'try "kubectl get pods"; to build on this machine, use --engine podman' };
}
