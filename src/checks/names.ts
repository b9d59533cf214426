import { isIP, isIPv4 } from 'node:net';
import { Check } from './problem';
import { freeText, noSecret, pattern, plainText, quoted } from './text';

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** A DNS label, as names of Jobs, namespaces and volumes are. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const dnsLabel = pattern(new RegExp(`^${LABEL}$`),
  'a DNS label (at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit)', '"build-agent"');

/** A DNS subdomain, as names of Secrets, ConfigMaps and service accounts are. */
export const dnsSubdomain = pattern(new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`),
  'the name of a Kubernetes object (lower-case letters, digits, "-" and ".")', '"jfrog-credentials"', 253);

/** A key of a Secret or ConfigMap. */
export const dataKey = pattern(/^(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/,
  'a key of a Secret or ConfigMap (letters, digits, "-", "_" and ".")', '"jfrog-deb-user"', 253);

/** The key of a Kubernetes label or annotation, with an optional prefix. */
export const labelKey = pattern(new RegExp(`^((?=[^/]{1,253}/)${LABEL}(\\.${LABEL})*/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$`),
  'a label key', '"contoso.example/team"', 317);

/**
 * What the Job controller, the identity's webhook or this library itself writes, and what would undo the hardening:
 * another value there gives RUN steps the identity, or a pod that the cluster refuses.
 */
const RESERVED: [RegExp, string][] = [
  [/^azure\.workload\.identity\//, 'decides who gets the identity, which workloadIdentity and registryWorkloadIdentity do'],
  [/^container\.(apparmor|seccomp)\./, 'changes the hardening of the containers, which is fixed'],
  [/^(job-name|controller-uid|batch\.kubernetes\.io\/.*)$/, 'is written by Kubernetes itself'],
  [/^app\.kubernetes\.io\/(name|instance|managed-by)$/, 'is written by this library, to find the pod'],
  [/^kueue\.x-k8s\.io\/queue-name$/, 'is written for queueName'],
];

/** The key of a label or annotation that a user may set on the Job and its pod. */
export const ownLabelKey: Check = value => {
  const reserved = RESERVED.find(([shape]) => shape.test(value));
  return labelKey(value) ?? (reserved === undefined ? undefined : `has the key ${quoted(value)}, which ${reserved[1]}; remove it`);
};

/** The value of a Kubernetes label. */
export const labelValue = pattern(/^([a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)?$/,
  'a label value (at most 63 letters, digits, "-", "_" and ".")', '"wind-data"', 63);

/** An amount of processors, in units or thousandths. */
export const cpuQuantity = pattern(/^([1-9]\d{0,5}m|(?=.*[1-9])\d{1,3}(\.\d{1,3})?)$/, 'an amount of processors', '"500m" or "2"', 8);

/** An amount of memory or storage, in powers of 1024. */
export const sizeQuantity = pattern(/^[1-9]\d{0,8}(Ki|Mi|Gi|Ti)$/, 'an amount with one of the units Ki, Mi, Gi and Ti', '"4Gi"', 12);

/** The name of a build argument: what a Dockerfile's ARG can declare. */
export const argumentName = pattern(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'the name of an ARG (letters, digits and "_")', '"PYTHON_VERSION"', 256);

/** The key of an image's label or annotation. */
export const imageLabelKey = pattern(/^[a-zA-Z0-9]([-._/a-zA-Z0-9]*[a-zA-Z0-9])?$/, 'the key of an image label', '"org.opencontainers.image.source"', 256);

/** The id of a build secret in a Dockerfile. */
export const secretId = pattern(/^[a-zA-Z0-9][-._a-zA-Z0-9]{0,62}$/, 'an id as in "RUN --mount=type=secret,id=…"', '"npmrc"', 63);

/** A stage's name or number, as `--target` takes it. */
export const stageName = pattern(/^[a-zA-Z0-9][-._a-zA-Z0-9]*$/, 'the name or number of a stage', '"production"', 128);

/** A kaniko feature flag. */
export const featureFlag = pattern(/^FF_KANIKO_[A-Z0-9_]+$/, 'the name of a kaniko feature flag', '"FF_KANIKO_COPY_AS_ROOT"', 128);

/** A client or tenant id of Microsoft Entra. */
export const guid = pattern(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  'an id of 32 hexadecimal digits in five groups', '"11111111-2222-3333-4444-555555555555"', 36);

/** The name of an Azure storage account. https://learn.microsoft.com/azure/storage/common/storage-account-overview */
export const storageAccountName = pattern(/^[a-z0-9]{3,24}$/, 'the name of a storage account (3 to 24 lower-case letters and digits)', '"contosobinaries"', 253);

/** The name of a blob container. https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const storageContainerName = pattern(/^(?=.{3,63}$)([a-z0-9](-?[a-z0-9])*|\$root|\$web)$/,
  'the name of a blob container (3 to 63 lower-case letters, digits and single "-")', '"bin"', 253);

/** The suffix of a cloud's blob endpoints, with an optional port. */
export const endpointSuffix = pattern(new RegExp(`^${LABEL}(\\.${LABEL})+(:[1-9]\\d{0,4})?$`),
  'a DNS suffix', '"blob.core.windows.net" or "blob.core.chinacloudapi.cn"', 259);

/** A build number or another short text that makes names unique. */
export const runId = pattern(/^[a-zA-Z0-9]([-._a-zA-Z0-9]{0,30}[a-zA-Z0-9])?$/,
  'at most 32 letters, digits, "-", "_" and "."', '"20261123.4"', 32);

/** A reference to a Secret: its name, where people are tempted to paste the secret itself. */
export const secretName: Check = value => {
  const token = /[$#]\{(TfToken|Token)\[/.test(value) ? plainText(value) : undefined;
  const problem = noSecret(value) ?? token;
  if (problem !== undefined) { return problem; }
  return dnsSubdomain(value) === undefined ? undefined
    : 'needs the name of a Secret (lower-case letters, digits, "-" and "."); the value is not shown, for it may be the secret itself; '
      + 'put that into a Secret (kubectl create secret …) and write the Secret\'s name';
};

/** The value of an annotation, a label of an image or a build argument: printable, no secret. */
export const shortText: Check = value => freeText(value)
  ?? (value.length > 8192 ? `needs at most 8192 characters, got ${value.length} (${quoted(value)}); shorten it` : undefined);

/** An address block of IPv4 or IPv6. */
export const addressBlock: Check = value => {
  const bad = `needs an address block, got ${quoted(value)}; write for example "10.20.0.0/16"`;
  const [, address, length] = /^([0-9a-fA-F.:]{2,45})\/(\d{1,3})$/.exec(value) ?? [];
  if (address === undefined || isIP(address) === 0 || Number(length) > (isIPv4(address) ? 32 : 128)) { return bad; }
  return isIPv4(address) ? hostBitsProblem(address, Number(length)) : undefined;
};

/** Kubernetes takes what stands behind a block's length for a mistake, and warns. */
function hostBitsProblem(address: string, length: number): string | undefined {
  const size = 2 ** (32 - length);
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = number - number % size;
  if (first === number) { return undefined; }
  const block = [24, 16, 8, 0].map(bits => Math.floor(first / 2 ** bits) % 256).join('.');
  return `names an address within a block, ${quoted(`${address}/${length}`)}; write "${block}/${length}" for the block or "${address}/32" for the address`;
}
