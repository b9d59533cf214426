import { Sandbox } from './sandbox';
import { SHELLS } from './shells';
import { CLIENT_ID, Identity } from './world';
import { Authority } from '../servers';

const authority = Authority.create();
let identity: Identity;

beforeAll(async () => { identity = await Identity.start(authority); });
afterAll(async () => identity?.server.close());

// The token is asked for before the storage: where none is given, nobody need answer there.
describe.each(SHELLS)('identity in %s', (_, shell) => {
  let box: Sandbox;

  beforeEach(() => {
    identity.server.requests.length = 0;
    box = new Sandbox(shell()).mountAuthority(authority.certificate);
    box.set({ PREPARE_STORAGE_URL: 'https://localhost:1/bin', PREPARE_FILES: '-\t0644\tkeep\tkubectl\tk8s/kubectl' });
    identity.inject(box);
  });
  afterEach(() => box.remove());

  test('waits for a federated credential that propagates', async () => {
    identity.server.failNext(2);
    const { log } = await box.set({ PREPARE_RETRY_SECONDS: '10' }).run();
    expect(log).toMatch(/AADSTS70021: .*trying again in 1 s[^]*AADSTS70021: .*trying again in 2 s[^]*token for storage \(/);
    expect(identity.server.requests.map(request => request.error !== undefined).slice(0, 3)).toEqual([true, true, false]);
  });

  test('reads the assertion again at each attempt, because the kubelet renews it', async () => {
    identity.inject(box, { sub: 'system:serviceaccount:builds:stale' });
    const { log } = await box.set({ PREPARE_RETRY_SECONDS: '10' }).run(child => {
      child.stdout!.on('data', (data: Buffer) => { if (data.includes('trying again')) identity.inject(box); });
    });
    expect(log).toMatch(/AADSTS700213: [^]*token for storage \(/);
  });

  test('asks for the storage and for nothing else', async () => {
    await box.run();
    expect(identity.server.requests).toEqual([{ clientId: CLIENT_ID, scope: 'https://storage.azure.com/.default' }]);
  });

  test.each([
    ['another service account', { sub: 'system:serviceaccount:builds:another' }, 'IDENTITY_NOT_FEDERATED', 'AADSTS700213'],
    ['another cluster', { iss: 'https://another.contoso.example/' }, 'IDENTITY_NOT_FEDERATED', 'federated credential'],
    ['a token for another audience', { aud: 'https://kubernetes.default.svc' }, 'IDENTITY_REFUSED', 'AADSTS700212'],
    ['a token that has expired', { exp: 1 }, 'IDENTITY_REFUSED', 'AADSTS700027'],
  ])('is refused to %s', async (_what, claims, code, message) => {
    identity.inject(box, claims);
    const { exit, log, termination } = await box.run();
    expect([exit, log]).toEqual([code, expect.stringContaining(message)]);
    expect(termination).toContain(message);
  });

  test('is refused to an identity that does not exist', async () => {
    const { exit, log } = await box.set({ AZURE_CLIENT_ID: '22222222-2222-2222-2222-222222222222' }).run();
    expect([exit, log]).toEqual(['IDENTITY_NOT_FEDERATED', expect.stringContaining('AADSTS700016')]);
  });

  test('is refused in another tenant, without a second try', async () => {
    const { exit } = await box.set({ AZURE_TENANT_ID: 'another', PREPARE_RETRY_SECONDS: '10' }).run();
    expect([exit, identity.server.requests.length]).toEqual(['IDENTITY_REFUSED', 1]);
  });

  test.each([['down', 503], ['throttling', 429]])('goes on where Entra is %s for a moment', async (_what, status) => {
    identity.server.failNext(1, 'AADSTS90033', status);
    const { log } = await box.set({ PREPARE_RETRY_SECONDS: '10' }).run();
    expect(log).toMatch(/AADSTS90033[^]*token for storage \(/);
  });

  test('ends as a network failure where Entra stays down', async () => {
    identity.server.failNext(1, 'AADSTS90033', 503);
    const { exit } = await box.run();
    expect(exit).toBe('NETWORK');
  });

  test.each(['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_AUTHORITY_HOST', 'AZURE_FEDERATED_TOKEN_FILE'])('says that the pod has none where %s is missing', async name => {
    const { exit, log } = await box.set({ [name]: '' }).run();
    expect([exit, log]).toEqual(['IDENTITY_MISSING', expect.stringContaining('needs the label azure.workload.identity/use: "true"')]);
  });

  test('says that the token is missing', async () => {
    const { exit } = await box.set({ AZURE_FEDERATED_TOKEN_FILE: '/absent' }).run();
    expect(exit).toBe('IDENTITY_MISSING');
  });
});
