import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { IDENTITY_LABEL } from './places';
import { PodContribution } from './pod-contribution';
import { shortHash } from './short-hash';
import { dnsLabel, dnsSubdomain, guid, verify } from '../../checks';

/** Options of `WorkloadIdentity.fromServiceAccountName`. */
export interface ServiceAccountIdentityOptions {
  /**
   * The client id of the managed identity to act as, where the service account has several or names none.
   *
   * @default - the one that the service account's annotation names
   */
  readonly clientId?: string;
}

/** Options of `WorkloadIdentity.withServiceAccount`. */
export interface NewServiceAccountOptions {
  /** The client id of the managed identity. */
  readonly clientId: string;

  /**
   * The Entra tenant.
   *
   * @default - the cluster's own
   */
  readonly tenantId?: string;

  /**
   * The namespace.
   *
   * @default - the chart's
   */
  readonly namespace?: string;
}

/**
 * As whom the pod reads the storage account and clones from Azure Repos: a service account with which an
 * Azure managed identity is federated. No password exists.
 *
 * The pod gets the label that the webhook looks for. The kaniko container is kept out of the identity, because
 * RUN steps are other people's code; `RegistryCredentials.fromWorkloadIdentity` is the one exception.
 *
 * @see https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
 */
export abstract class WorkloadIdentity {
  /**
   * A service account that exists in the build's namespace.
   *
   * @throws if the name or client id is not valid
   */
  public static fromServiceAccountName(name: string, options: ServiceAccountIdentityOptions = {}): WorkloadIdentity {
    verify('WorkloadIdentity.fromServiceAccountName', 'name', name, dnsSubdomain);
    if (options.clientId !== undefined) { verify('WorkloadIdentity.fromServiceAccountName', 'clientId', options.clientId, guid); }
    return new ServiceAccountIdentity(name, options.clientId);
  }

  /**
   * A service account that is part of the manifest, once for all builds of a chart and namespace.
   *
   * @throws if a name or id is not valid, or two builds give the same service account different identities
   */
  public static withServiceAccount(name: string, options: NewServiceAccountOptions): WorkloadIdentity {
    const place = 'WorkloadIdentity.withServiceAccount';
    verify(place, 'name', name, dnsSubdomain);
    verify(place, 'clientId', options.clientId, guid);
    if (options.tenantId !== undefined) { verify(place, 'tenantId', options.tenantId, guid); }
    if (options.namespace !== undefined) { verify(place, 'namespace', options.namespace, dnsLabel); }
    return new ServiceAccountIdentity(name, undefined, options);
  }

  /** The service account's name. */
  public readonly serviceAccountName: string;

  /** @param serviceAccountName the name of the service account */
  protected constructor(serviceAccountName: string) {
    this.serviceAccountName = serviceAccountName;
  }

  /** What this identity adds to the pod. */
  public abstract bind(scope: Construct): PodContribution;
}

class ServiceAccountIdentity extends WorkloadIdentity {
  public constructor(name: string, private readonly clientId?: string, private readonly emitted?: NewServiceAccountOptions) {
    super(name);
  }

  public bind(scope: Construct): PodContribution {
    return {
      serviceAccountName: this.serviceAccountName,
      dependencies: this.emitted === undefined ? [] : [serviceAccount(scope, this.serviceAccountName, this.emitted)],
      podLabels: { [IDENTITY_LABEL]: 'true' },
      // The webhook leaves a variable alone that is there already.
      prepareEnvironment: this.clientId === undefined ? {} : { AZURE_CLIENT_ID: this.clientId },
    };
  }
}

/** The chart's one service account of that name. */
function serviceAccount(scope: Construct, name: string, options: NewServiceAccountOptions): Construct {
  const chart = Chart.of(scope);
  const namespace = options.namespace ?? chart.namespace;
  const id = `ServiceAccount-${shortHash(`${namespace}/${name}`)}`;
  const annotations = {
    'azure.workload.identity/client-id': options.clientId,
    ...options.tenantId === undefined ? {} : { 'azure.workload.identity/tenant-id': options.tenantId },
  };
  const present = chart.node.tryFindChild(id) as k8s.KubeServiceAccount | undefined;
  if (present === undefined) {
    return new k8s.KubeServiceAccount(chart, id, { metadata: { name, namespace, annotations }, automountServiceAccountToken: false });
  }
  if (JSON.stringify(present.toJson().metadata.annotations) !== JSON.stringify(annotations)) {
    throw new Error(`[${scope.node.path}] the service account "${name}" is given two identities in one chart; use two names or one identity`);
  }
  return present;
}
