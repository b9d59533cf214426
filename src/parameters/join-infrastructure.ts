import { InfrastructureOutputs } from './infrastructure-outputs';
import { Input, InputEntry, isUnset, Mistake } from './input';
import { quoted } from '../checks';

/**
 * Fills in what the Azure half says, where the parameters leave it open, and refuses what contradicts it.
 */
export function joinInfrastructure(input: Input, outputs: InfrastructureOutputs): { input: Input; mistakes: Mistake[] } {
  if (input.kind !== 'map') { return { input, mistakes: [] }; }
  const mistakes: Mistake[] = [];
  const filled: InputEntry[] = [];
  const given = (name: string) => input.entries.find(entry => entry.key === name && !isUnset(entry.value));
  const text = (name: string) => {
    const value = given(name)?.value;
    return value?.kind === 'scalar' ? value.text : undefined;
  };
  const join = (name: string, value: string | undefined, same: (text: string) => boolean = candidate => candidate === value) => {
    const entry = given(name);
    if (value === undefined) { return; }
    if (entry === undefined) {
      filled.push({ key: name, value: { kind: 'scalar', value, text: value } });
    } else if (!same(text(name) ?? '')) {
      mistakes.push({ path: name, line: entry.line, message: `is ${quoted(text(name) ?? '')}, but the infrastructure's outputs say ${quoted(value)}; leave one of them out or use the other stack's outputs` });
    }
  };

  const namespace = text('namespace') ?? outputs.namespace;
  const account = text('workloadIdentity') ?? outputs.workloadIdentity;
  // Several service accounts may act as the identity: any of them is right.
  const federated = outputs.serviceAccounts.includes(`${namespace}/${account}`);
  join('namespace', outputs.namespace, candidate => federated || candidate === outputs.namespace);
  join('workloadIdentity', outputs.workloadIdentity, candidate => federated || candidate === outputs.workloadIdentity);
  join('managedIdentityClientId', outputs.managedIdentityClientId, candidate => candidate.toLowerCase() === outputs.managedIdentityClientId.toLowerCase());
  join('storageAccountName', outputs.storageAccountName);
  join('storageContainerName', outputs.storageContainerName);
  const kept = input.entries.filter(entry => !filled.some(({ key }) => key === entry.key));
  return { input: { ...input, entries: [...kept, ...filled] }, mistakes };
}
