import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { addressBlock, integer, verify } from '../checks';

/** A block of addresses that the pod may reach. */
export interface NetworkDestination {
  /** The block, such as `10.20.0.0/16`, or `10.20.0.7/32` for one address. */
  readonly addressBlock: string;

  /**
   * The TCP ports.
   *
   * @default [443]
   */
  readonly ports?: number[];
}

/** What the pod may reach over the network. */
export abstract class NetworkAccess {
  /** Whatever the cluster lets it reach. */
  public static unrestricted(): NetworkAccess {
    return new UnrestrictedAccess();
  }

  /**
   * DNS and the named destinations alone, by a NetworkPolicy; nothing reaches the pod. Name the git server, the
   * storage account, `login.microsoftonline.com`, the registry and the apt mirror: policies know addresses, not names.
   *
   * The cluster's network plugin has to enforce policies (on AKS: Azure network policies, Calico or Cilium).
   *
   * @throws if an address block or port is not valid, or no destination is named
   * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
   */
  public static restrictedTo(destinations: NetworkDestination[]): NetworkAccess {
    return new RestrictedAccess(destinations);
  }

  /** Adds what enforces this access. */
  public abstract apply(scope: Construct, target: NetworkAccessTarget): void;
}

/** The pod that an access is for. */
export interface NetworkAccessTarget {
  /** The name of the build, which its policy gets too. */
  readonly name: string;

  /**
   * The namespace.
   *
   * @default - the chart's
   */
  readonly namespace?: string;

  /** The labels by which the build's pod is found. */
  readonly podLabels: { readonly [key: string]: string };
}

class UnrestrictedAccess extends NetworkAccess {
  public apply(): void {
    // Nothing to enforce.
  }
}

class RestrictedAccess extends NetworkAccess {
  public constructor(private readonly destinations: NetworkDestination[]) {
    super();
    const place = 'NetworkAccess.restrictedTo';
    if (destinations.length === 0) { throw new Error(`[${place}] names no destination; a build reaches at least its registry`); }
    destinations.forEach((destination, index) => {
      verify(place, `destinations[${index}].addressBlock`, destination.addressBlock, addressBlock);
      for (const port of destination.ports ?? []) {
        const problem = integer(port, 1, 65535);
        if (problem !== undefined) { throw new Error(`[${place}] destinations[${index}].ports ${problem}`); }
      }
    });
  }

  public apply(scope: Construct, target: NetworkAccessTarget): void {
    new k8s.KubeNetworkPolicy(scope, 'NetworkPolicy', {
      metadata: { name: target.name, namespace: target.namespace, labels: target.podLabels },
      spec: {
        podSelector: { matchLabels: target.podLabels },
        policyTypes: ['Ingress', 'Egress'],
        egress: [{ to: DNS_SERVERS, ports: DNS_PORTS }, ...this.destinations.map(rule)],
      },
    });
  }
}

/** The cluster's DNS, and the node-local caches in front of it, whose addresses no selector can find. */
const DNS_SERVERS: k8s.NetworkPolicyPeer[] = [
  { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } },
  // https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
  { ipBlock: { cidr: '169.254.20.10/32' } },
  // https://learn.microsoft.com/azure/aks/localdns-custom
  { ipBlock: { cidr: '169.254.10.10/32' } },
  { ipBlock: { cidr: '169.254.10.11/32' } },
];

const DNS_PORTS: k8s.NetworkPolicyPort[] = ['UDP', 'TCP'].map(protocol => ({ protocol, port: k8s.IntOrString.fromNumber(53) }));

function rule(destination: NetworkDestination): k8s.NetworkPolicyEgressRule {
  return {
    to: [{ ipBlock: { cidr: destination.addressBlock } }],
    ports: (destination.ports ?? [443]).map(port => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) })),
  };
}
