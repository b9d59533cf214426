import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { k8s } from 'cdk8s-plus-28';
import { INIT_SECURITY } from '../../../kubernetes/hardening';
import { literal } from '../../../kubernetes/pod/literal';
import { IDENTITY_LABEL, SKIP_CONTAINERS } from '../../../kubernetes/pod/places';
import { ManifestObject } from '../../builds';
import { PlannedBuild } from '../engine';
import { TRACE_CONTAINER } from '../event';

/** The first executor whose trace keeps the Dockerfile to itself; what it sends stays in the pod either way. */
export const TRACES_SINCE = '1.28.3';

/** Where kaniko sends to: OTLP over HTTP, on the pod's own loopback. */
const ENDPOINT = 'http://127.0.0.1:4318/cgi-bin/traces';

/** A Job's manifest, as far as it is changed here. */
interface JobManifest extends ManifestObject {
  readonly spec: { readonly template: { readonly metadata?: k8s.ObjectMeta; readonly spec: k8s.PodSpec } };
}

/**
 * The build with a container beside it that receives kaniko's trace and prints it into its log. It is a sidecar, which
 * starts first and is ended when kaniko has: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function withTraceCollector(build: PlannedBuild): PlannedBuild {
  const job = build.job as JobManifest;
  const { template } = job.spec;
  const { containers: [kaniko], initContainers = [], volumes = [] } = template.spec;
  const spec = {
    ...template.spec,
    initContainers: [collector(kaniko.image!), ...initContainers],
    containers: [{
      ...kaniko,
      env: [
        ...kaniko.env ?? [],
        { name: 'KANIKO_TELEMETRY_ENDPOINT', value: ENDPOINT },
        { name: 'KANIKO_TELEMETRY_OMIT_DOCKERFILE', value: 'true' },
      ],
    }],
    volumes: [...volumes, { name: TRACE_CONTAINER, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
  };
  return { ...build, job: { ...job, spec: { ...job.spec, template: { metadata: withoutIdentity(template.metadata), spec } } } as ManifestObject };
}

/** Keeps the workload identity, where the pod has one, out of the collector too (src/kubernetes/kaniko-build.ts). */
function withoutIdentity(metadata: k8s.ObjectMeta = {}): k8s.ObjectMeta {
  if (metadata.labels?.[IDENTITY_LABEL] === undefined) { return metadata; }
  const { [SKIP_CONTAINERS]: others, ...annotations } = metadata.annotations ?? {};
  return { ...metadata, annotations: { ...annotations, [SKIP_CONTAINERS]: others === undefined ? TRACE_CONTAINER : `${TRACE_CONTAINER};${others}` } };
}

function collector(image: string): object {
  const script = readFileSync(join(__dirname, '..', '..', '..', '..', 'assets', 'run', 'trace-collector.sh'), 'utf8');
  return {
    name: TRACE_CONTAINER,
    image,
    restartPolicy: 'Always',
    command: ['/busybox/sh', '-c', literal(script)],
    env: [{ name: 'PATH', value: '/busybox' }],
    securityContext: INIT_SECURITY,
    resources: { requests: { 'cpu': '10m', 'memory': '16Mi', 'ephemeral-storage': '16Mi' }, limits: { 'memory': '64Mi', 'ephemeral-storage': '64Mi' } },
    volumeMounts: [{ name: TRACE_CONTAINER, mountPath: '/tmp' }],
  };
}
