import { dockerLogin } from './credentials';
import { RegistryClient } from './registry-client';
import { isDigest, parseImageReference } from '../../../checks';

/** What a registry says of a pushed image. */
export interface ImageDetails {
  /** All layers together, as they are stored: compressed. */
  readonly bytes: number;
  /** From the base image's up. */
  readonly layers: readonly ImageLayer[];
}

/** A layer of an image. */
export interface ImageLayer {
  readonly digest: string;
  readonly bytes: number;
  /** The instruction that made it; undefined where the image does not say. */
  readonly createdBy?: string;
}

/** Or why nothing is known of it. */
export interface UnknownImage {
  readonly unknown: string;
}

/** The registry is asked when the build is done: nobody waits long for a number in a report. */
const MILLISECONDS = 5000;

/**
 * Asks the registry for an image's layers, with the user's own docker login or anonymously. Never rejects: where the
 * registry does not tell, the answer says why.
 *
 * @param reference as `registry/repository@sha256:…`
 */
export async function imageDetails(
  reference: string, environment: Readonly<Record<string, string | undefined>>,
): Promise<ImageDetails | UnknownImage> {
  const { registry = '', path, digest = '' } = parseImageReference(reference)!;
  try {
    const login = await dockerLogin(registry, environment);
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const client = new RegistryClient(host, path, login, AbortSignal.timeout(MILLISECONDS));
    const { layers, config } = await client.manifest(digest) as Manifest;
    const told = layers.map(layer => ({ digest: checkedDigest(layer.digest), bytes: checkedSize(layer.size) }));
    const made = createdBy(await client.blob(checkedDigest(config.digest)) as Configuration, told.length);
    return { bytes: told.reduce((sum, layer) => sum + layer.bytes, 0), layers: told.map((layer, index) => ({ ...layer, createdBy: made[index] })) };
  } catch (error) {
    return { unknown: reasonOf(registry, error as Error) };
  }
}

/** https://github.com/opencontainers/image-spec/blob/main/manifest.md */
interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
interface Configuration {
  readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
}

/** The history's entries that have a layer, where there are as many as layers: images made by other means keep none. */
function createdBy({ history = [] }: Configuration, layers: number): (string | undefined)[] {
  const made = history.filter(entry => entry.empty_layer !== true).map(entry => entry.created_by);
  return made.length === layers ? made : [];
}

function checkedDigest(digest: unknown): string {
  if (typeof digest !== 'string' || !isDigest(digest)) { throw new Error('the manifest is none of an image'); }
  return digest;
}

function checkedSize(size: unknown): number {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) { throw new Error('the manifest is none of an image'); }
  return size;
}

function reasonOf(registry: string, error: Error): string {
  const code = (error.cause as { code?: string } | undefined)?.code;
  if (error.name === 'TimeoutError') { return `${registry} did not answer within ${MILLISECONDS / 1000} s`; }
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return `the certificate of ${registry} is not trusted on this machine (${code}); name its authority by NODE_EXTRA_CA_CERTS`;
  }
  if (code !== undefined) { return `no connection to ${registry} from this machine (${code})`; }
  return error instanceof SyntaxError || error instanceof TypeError ? `${registry} answered in a way that is not known here` : error.message;
}
