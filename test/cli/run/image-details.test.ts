import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DIGEST } from './fake-engine';
import { dockerLogin } from '../../../src/cli/run/registry/credentials';
import { imageDetails } from '../../../src/cli/run/registry/image-details';

const REFERENCE = `registry.contoso.example/docker-local/app@${DIGEST}`;
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const BASIC = `Basic ${Buffer.from('team:pass:word').toString('base64')}`;
const MANIFEST = { config: { digest: digest('c') }, layers: [{ digest: digest('1'), size: 48_100_000 }, { digest: digest('2'), size: 42 }] };
const CONFIG = { history: [{ created_by: 'ADD base' }, { created_by: 'ENV A=b', empty_layer: true }, { created_by: 'RUN make' }] };

let folder: string;
let asked: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-'));
  asked = [];
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const environment = () => ({ DOCKER_CONFIG: folder });
const configure = (config: unknown) => writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
const login = () => configure({ auths: { 'registry.contoso.example': { auth: Buffer.from('team:pass:word').toString('base64') } } });

/** What servers answer, by address; the request's Authorization is noted. */
function servers(answer: (url: string, authorization: string | undefined) => Response | Promise<Response>): void {
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const authorization = (init?.headers as Record<string, string> | undefined)?.authorization;
    asked.push(`${String(url)} ${authorization ?? '-'}`);
    return answer(String(url), authorization);
  });
}

const open = (url: string) => Response.json(url.includes('/manifests/') ? MANIFEST : CONFIG);
const challenge = (value: string) => new Response('', { status: 401, headers: { 'www-authenticate': value } });

test('an open registry tells size and layers, with what made them', async () => {
  servers(open);
  expect(await imageDetails(REFERENCE, environment())).toEqual({
    bytes: 48_100_042,
    layers: [{ digest: digest('1'), bytes: 48_100_000, createdBy: 'ADD base' }, { digest: digest('2'), bytes: 42, createdBy: 'RUN make' }],
  });
  expect(asked).toEqual([
    `https://registry.contoso.example/v2/docker-local/app/manifests/${DIGEST} -`,
    `https://registry.contoso.example/v2/docker-local/app/blobs/${digest('c')} -`,
  ]);
});

test('a registry that wants a password gets docker\'s login, once it has asked', async () => {
  login();
  servers((url, authorization) => authorization === BASIC ? open(url) : challenge('Basic realm="r"'));
  expect(await imageDetails(REFERENCE, environment())).toMatchObject({ bytes: 48_100_042 });
  expect(asked[0]).toMatch(/ -$/);
});

test('a registry that wants a token is given one of the place that it names', async () => {
  login();
  servers((url, authorization) => {
    if (url.startsWith('https://auth.contoso.example/')) { return authorization === BASIC ? Response.json({ token: 'T' }) : challenge(''); }
    return authorization === 'Bearer T' ? open(url) : challenge('Bearer realm="https://auth.contoso.example/token",service="r",scope="repository:docker-local/app:pull"');
  });
  expect(await imageDetails(REFERENCE, environment())).toMatchObject({ bytes: 48_100_042 });
  expect(asked[1]).toBe(`https://auth.contoso.example/token?service=r&scope=repository%3Adocker-local%2Fapp%3Apull ${BASIC}`);
});

test('Docker Hub is asked at its registry, with docker\'s login for its first version', async () => {
  configure({ auths: { 'https://index.docker.io/v1/': { auth: Buffer.from('team:pass:word').toString('base64') } } });
  servers((url, authorization) => authorization === BASIC ? open(url) : challenge('Basic realm="r"'));
  expect(await imageDetails(`docker.io/contoso/app@${DIGEST}`, environment())).toMatchObject({ bytes: 48_100_042 });
  expect(asked[0]).toMatch(/^https:\/\/registry-1\.docker\.io\/v2\/contoso\/app\//);
});

const failedWith = (code: string) => { throw Object.assign(new TypeError('fetch failed'), { cause: { code } }); };

test.each<[string, () => Response, RegExp]>([
  ['no login', () => challenge('Basic realm="r"'), /^registry\.contoso\.example wants a login, and docker has none for it here$/],
  ['a realm without TLS', () => challenge('Bearer realm="http://auth.contoso.example"'), /does not say where to log in/],
  ['no challenge', () => challenge(''), /does not say where to log in/],
  ['a refusal', () => new Response('', { status: 403 }), /answered 403/],
  ['no JSON', () => new Response('<html>'), /answered in a way that is not known here/],
  ['null', () => Response.json(null), /answered in a way that is not known here/],
  ['an index instead of a manifest', () => Response.json({ manifests: [] }), /answered in a way that is not known here/],
  ['sizes that are none', () => Response.json({ ...MANIFEST, layers: [{ digest: digest('1'), size: '<b>' }] }), /the manifest is none of an image/],
  ['digests that are none', () => Response.json({ ...MANIFEST, layers: [{ digest: '../x', size: 1 }] }), /the manifest is none of an image/],
  ['more than any manifest', () => new Response('x'.repeat(5_000_000)), /larger than any manifest/],
  ['an authority that is not trusted', () => failedWith('SELF_SIGNED_CERT_IN_CHAIN'), /not trusted on this machine .*NODE_EXTRA_CA_CERTS/],
  ['no connection', () => failedWith('ECONNREFUSED'), /^no connection to registry\.contoso\.example from this machine \(ECONNREFUSED\)$/],
  ['no answer', () => { throw Object.assign(new Error('x'), { name: 'TimeoutError' }); }, /did not answer within 5 s/],
])('with %s it says why nothing is known', async (_what, answer, reason) => {
  servers(answer);
  expect(await imageDetails(REFERENCE, environment())).toEqual({ unknown: expect.stringMatching(reason) });
});

test('an image whose history does not fit its layers has no makers', async () => {
  servers(url => Response.json(url.includes('/manifests/') ? MANIFEST : {}));
  expect(await imageDetails(REFERENCE, environment())).toMatchObject({ layers: [{ createdBy: undefined }, { createdBy: undefined }] });
});

test.each(['{', '[]', 'null', '{"auths":{"registry.contoso.example":{}}}'])('docker\'s configuration %s has no login', async config => {
  configure(config);
  expect(await dockerLogin('registry.contoso.example', environment())).toBeUndefined();
});

test('a credential helper is asked by its standard input', async () => {
  configure({ credHelpers: { 'registry.contoso.example': 'contoso' } });
  writeFileSync(join(folder, 'docker-credential-contoso'), '#!/bin/sh\nread -r host\nprintf \'{"Username":"%s %s","Secret":"s"}\' "$1" "$host"\n', { mode: 0o755 });
  expect(await dockerLogin('registry.contoso.example', { ...environment(), PATH: `${folder}${delimiter}${process.env.PATH}` }))
    .toEqual({ username: 'get registry.contoso.example', password: 's' });
});

test.each(['missing-helper', '../evil', 'a b; touch x'])('a credential helper "%s" that does not work is no login', async helper => {
  configure({ credsStore: helper });
  expect(await dockerLogin('registry.contoso.example', environment())).toBeUndefined();
});
