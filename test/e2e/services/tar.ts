/** Reads the archive of a layer: ustar with the extended headers of pax and of GNU tar. */

export interface TarEntry {
  /** Without `./` before it or a slash after it. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'hard link' | 'other';
  /** The permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Where a link leads. */
  readonly target: string;
  /** Whether it has capabilities (`security.capability`). */
  readonly capable: boolean;
  readonly content: Buffer;
}

const BLOCK = 512;
const TYPES: Record<string, TarEntry['type']> = { '0': 'file', '\0': 'file', '1': 'hard link', '2': 'link', '5': 'folder' };

/** The entries, in their order. */
export function readTar(archive: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let extended = new Map<string, string>(); // what the headers before an entry say of it
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const header = archive.subarray(at, at + BLOCK);
    const text = (start: number, length: number) => header.toString('utf8', start, start + length).split('\0')[0];
    const octal = (start: number, length: number) => parseInt(text(start, length).trim() || '0', 8);
    const type = String.fromCharCode(header[156]);
    const size = Number(extended.get('size') ?? octal(124, 12));
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;

    if (type === 'x') {
      extended = new Map([...extended, ...paxRecords(content)]);
    } else if (type === 'L' || type === 'K') {
      extended.set(type === 'L' ? 'path' : 'linkpath', content.toString('utf8').split('\0')[0]);
    } else if (type !== 'g') {
      const folder = text(257, 6).startsWith('ustar') && text(263, 2) === '00' && text(345, 155);
      entries.push({
        path: (extended.get('path') ?? (folder ? `${folder}/${text(0, 100)}` : text(0, 100))).replace(/^(\.?\/)+|\/$/g, ''),
        type: TYPES[type] ?? 'other',
        mode: octal(100, 8) & 0o7777,
        uid: Number(extended.get('uid') ?? octal(108, 8)),
        gid: Number(extended.get('gid') ?? octal(116, 8)),
        target: extended.get('linkpath') ?? text(157, 100),
        capable: extended.has('SCHILY.xattr.security.capability'),
        content,
      });
      extended = new Map();
    }
  }
  return entries;
}

/** Records of the form `<length> <key>=<value>\n`, where the length counts the whole record in bytes. */
function* paxRecords(content: Buffer): Generator<[string, string]> {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(' ', at);
    const end = at + Number(content.toString('utf8', at, space));
    const [key, ...value] = content.toString('utf8', space + 1, end - 1).split('=');
    yield [key, value.join('=')];
    at = end;
  }
}
