/** Azure's own admission webhook, which gives pods with the label `azure.workload.identity/use` their identity. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Authority } from '../../servers/certificates';
import { currentSandbox } from '../sandbox';
import { NODE } from './addresses';
import { ControlPlane } from './control-plane';
import { daemon, until } from './processes';

const PORT = 9443;
const HEALTH_PORT = 9440;

/**
 * Starts the webhook and registers it as its chart does.
 * https://github.com/Azure/azure-workload-identity/blob/v1.6.0/manifest_staging/charts/workload-identity-webhook/templates/azure-wi-webhook-mutating-webhook-configuration-mutatingwebhookconfiguration.yaml
 */
export async function startWebhook(program: string, plane: ControlPlane, authority: Authority, tenantId: string): Promise<void> {
  const folder = join(currentSandbox().folder, 'webhook');
  mkdirSync(folder, { mode: 0o700 });
  const { cert, key } = authority.issue(NODE);
  writeFileSync(join(folder, 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls.key'), key);
  daemon('webhook', [program, '--disable-cert-rotation', `--webhook-cert-dir=${folder}`, '--audience=api://AzureADTokenExchange', '--log-level=info',
    `--health-addr=127.0.0.1:${HEALTH_PORT}`, '--metrics-addr=127.0.0.1:8095'],
  { KUBECONFIG: plane.kubeconfig('workload-identity-webhook'), AZURE_TENANT_ID: tenantId, AZURE_ENVIRONMENT: 'AzurePublicCloud' });
  await until('webhook', async () => (await fetch(`http://127.0.0.1:${HEALTH_PORT}/readyz`)).ok || undefined);
  await plane.kubectl.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'azure-wi-webhook-mutating-webhook-configuration' },
    webhooks: [{
      name: 'mutation.azure-workload-identity.io',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: `https://${NODE}:${PORT}/mutate-v1-pod`, caBundle: Buffer.from(authority.certificate).toString('base64') },
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      objectSelector: { matchLabels: { 'azure.workload.identity/use': 'true' } },
      reinvocationPolicy: 'IfNeeded',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      sideEffects: 'None',
    }],
  });
}
