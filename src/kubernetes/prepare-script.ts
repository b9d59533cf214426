import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { shortHash } from './pod/short-hash';

const FOLDER = join(__dirname, '..', '..', 'assets', 'prepare-context');

/** The files of the init container's program, as the package carries them. Read once. */
let program: Record<string, string> | undefined;

function readProgram(): Record<string, string> {
  return program ??= Object.fromEntries(readdirSync(FOLDER).sort().map(file => [file, readFileSync(join(FOLDER, file), 'utf8')]));
}

/**
 * The ConfigMap with the init container's program: one for all builds of a chart and namespace.
 *
 * Its name holds a hash of its content and it cannot be changed: builds of other charts and versions in the
 * same namespace share it or have their own, and none can break another's (docs/decisions/0004).
 */
export function prepareScript(scope: Construct, namespace: string | undefined): k8s.KubeConfigMap {
  const chart = Chart.of(scope);
  const id = `PrepareScript-${shortHash(namespace ?? '')}`;
  return (chart.node.tryFindChild(id) as k8s.KubeConfigMap | undefined) ?? new k8s.KubeConfigMap(chart, id, {
    metadata: {
      name: `cdk-kaniko-prepare-${shortHash(JSON.stringify(readProgram()))}`,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'cdk-kaniko' },
    },
    immutable: true,
    data: { ...readProgram() },
  });
}
