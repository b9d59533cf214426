import { createHash } from 'node:crypto';

/** Eight hexadecimal digits that stand for a text, for names that must differ where the text differs. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
