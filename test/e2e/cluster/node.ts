/** The cluster's one node: its network, containerd, the name server and the kubelet, as programs of the sandbox. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../servers/certificates';
import { currentSandbox } from '../sandbox';
import { BRIDGE, NODE, NODE_NAME, POD_RANGE, SERVERS, SUBNET } from './addresses';
import { loadImage, makePauseImage } from './images';
import { daemon, until } from './processes';

/** The socket of the node's containerd. */
export const CONTAINERD = '/run/containerd/containerd.sock';
const PAUSE_IMAGE = 'localhost/pause:1';
const REGISTRIES = '/run/registries';
const CNI_CONFIGURATION = '/run/cni';

/** Gives the sandbox its network and its folders; servers can listen after this. */
export function prepareMachine(): void {
  const ip = (...args: string[]) => execFileSync('ip', args);
  ip('link', 'set', 'lo', 'up');
  // An address of its own: without one a bridge takes the lowest of its ports', which come and go with pods, and every
  // pod then waits half a minute for the servers that it knew at the other address.
  ip('link', 'add', BRIDGE, 'address', '02:00:00:00:00:01', 'type', 'bridge');
  ip('link', 'set', BRIDGE, 'up');
  for (const address of [NODE, ...SERVERS.map(server => server.address)]) {
    ip('address', 'add', `${address}/${SUBNET.split('/')[1]}`, 'dev', BRIDGE);
  }
  const names = realpathSync('/etc/resolv.conf'); // it may lie in /run
  // containerd, the kubelet and the CNI plugins write to places here that no setting changes.
  ['/run', '/var/log', '/var/lib'].forEach(path => execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path]));
  const resolver = join(currentSandbox().folder, 'resolv.conf');
  writeFileSync(resolver, `nameserver ${NODE}\n`);
  execFileSync('mount', ['--bind', resolver, names]);
}

/** Starts containerd; images can be loaded after this. */
export async function startContainerd(): Promise<void> {
  const { folder } = currentSandbox();
  mkdirSync(CNI_CONFIGURATION, { recursive: true });
  writeFileSync(join(CNI_CONFIGURATION, '10-bridge.conflist'), JSON.stringify({
    cniVersion: '0.4.0',
    name: 'e2e',
    plugins: [{
      type: 'bridge',
      bridge: BRIDGE,
      // Neighbours only, without a route to anywhere else: what a build tries to reach beyond them fails at once.
      ipam: { type: 'host-local', ranges: [[{ subnet: SUBNET, rangeStart: POD_RANGE.first, rangeEnd: POD_RANGE.last }]] },
    }],
  }));
  const configuration = join(folder, 'containerd.toml');
  writeFileSync(configuration, `
version = 2
root = "${folder}/containerd"
state = "/run/containerd"
[grpc]
  address = "${CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # A virtual machine may lack CAP_SYS_RESOURCE, which lowering an oom score takes, and the hugetlb controller.
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${REGISTRIES}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${CNI_CONFIGURATION}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`);
  daemon('containerd', ['containerd', '--config', configuration]);
  await until('containerd', () => execFileSync('ctr', ['--address', CONTAINERD, 'version'], { stdio: 'pipe' }));
  const pause = join(folder, 'pause-image');
  makePauseImage(pause);
  loadOnNode(pause, PAUSE_IMAGE);
}

/** Loads an image layout into the node's store under a name, as if it had been pulled. */
export function loadOnNode(layout: string, name: string): void {
  loadImage(layout, name, CONTAINERD);
}

/** Lets the node pull from a registry that a private authority vouches for. */
export function trustOnNode(registry: string, authority: string): void {
  mkdirSync(join(REGISTRIES, registry), { recursive: true });
  writeFileSync(join(REGISTRIES, registry, 'ca.crt'), authority);
}

/** Starts the name server: it knows the servers around the cluster and nothing else. */
export function startNameServer(): void {
  daemon('dnsmasq', ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--bind-interfaces', `--listen-address=${NODE}`,
    '--log-facility=-', '--user=root', '--pid-file=', '--local=/#/', ...SERVERS.map(({ name, address }) => `--host-record=${name},${address}`)]);
}

/**
 * Starts the kubelet.
 * @param program the kubelet's path
 * @param kubeconfig of the user `system:node:<NODE_NAME>`
 * @param clientAuthority the certificate by which it knows the API server
 */
export function startKubelet(program: string, kubeconfig: string, clientAuthority: string, authority: Authority): void {
  const { folder, controlGroup } = currentSandbox();
  const tls = authority.issue(NODE);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const configuration = file('kubelet.json', JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE,
    tlsCertFile: file('kubelet.pem', tls.cert),
    tlsPrivateKeyFile: file('kubelet.key', tls.key),
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: clientAuthority } },
    containerRuntimeEndpoint: `unix://${CONTAINERD}`,
    clusterDNS: [NODE],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    podLogsDir: '/var/log/pods',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: controlGroup,
    failCgroupV1: false,
    failSwapOn: false,
    // Nothing here is a service of the cluster, and a virtual machine may lack CAP_SYS_RESOURCE: see containerd.
    makeIPTablesUtilChains: false,
    featureGates: { KubeletInUserNamespace: true },
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    // The tests wait for pods to end and for disks to fill.
    evictionPressureTransitionPeriod: '10s',
    maxPods: 100,
    syncFrequency: '10s',
  }));
  daemon('kubelet', [program, `--config=${configuration}`, `--kubeconfig=${kubeconfig}`, `--hostname-override=${NODE_NAME}`,
    `--node-ip=${NODE}`, `--root-dir=${folder}/kubelet`]);
}
