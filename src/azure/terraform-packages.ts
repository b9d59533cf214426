/**
 * The packages of Terraform are optional peers: who builds images on Kubernetes alone does not install them.
 * Loaded first, so that their absence is told with its remedy; Node would name a file deep in one of them.
 */
const missing = ['cdktf', '@cdktf/provider-azurerm'].filter(name => !isInstalled(name));

if (missing.length > 0) {
  throw new Error(`[cdk-kaniko/azure] needs ${missing.join(' and ')}, which cannot be found; run "npm install cdktf @cdktf/provider-azurerm"`);
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

export {};
