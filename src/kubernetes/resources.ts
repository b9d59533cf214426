import { Size, SizeRoundingBehavior } from 'cdk8s';
import { ContainerResources, k8s } from 'cdk8s-plus-28';

/** What one resource is given where the user says nothing. */
interface Defaults {
  readonly request: string;
  readonly limit?: string;
}

/**
 * The resources of each container. The init container runs before kaniko, so equal ones cost nothing more.
 *
 * A default gives way to what the user says: it is never the reason that a request exceeds its limit.
 *
 * @throws where the user's own request exceeds the user's own limit
 */
export function resourceRequirements(place: string, resources: ContainerResources = {}): k8s.ResourceRequirements {
  const requests: Record<string, k8s.Quantity> = {};
  const limits: Record<string, k8s.Quantity> = {};
  const add = (name: string, defaults: Defaults, amount: (text: string) => number, request?: string, limit?: string) => {
    if (request !== undefined && limit !== undefined && amount(request) > amount(limit)) {
      throw new Error(`[${place}] resources: the request of ${request} ${name} exceeds the limit of ${limit}; raise the limit or lower the request`);
    }
    const lower = limit !== undefined && amount(defaults.request) > amount(limit) ? limit : defaults.request;
    requests[name] = k8s.Quantity.fromString(request ?? lower);
    const higher = defaults.limit !== undefined && request !== undefined && amount(request) > amount(defaults.limit) ? request : defaults.limit;
    const chosen = limit ?? higher;
    if (chosen !== undefined) { limits[name] = k8s.Quantity.fromString(chosen); }
  };
  add('cpu', { request: '500m' }, millis, resources.cpu?.request?.amount, resources.cpu?.limit?.amount);
  add('memory', { request: '1Gi', limit: '4Gi' }, kibibytes, resources.memory?.request?.asString(), resources.memory?.limit?.asString());
  add('ephemeral-storage', { request: '2Gi', limit: '16Gi' }, kibibytes,
    resources.ephemeralStorage?.request?.asString(), resources.ephemeralStorage?.limit?.asString());
  return { requests, limits };
}

function millis(text: string): number {
  return text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

function kibibytes(text: string): number {
  return parseSize(text).toKibibytes({ rounding: SizeRoundingBehavior.NONE });
}

/** A size from its Kubernetes form, such as `4Gi`. */
export function parseSize(text: string): Size {
  const amount = Number.parseFloat(text);
  const unit = text.replace(/^[\d.]+/, '');
  switch (unit) {
    case 'Ki': return Size.kibibytes(amount);
    case 'Mi': return Size.mebibytes(amount);
    case 'Gi': return Size.gibibytes(amount);
    case 'Ti': return Size.tebibytes(amount);
    case 'Pi': return Size.pebibyte(amount);
    default: throw new Error(`"${text}" is no size; write for example "4Gi"`);
  }
}
