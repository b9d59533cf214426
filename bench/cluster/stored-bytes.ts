/** The bytes that etcd holds for the objects of a namespace, as the API server has encoded them. */

const ETCD = 'http://127.0.0.1:2379';

interface Range { readonly kvs?: ReadonlyArray<{ readonly key: string; readonly value: string }> }

/** @param kinds in the plural, such as `jobs` */
export async function storedBytes(namespace: string, ...kinds: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const kind of kinds) {
    const prefix = `/registry/${kind}/${namespace}/`;
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    // https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/; the end of a prefix is the prefix with its last byte raised.
    const response = await fetch(`${ETCD}/v3/kv/range`, { method: 'POST', body: JSON.stringify({ key: base64(prefix), range_end: base64(prefix.replace(/\/$/, '0')) }) });
    if (!response.ok) { throw new Error(`etcd answered ${response.status} ${await response.text()}`); }
    const { kvs = [] } = await response.json() as Range;
    bytes += kvs.reduce((sum, { key, value }) => sum + Buffer.byteLength(key, 'base64') + Buffer.byteLength(value, 'base64'), 0);
  }
  return bytes;
}
