/** A field of a protobuf message: a number, or the bytes of a text or of a message within. */
export interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/**
 * The fields of a protobuf message, whatever it means.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 * @throws RangeError where it is cut off, or is none
 */
export function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    for (let value = 0n, weight = 1n, length = 0; length < 10; length++, weight *= 128n) {
      const byte = message.readUInt8(at++);
      value += BigInt(byte % 128) * weight;
      if (byte < 128) { return value; }
    }
    throw new RangeError('a number is too long');
  };
  const bytes = (length: number): Buffer => {
    if (at + length > message.length) { throw new RangeError('a field is cut off'); }
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: yield { number, value: varint() }; break;
      case 1: yield { number, value: bytes(8).readBigUInt64LE() }; break;
      case 2: yield { number, value: bytes(Number(varint())) }; break;
      case 5: yield { number, value: BigInt(bytes(4).readUInt32LE()) }; break;
      default: throw new RangeError('a field of a kind that is not known');
    }
  }
}
