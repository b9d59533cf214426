import { DataAzurermKubernetesCluster } from '@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster';
import { Construct } from 'constructs';
import { clusterName, issuerUrl, resourceGroupName, verifyUnlessToken } from './azure-names';
import { verify } from '../checks';

/** What a `TokenIssuer` gives to the identity that trusts it. */
export interface TokenIssuerConfig {
  /** The issuer's address: a plain address, or a token where Terraform looks it up. */
  readonly url: string;
}

/** The cluster whose service account tokens are trusted, known by the issuer (`iss`) of those tokens. */
export abstract class TokenIssuer {
  /**
   * An issuer by its address, for a cluster that this subscription does not hold or that is no AKS cluster.
   * Entra compares it with the token character by character: AKS's addresses end with `/`, and that is kept.
   *
   * @param url for example `https://westeurope.oic.prod-aks.azure.com/<tenant>/<id>/`
   * @throws if it is no https address, or one of AKS without its trailing `/`
   */
  public static fromUrl(url: string): TokenIssuer {
    verify('TokenIssuer.fromUrl', 'url', url, issuerUrl);
    return new LiteralIssuer(url);
  }

  /**
   * The issuer of an AKS cluster, looked up by Terraform. `terraform plan` fails where the cluster has no
   * issuer (`az aks update --enable-oidc-issuer` gives it one).
   *
   * The lookup also asks for the cluster's kubeconfig and keeps it in Terraform's state; where that is refused
   * (403), it goes on without. So run it as a principal that may read the cluster but has no role such as *Azure
   * Kubernetes Service Cluster User*, or take `fromUrl`.
   *
   * @param name name of the cluster
   * @param resourceGroup name of its resource group; may be a token
   * @throws if a name breaks Azure's rules
   */
  public static fromAksCluster(name: string, resourceGroup: string): TokenIssuer {
    verifyUnlessToken('TokenIssuer.fromAksCluster', 'name', name, clusterName);
    verifyUnlessToken('TokenIssuer.fromAksCluster', 'resourceGroup', resourceGroup, resourceGroupName);
    return new AksIssuer(name, resourceGroup);
  }

  /**
   * Adds what the lookup needs below a scope of its own.
   *
   * @param scope where to put it
   */
  public abstract bind(scope: Construct): TokenIssuerConfig;
}

class LiteralIssuer extends TokenIssuer {
  public constructor(private readonly url: string) { super(); }

  public bind(_scope: Construct): TokenIssuerConfig { return { url: this.url }; }
}

class AksIssuer extends TokenIssuer {
  public constructor(private readonly name: string, private readonly resourceGroup: string) { super(); }

  public bind(scope: Construct): TokenIssuerConfig {
    const cluster = new DataAzurermKubernetesCluster(scope, 'Cluster', { name: this.name, resourceGroupName: this.resourceGroup });
    cluster.addOverride('lifecycle.postcondition', [{
      condition: '${self.oidc_issuer_enabled}',
      error_message: `Cluster ${this.name} has no OIDC issuer. Run: az aks update --name ${this.name} --resource-group ${this.resourceGroup} --enable-oidc-issuer --enable-workload-identity`,
    }]);
    return { url: cluster.oidcIssuerUrl };
  }
}
