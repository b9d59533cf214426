/** An image as the registry has it, to be looked into. */
import { gunzipSync } from 'node:zlib';
import { readTar, TarEntry } from './tar';
import { Descriptor } from '../cluster/images';

export interface ImageManifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageConfig {
  readonly config: {
    readonly Env?: string[];
    readonly User?: string;
    readonly WorkingDir?: string;
    readonly Entrypoint?: string[];
    readonly Cmd?: string[];
    readonly Labels?: Record<string, string>;
  };
  readonly history: ReadonlyArray<{ readonly created_by?: string; readonly empty_layer?: boolean }>;
}

export class PulledImage {
  public readonly config: ImageConfig;
  /** What each layer adds, by path, the base's first. */
  public readonly layers: ReadonlyArray<ReadonlyMap<string, TarEntry>>;
  private readonly archives: readonly Buffer[];

  public constructor(
    public readonly digest: string, public readonly manifest: ImageManifest, private readonly rawConfig: Buffer, blobs: readonly Buffer[],
  ) {
    this.config = JSON.parse(rawConfig.toString('utf8')) as ImageConfig;
    this.archives = blobs.map(blob => blob.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])) ? gunzipSync(blob) : blob);
    this.layers = this.archives.map(archive => new Map(readTar(archive).map(entry => [entry.path, entry])));
  }

  /** A file as a container would see it: that of the last layer that has it. @param path without a slash at its beginning */
  public file(path: string): TarEntry | undefined {
    const [folder, name] = [path.split('/').slice(0, -1).join('/'), path.split('/').pop()!];
    const removed = folder ? `${folder}/.wh.${name}` : `.wh.${name}`;
    for (const layer of [...this.layers].reverse()) {
      if (layer.has(path)) return layer.get(path);
      if (layer.has(removed)) return undefined;
    }
    return undefined;
  }

  /** Every path that a layer after the base's adds. */
  public get added(): string[] {
    return this.layers.slice(1).flatMap(layer => [...layer.keys()]);
  }

  /** Where a text stands: `config`, or `layer 2` with the files that have it. */
  public find(text: string): string[] {
    const needle = Buffer.from(text);
    return [
      ...this.rawConfig.includes(needle) ? ['config'] : [],
      ...this.archives.flatMap((archive, index) => {
        if (!archive.includes(needle)) return [];
        const files = [...this.layers[index].values()].filter(entry => entry.content.includes(needle)).map(entry => entry.path);
        return files.length > 0 ? files.map(path => `layer ${index}: ${path}`) : [`layer ${index}: between its files`];
      }),
    ];
  }
}
