/** The network inside a sandbox: one bridge; pods and the servers around the cluster are its neighbours. */
export const BRIDGE = 'kaniko0';
export const SUBNET = '10.99.0.0/24';
export const POD_RANGE = { first: '10.99.0.32', last: '10.99.0.250' };

/** The API server, the kubelet and the name server. */
export const NODE = '10.99.0.1';
export const NODE_NAME = 'node';

/** The servers that stand where a company has its own; each has an address to itself, so that all are at port 443. */
export const REGISTRY = { address: '10.99.0.2', name: 'registry.contoso.example' };
export const PACKAGES = { address: '10.99.0.3', name: 'packages.contoso.example' };
export const GIT = { address: '10.99.0.4', name: 'dev.azure.com' };
export const AUTHORITY = { address: '10.99.0.5', name: 'login.microsoftonline.com' };
export const STORAGE = { address: '10.99.0.6', name: 'contosobinaries.blob.core.windows.net' };
export const SERVERS = [REGISTRY, PACKAGES, GIT, AUTHORITY, STORAGE];
