import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo, connect } from 'node:net';
import { Authority } from '../servers/certificates';
import { HttpsServer, readBody, sendJson } from '../servers/https-server';

const TENANT = '66666666-7777-8888-9999-000000000000';
const ISSUER = `https://westeurope.oic.prod-aks.azure.com/${TENANT}/0123/`;
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
const ROLES: { [name: string]: string } = {
  'Storage Blob Data Reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
};

interface Resource { id: string; name: string; properties: { [name: string]: any }; [name: string]: any }
interface Blob { readonly length: number; readonly md5?: string }

/**
 * Stands in for Azure as the azurerm provider sees it: sign-in, the management API, and the blob endpoint. It keeps
 * what is put, gives it back with what Azure adds, and takes no account keys. What Azure *judges* (names, quotas,
 * permissions) it does not.
 *
 * Reached through a proxy that leads Azure's own host names here, so that nothing has to be told another address.
 */
export class AzureStandIn {
  public static async start(): Promise<AzureStandIn> {
    const authority = Authority.create();
    const tls = authority.issue('management.azure.com', 'login.microsoftonline.com', 'graph.microsoft.com', '*.blob.core.windows.net');
    const standIn = new AzureStandIn(authority.certificate);
    standIn.https = await HttpsServer.start((request, response) => standIn.answer(request, response), { tls });
    await new Promise<void>(resolve => standIn.proxy.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  private readonly resources = new Map<string, Resource>();
  private readonly blobs = new Map<string, Blob>();
  private readonly proxy: Server;
  private https!: HttpsServer;

  private constructor(/** What a client has to trust, PEM. */ public readonly certificate: string) {
    this.proxy = createServer((_, response) => response.writeHead(405).end());
    this.proxy.on('connect', (request, client, head) => {
      if (!/(^|\.)(microsoftonline\.com|microsoft\.com|management\.azure\.com|core\.windows\.net):443$/.test(request.url ?? '')) {
        client.end('HTTP/1.1 502 Not part of the stand-in\r\n\r\n');
        return;
      }
      const server = connect(this.https.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connected\r\n\r\n');
        server.write(head);
        server.pipe(client).pipe(server);
      });
      server.on('error', () => client.destroy());
      client.on('error', () => server.destroy());
    });
  }

  /** What the provider needs in its environment; the certificate goes to a file of the caller's. */
  public environment(certificateFile: string): { [name: string]: string } {
    return {
      HTTPS_PROXY: `http://127.0.0.1:${(this.proxy.address() as AddressInfo).port}`,
      SSL_CERT_FILE: certificateFile,
      ARM_USE_OIDC: 'true',
      ARM_OIDC_TOKEN: 'any',
      ARM_USE_CLI: 'false',
      ARM_CLIENT_ID: '12345678-0000-0000-0000-000000000000',
      ARM_TENANT_ID: TENANT,
    };
  }

  /** Everything that exists, by resource id and blob address. */
  public get contents(): string[] { return [...this.resources.values()].map(({ id }) => id).concat([...this.blobs.keys()]); }

  public async close(): Promise<void> {
    this.proxy.close();
    this.proxy.closeAllConnections();
    await this.https.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = request.headers.host!.split(':')[0];
    const url = new URL(request.url!, `https://${host}`);
    const path = decodeURIComponent(url.pathname);
    const body = await readBody(request);
    if (host === 'login.microsoftonline.com') { return sendJson(response, 200, accessToken(new URLSearchParams(body.toString()).get('scope') ?? '')); }
    if (!request.headers.authorization?.startsWith('Bearer ') && path !== '/endpoints') {
      return sendJson(response, 403, { error: { code: 'KeyBasedAuthenticationNotPermitted' } });
    }
    return host.endsWith('.blob.core.windows.net')
      ? this.blob(request, `${host}${path}`, url, body, response)
      : this.management(request, path, url, body, response);
  }

  /** Files of one block each, as the examples' are. */
  private blob(request: IncomingMessage, key: string, url: URL, body: Buffer, response: ServerResponse): void {
    const found = this.blobs.get(key);
    const fixed = { 'etag': '"1"', 'last-modified': new Date().toUTCString() };
    if (request.method === 'PUT') {
      // Of an upload by blocks, the block comes first, then the list with the whole file's MD5, then its properties.
      const operation = url.searchParams.get('comp') ?? 'block';
      const length = operation === 'block' ? body.length : found?.length ?? 0;
      this.blobs.set(key, { length, md5: request.headers['x-ms-blob-content-md5'] as string | undefined });
      response.writeHead(operation === 'properties' ? 200 : 201, fixed).end();
    } else if (found === undefined) {
      response.writeHead(404, { 'x-ms-error-code': 'BlobNotFound' }).end();
    } else if (request.method === 'DELETE') {
      this.blobs.delete(key);
      response.writeHead(202).end();
    } else {
      const md5: { [name: string]: string } = found.md5 === undefined ? {} : { 'content-md5': found.md5 };
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-access-tier': 'Hot', 'content-type': 'application/octet-stream', 'content-length': found.length };
      response.writeHead(200, { ...fixed, ...md5, ...headers }).end();
    }
  }

  private management(request: IncomingMessage, path: string, url: URL, body: Buffer, response: ServerResponse): void {
    const key = path.toLowerCase();
    const below = (): Resource[] => [...this.resources.entries()].filter(([id]) => id.startsWith(`${key}/`)).map(([, resource]) => resource);
    switch (request.method) {
      case 'PUT': {
        const created = !this.resources.has(key);
        const resource = completed(path, JSON.parse(body.toString()));
        this.resources.set(key, resource);
        // The provider takes nothing but 200 from the storage service.
        return sendJson(response, created && !key.includes('/microsoft.storage/') ? 201 : 200, resource);
      }
      case 'DELETE':
        for (const { id } of below()) { this.resources.delete(id.toLowerCase()); }
        this.resources.delete(key);
        return sendJson(response, 200, {});
      case 'POST':
        // Keys and kubeconfigs: this principal may not have them.
        return sendJson(response, 403, { error: { code: 'AuthorizationFailed' } });
      default: {
        const found = this.resources.get(key) ?? wellKnown(path, url);
        if (found !== undefined) { return sendJson(response, 200, found); }
        const isList = /\/(privatednszonegroups|storageaccounts|providers)$/.test(key);
        return isList
          ? sendJson(response, 200, { value: key.endsWith('/storageaccounts') ? this.accounts() : below() })
          : sendJson(response, 404, { error: { code: 'ResourceNotFound', message: path } });
      }
    }
  }

  private accounts(): Resource[] { return [...this.resources.values()].filter(({ id }) => /\/storageAccounts\/[^/]+$/i.test(id)); }
}

/** What exists without having been put: clusters, roles, the blob service of an account. */
function wellKnown(path: string, url: URL): unknown {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\/managedClusters\/[^/]+$/i.test(path)) {
    return { id: path, name, location: 'westeurope', properties: { agentPoolProfiles: [], networkProfile: {}, oidcIssuerProfile: { enabled: true, issuerURL: ISSUER } } };
  }
  const role = ([roleName, id]: [string, string]): unknown => ({
    id: `/subscriptions/${path.split('/')[2]}/providers/Microsoft.Authorization/roleDefinitions/${id}`, name: id, properties: { roleName },
  });
  if (/\/roleDefinitions$/i.test(path)) {
    const wanted = /'(.*)'/.exec(url.searchParams.get('$filter') ?? '')?.[1];
    return { value: Object.entries(ROLES).filter(([roleName]) => roleName === wanted).map(role) };
  }
  if (/\/roleDefinitions\/[^/]+$/i.test(path)) { return Object.entries(ROLES).filter(([, id]) => id === name).map(role)[0]; }
  if (/\/(blobServices|fileServices)\/default$/i.test(path)) { return { id: path, name, properties: {} }; }
  return /^\/subscriptions\/[^/]+$/.test(path) ? { id: path, subscriptionId: name, tenantId: TENANT, state: 'Enabled' } : undefined;
}

