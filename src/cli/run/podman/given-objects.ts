/** The Secrets and ConfigMaps of a build without a cluster: from manifest files, written as for kubectl. */
import { readFileSync } from 'node:fs';
import { dataKey, dnsSubdomain, quoted } from '../../../checks';
import { mistakeText } from '../../../parameters/build-parameters-file';
import { describe, Input, InputEntry, Mistake } from '../../../parameters/input';
import { parseDocuments } from '../../../parameters/yaml-documents';
import { ManifestObject } from '../../builds';
import { MistakesError } from '../../command';
import { readOrReport } from '../../read-or-report';

/** The kinds of objects that a pod mounts files of. */
export type FilesKind = 'Secret' | 'ConfigMap';

/** The content of an object by key. */
export type Files = ReadonlyMap<string, Buffer>;

/** An object of a file. */
interface Given {
  readonly kind: FilesKind;
  readonly name: string;
  /** Undefined where it is for whatever namespace a build names, as with kubectl. */
  readonly namespace?: string;
  readonly files: Files;
}

/** A ConfigMap as our constructs write it. */
interface ConfigMap extends ManifestObject { readonly data: Readonly<Record<string, string>> }

export class GivenObjects {
  /**
   * Reads manifest files.
   *
   * @throws MistakesError with the mistakes of all files; it shows no value
   */
  public static read(paths: readonly string[]): GivenObjects {
    const mistakes: string[] = [];
    const given: Given[] = [];
    for (const path of paths) {
      const add = (mistake: Mistake) => mistakes.push(mistakeText(path, mistake));
      const text = readOrReport(path, () => readFileSync(path, 'utf8'), mistakes);
      if (text === undefined) { continue; }
      const parsed = parseDocuments(text);
      parsed.mistakes.forEach(add);
      for (const document of parsed.documents) {
        const object = readObject(document, add);
        if (object === undefined) { continue; }
        if (given.some(other => other.kind === object.kind && other.name === object.name && other.namespace === object.namespace)) {
          add({ path: '', line: document.line, message: `gives the ${object.kind} ${quoted(object.name)} a second time; remove one` });
        }
        given.push(object);
      }
    }
    if (mistakes.length > 0) { throw new MistakesError(mistakes); }
    return new GivenObjects(given);
  }

  private constructor(private readonly given: readonly Given[]) {}

  /** These and the ConfigMaps among a build's own objects, such as the init container's program. */
  public with(objects: readonly ManifestObject[]): GivenObjects {
    const own = (objects as readonly ConfigMap[]).filter(({ kind }) => kind === 'ConfigMap').map(({ metadata, data }): Given => ({
      kind: 'ConfigMap', ...metadata, files: new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'utf8')])),
    }));
    return new GivenObjects([...own, ...this.given]);
  }

  /** The content of an object; that of the namespace goes before one without. */
  public find(kind: FilesKind, name: string, namespace: string): Files | undefined {
    const candidates = this.given.filter(object => object.kind === kind && object.name === name);
    return (candidates.find(object => object.namespace === namespace) ?? candidates.find(object => object.namespace === undefined))?.files;
  }
}

type Add = (mistake: Mistake) => void;

function readObject(document: Input, add: Add): Given | undefined {
  const kind = textOf(entry(document, 'kind'));
  if (kind !== 'Secret' && kind !== 'ConfigMap') {
    add({ path: 'kind', line: document.line, message: `needs to be Secret or ConfigMap, got ${kind === undefined ? 'none' : quoted(kind)}; leave other objects out` });
    return undefined;
  }
  const metadata = entry(document, 'metadata')?.value;
  const name = textOf(metadata && entry(metadata, 'name'));
  const problem = name === undefined ? `is required; name the ${kind} as the parameters name it` : dnsSubdomain(name);
  if (name === undefined || problem !== undefined) {
    add({ path: 'metadata.name', line: document.line, message: problem! });
    return undefined;
  }
  const files = new Map([
    ...readData(document, kind === 'Secret' ? 'data' : 'binaryData', fromBase64, add),
    // As in a cluster, what is given as text wins over what is given encoded.
    ...readData(document, kind === 'Secret' ? 'stringData' : 'data', value => Buffer.from(value, 'utf8'), add),
  ]);
  return { kind, name, namespace: textOf(metadata && entry(metadata, 'namespace')), files };
}

/** The entries of one of the maps with content. @param decode undefined where the value is not of its form */
function readData(document: Input, field: string, decode: (value: string) => Buffer | undefined, add: Add): [string, Buffer][] {
  const data = entry(document, field);
  if (data === undefined || (data.value.kind === 'scalar' && data.value.value === null)) { return []; }
  if (data.value.kind !== 'map') {
    add({ path: field, line: data.line, message: 'needs a mapping from keys to values' });
    return [];
  }
  return data.value.entries.flatMap(({ key, value, line }): [string, Buffer][] => {
    const path = `${field}.${key}`;
    const problem = dataKey(key);
    if (problem !== undefined) { add({ path, line, message: problem }); return []; }
    // Nothing of a value is shown, whatever is wrong with it.
    if (value.kind !== 'scalar' || typeof value.value !== 'string') {
      add({ path, line, message: `needs a text, got ${value.kind === 'scalar' ? `a ${typeof value.value}` : describe(value)}; put it into quotes` });
      return [];
    }
    const content = decode(value.value);
    if (content === undefined) { add({ path, line, message: 'is not base64; encode it, or write it as it is below stringData' }); return []; }
    return [[key, content]];
  });
}

function fromBase64(value: string): Buffer | undefined {
  const compact = value.replace(/\s/g, '');
  const content = Buffer.from(compact, 'base64');
  return content.toString('base64') === compact ? content : undefined;
}

function entry(input: Input, key: string): InputEntry | undefined {
  return input.kind === 'map' ? input.entries.find(candidate => candidate.key === key) : undefined;
}

function textOf(found: InputEntry | undefined): string | undefined {
  return found?.value.kind === 'scalar' && typeof found.value.value === 'string' ? found.value.value : undefined;
}
