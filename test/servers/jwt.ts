import { createPublicKey, generateKeyPairSync, JsonWebKey, KeyObject, randomUUID, sign, verify } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

/** A JSON Web Key with the id that a token's header names it by. */
export interface PublicJwk extends JsonWebKey {
  readonly kid?: string;
}

/** An RSA key that signs tokens (RS256, what both Kubernetes and Entra use). */
export class SigningKey {
  public readonly kid = randomUUID();
  private readonly pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('rsa', { modulusLength: 2048 });

  public get jwk(): PublicJwk {
    return { ...this.pair.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'RS256', use: 'sig' };
  }

  /** A signed token, valid from now. @param seconds how long it is valid */
  public sign(claims: Claims, seconds = 3600): string {
    const now = Math.floor(Date.now() / 1000);
    const signed = [{ alg: 'RS256', typ: 'JWT', kid: this.kid }, { iat: now, nbf: now, exp: now + seconds, ...claims }]
      .map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), this.pair.privateKey).toString('base64url')}`;
  }
}

/**
 * The claims of a token, after its signature and its times were checked.
 * @param keys the public keys of the issuer, as its `jwks_uri` lists them
 * @throws Error that says what is wrong; never with the token in it
 */
export function verifyJwt(token: string, keys: readonly PublicJwk[]): Claims {
  const [header, claims, signature, ...more] = token.split('.');
  if (!signature || more.length > 0) throw new Error('not a signed JWT');
  const { alg, kid } = parse(header);
  const key = keys.find(candidate => candidate.kid === kid);
  if (!key || alg !== 'RS256') throw new Error(`signed by a key that the issuer does not have (kid ${String(kid)}, alg ${String(alg)})`);
  const publicKey = createPublicKey({ key, format: 'jwk' });
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))) {
    throw new Error('the signature is wrong');
  }
  const now = Date.now() / 1000;
  const { nbf, exp } = parse(claims);
  if (typeof exp !== 'number' || exp <= now) throw new Error('the token is expired');
  if (typeof nbf === 'number' && nbf > now + 5) throw new Error('the token is not valid yet');
  return parse(claims);
}

function parse(part: string): Claims {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Claims;
  } catch {
    throw new Error('not a JWT: a part of it is no JSON');
  }
}
