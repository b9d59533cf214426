import { IncomingMessage, ServerResponse } from 'node:http';
import { HttpsServer, ListenOptions, readBody, sendJson } from './https-server';
import { Claims, PublicJwk, SigningKey, verifyJwt } from './jwt';

/** The scope's resource, by the audience that a token for it carries. */
export const STORAGE_AUDIENCE = 'https://storage.azure.com';
/** Azure DevOps, as Entra knows it. */
export const DEVOPS_AUDIENCE = '499b84ac-1321-427f-aa17-267ca6975798';

const AUDIENCES = new Map([STORAGE_AUDIENCE, DEVOPS_AUDIENCE].map(audience => [`${audience}/.default`, audience]));
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What Entra holds about one identity: which assertion may act as it. */
export interface FederatedCredential {
  readonly clientId: string;
  readonly issuer: string;
  readonly subject: string;
  /** @default api://AzureADTokenExchange */
  readonly audience?: string;
}

export interface TokenServerOptions extends ListenOptions {
  readonly tenantId: string;
  readonly credentials: readonly FederatedCredential[];
  /**
   * The keys that assertions are signed with: those of the cluster's `/openid/v1/jwks`.
   * A function, because a cluster may be started after the server.
   */
  readonly assertionKeys: () => readonly PublicJwk[] | Promise<readonly PublicJwk[]>;
}

/** One request that the server answered, without the secrets in it. */
export interface TokenRequest {
  readonly clientId?: string;
  readonly scope?: string;
  /** The error that was answered, or nothing where a token was. */
  readonly error?: string;
}

/**
 * The token endpoint of Microsoft Entra, as far as workload identity federation uses it: it exchanges a Kubernetes
 * service account's token for an access token, and refuses with the error numbers that Entra uses.
 *
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
 */
export class TokenServer {
  public static async start(options: TokenServerOptions): Promise<TokenServer> {
    const server = new TokenServer(options);
    server.https = await HttpsServer.start((request, response) => server.answer(request, response), options);
    return server;
  }

  /** All requests so far. */
  public readonly requests: TokenRequest[] = [];
  private readonly key = new SigningKey();
  private readonly failures: Array<{ status: number; error: string; description: string }> = [];
  private https!: HttpsServer;

  private constructor(private readonly options: TokenServerOptions) {}

  /** What `AZURE_AUTHORITY_HOST` has to be. */
  public get url(): string {
    return `${this.https.url}/`;
  }

  /** The next requests fail with this error of Entra's, as they do while a new federated credential propagates. */
  public failNext(times: number, code = 'AADSTS70021', status = 400): void {
    const error = status >= 500 ? 'temporarily_unavailable' : 'invalid_client';
    for (let i = 0; i < times; i++) this.failures.push({ status, error, description: `${code}: refused by the test. Trace ID: 0` });
  }

  /** A token for an identity without the exchange, for a test's own requests. @param seconds negative for an expired one */
  public issue(clientId: string, audience: string, seconds = 3600): string {
    const issuer = `https://sts.windows.net/${this.options.tenantId}/`;
    return this.key.sign({ aud: audience, iss: issuer, tid: this.options.tenantId, appid: clientId, oid: clientId, sub: clientId, ver: '1.0' }, seconds);
  }

  /** The identity that a token stands for. @throws Error where it is not a valid token of this server for the audience */
  public clientOf(token: string, audience: string): string {
    const claims = verifyJwt(token, [this.key.jwk]);
    if (claims.aud !== audience) throw new Error(`the token is for ${String(claims.aud)}, not for ${audience}`);
    return String(claims.appid);
  }

  public async close(): Promise<void> {
    this.failures.length = 0;
    await this.https.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    const clientId = form.get('client_id') ?? undefined;
    const scope = form.get('scope') ?? undefined;
    try {
      if (request.method !== 'POST' || request.url !== `/${this.options.tenantId}/oauth2/v2.0/token`) {
        throw new Refusal('invalid_request', `AADSTS90002: Tenant not found at ${request.method} ${request.url}.`);
      }
      const failure = this.failures.shift();
      if (failure) throw new Refusal(failure.error, failure.description, failure.status);
      const audience = await this.audienceFor(form);
      this.requests.push({ clientId, scope });
      sendJson(response, 200, { token_type: 'Bearer', expires_in: 3599, access_token: this.issue(clientId!, audience) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.requests.push({ clientId, scope, error: error.message });
      sendJson(response, error.status, { error: error.code, error_description: error.message });
    }
  }

  private async audienceFor(form: URLSearchParams): Promise<string> {
    const clientId = form.get('client_id');
    if (form.get('grant_type') !== 'client_credentials') throw new Refusal('unsupported_grant_type', 'AADSTS70003: grant_type must be client_credentials.');
    if (form.get('client_assertion_type') !== JWT_BEARER) throw new Refusal('invalid_request', 'AADSTS900144: client_assertion_type is wrong.');
    const known = this.options.credentials.filter(credential => credential.clientId === clientId);
    if (known.length === 0) throw new Refusal('unauthorized_client', `AADSTS700016: Application with identifier '${clientId}' was not found in the directory.`);

    let claims: Claims;
    try {
      claims = verifyJwt(form.get('client_assertion') ?? '', await this.options.assertionKeys());
    } catch (error) {
      throw new Refusal('invalid_client', `AADSTS700027: Client assertion failed validation: ${(error as Error).message}.`);
    }
    const match = known.find(credential => credential.issuer === claims.iss && credential.subject === claims.sub);
    if (!match) {
      throw new Refusal('invalid_client',
        `AADSTS700213: No matching federated identity record found for presented assertion subject '${String(claims.sub)}' of issuer '${String(claims.iss)}'.`);
    }
    const expected = match.audience ?? 'api://AzureADTokenExchange';
    if (![claims.aud].flat().includes(expected)) throw new Refusal('invalid_client', `AADSTS700212: The assertion's audience must be '${expected}'.`);

    const audience = AUDIENCES.get(form.get('scope') ?? '');
    if (!audience) throw new Refusal('invalid_scope', `AADSTS70011: The provided value for scope '${form.get('scope')}' is not valid.`);
    return audience;
  }
}

class Refusal extends Error {
  public constructor(public readonly code: string, message: string, public readonly status = code === 'invalid_client' ? 401 : 400) {
    super(message);
  }
}
