/** etcd, the API server, the controller manager and the scheduler, as programs of the sandbox. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, NODE_NAME } from './addresses';
import { Kubectl } from './kubectl';
import { Daemon, daemon, until } from './processes';
import { Authority } from '../../servers/certificates';

/** Who may talk to the API server, and the group that says what each may do. */
const USERS = {
  'admin': 'system:masters',
  'workload-identity-webhook': 'system:masters',
  'system:kube-controller-manager': '',
  'system:kube-scheduler': '',
  [`system:node:${NODE_NAME}`]: 'system:nodes',
};

export interface ControlPlaneOptions {
  /** The folder with the programs. */
  readonly programs: string;
  /** Where keys, tokens and data go. */
  readonly folder: string;
  readonly authority: Authority;
  /** The issuer that service account tokens name. */
  readonly issuer: string;
}

const PORT = 6443;

export class ControlPlane {
  /** Starts everything; resolves when the API server is ready. */
  public static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const plane = new ControlPlane(options);
    plane.startEtcd();
    plane.apiServer = plane.startApiServer();
    await until('API server', () => plane.kubectl.run('get', '--raw', '/readyz'));
    plane.startControllers();
    return plane;
  }

  public readonly port = PORT;
  /** The API server, for scenarios that take it away. */
  public apiServer!: Daemon;
  private readonly tokens = new Map(Object.keys(USERS).map(user => [user, randomBytes(16).toString('hex')]));

  private admin?: Kubectl;

  private constructor(private readonly options: ControlPlaneOptions) {}

  /** kubectl with all rights. */
  public get kubectl(): Kubectl {
    return this.admin ??= new Kubectl(this.kubeconfig('admin')); // one file, which no running kubectl sees half written
  }

  /** A kubeconfig file for a user. @param server where the user reaches the API server */
  public kubeconfig(user: keyof typeof USERS, server = `https://${NODE}:${PORT}`): string {
    const authority = Buffer.from(this.options.authority.certificate).toString('base64');
    return this.write(`${user.replace(/:/g, '-')}-${new URL(server).hostname}.kubeconfig`, JSON.stringify({
      'apiVersion': 'v1',
      'kind': 'Config',
      'current-context': 'e2e',
      'contexts': [{ name: 'e2e', context: { cluster: 'e2e', user } }],
      'clusters': [{ name: 'e2e', cluster: { server, 'certificate-authority-data': authority } }],
      'users': [{ name: user, user: { token: this.tokens.get(user) } }],
    }));
  }

  /** The certificate by which a kubelet knows the API server; it is its own authority. */
  public get kubeletClient(): string {
    return this.path('kubelet-client.pem');
  }

  private startEtcd(): void {
    daemon('etcd', ['etcd', `--data-dir=${this.path('etcd')}`, '--listen-client-urls=http://127.0.0.1:2379',
      '--advertise-client-urls=http://127.0.0.1:2379', '--listen-peer-urls=http://127.0.0.1:2380'], { ETCD_UNSUPPORTED_ARCH: process.arch });
  }

  private startApiServer(): Daemon {
    const { authority, issuer } = this.options;
    const tls = authority.issue(NODE, '127.0.0.1', 'kubernetes.default.svc');
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    this.write('service-accounts.key', privateKey);
    const tokens = Object.entries(USERS).map(([user, groups]) => `${this.tokens.get(user)},${user},${user},"${groups}"\n`).join('');
    this.writeKubeletClient();
    return daemon('kube-apiserver', [this.program('kube-apiserver'),
      '--etcd-servers=http://127.0.0.1:2379', `--bind-address=${NODE}`, `--secure-port=${PORT}`, '--service-cluster-ip-range=10.98.0.0/24',
      // One API server, and no proxy for services: nobody needs the endpoints of `kubernetes.default`.
      '--endpoint-reconciler-type=none', '--allow-privileged=true',
      `--tls-cert-file=${this.write('apiserver.pem', tls.cert)}`, `--tls-private-key-file=${this.write('apiserver.key', tls.key)}`,
      `--token-auth-file=${this.write('tokens.csv', tokens)}`, '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction',
      `--service-account-issuer=${issuer}`, `--service-account-key-file=${this.write('service-accounts.pub', publicKey)}`,
      `--service-account-signing-key-file=${this.path('service-accounts.key')}`,
      `--kubelet-client-certificate=${this.path('kubelet-client.pem')}`, `--kubelet-client-key=${this.path('kubelet-client.key')}`,
      `--kubelet-certificate-authority=${this.write('authority.pem', authority.certificate)}`, '--kubelet-preferred-address-types=InternalIP',
      '--profiling=false']);
  }

  private startControllers(): void {
    daemon('kube-controller-manager', [this.program('kube-controller-manager'),
      `--kubeconfig=${this.kubeconfig('system:kube-controller-manager')}`, '--leader-elect=false', '--use-service-account-credentials', '--bind-address=127.0.0.1',
      `--service-account-private-key-file=${this.path('service-accounts.key')}`, `--root-ca-file=${this.path('authority.pem')}`]);
    daemon('kube-scheduler', [this.program('kube-scheduler'),
      `--kubeconfig=${this.kubeconfig('system:kube-scheduler')}`, '--leader-elect=false', '--bind-address=127.0.0.1']);
  }

  /** Kubelets know their clients by certificate: the API server asks them for logs. */
  private writeKubeletClient(): void {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: this.options.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/O=system:masters/CN=kube-apiserver', '-addext', 'extendedKeyUsage=clientAuth',
      '-keyout', 'kubelet-client.key', '-out', 'kubelet-client.pem');
  }

  private program(name: string): string {
    return join(this.options.programs, name);
  }

  private path(name: string): string {
    return join(this.options.folder, name);
  }

  private write(name: string, content: string): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }
}