/** A resource as Azure gives it back. */
function completed(path: string, body: any): Resource {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const properties = { ...body.properties, provisioningState: 'Succeeded' };
  if (/\/userAssignedIdentities\/[^/]+$/i.test(path)) {
    Object.assign(properties, { tenantId: TENANT, clientId: '11111111-2222-3333-4444-555555555555', principalId: '22222222-3333-4444-5555-666666666666' });
  }
  if (/\/storageAccounts\/[^/]+$/i.test(path)) {
    const endpoint = (service: string): string => `https://${name}.${service}.core.windows.net/`;
    properties.primaryLocation = body.location;
    properties.primaryEndpoints = Object.fromEntries(['blob', 'queue', 'table', 'file', 'dfs', 'web'].map(service => [service, endpoint(service)]));
    body.sku.tier = 'Standard';
  }
  if (/\/roleAssignments\/[^/]+$/i.test(path)) { properties.scope = path.replace(/\/providers\/Microsoft\.Authorization\/.*/i, ''); }
  return { ...body, id: path, name, properties };
}

function accessToken(scope: string): unknown {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { aud: scope, tid: TENANT, oid: '99999999-0000-0000-0000-000000000000', iat: now, exp: now + 3600 };
  return { token_type: 'Bearer', expires_in: 3600, access_token: `${part({ alg: 'none' })}.${part(claims)}.unsigned` };
}
