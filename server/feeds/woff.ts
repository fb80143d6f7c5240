import { inflateSync } from "node:zlib";

/** Bytes of WOFF's header and of an entry of its directory, and the same of TrueType's. */
const WOFF = { head: 44, entry: 20 };
const TRUE_TYPE = { head: 12, entry: 16 };

/**
 * A font as TrueType, from the WOFF 1.0 that npm has of it: the same tables, each packed by zlib. Pango, which draws the
 * letters of pictures, reads no packed fonts.
 */
export function unpackFont(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, n) => tableAt(woff, WOFF.head + n * WOFF.entry));
  const power = Math.floor(Math.log2(count));
  const head = Buffer.alloc(TRUE_TYPE.head + count * TRUE_TYPE.entry);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  head.writeUInt16BE(TRUE_TYPE.entry * 2 ** power, 6);
  head.writeUInt16BE(power, 8);
  head.writeUInt16BE(TRUE_TYPE.entry * (count - 2 ** power), 10);
  let at = head.length;
  const parts = tables.flatMap(({ tag, checksum, bytes }, n) => {
    const entry = TRUE_TYPE.head + n * TRUE_TYPE.entry;
    tag.copy(head, entry);
    checksum.copy(head, entry + 4);
    head.writeUInt32BE(at, entry + 8);
    head.writeUInt32BE(bytes.length, entry + 12);
    const padding = Buffer.alloc(-bytes.length & 3);
    at += bytes.length + padding.length;
    return [bytes, padding];
  });
  return Buffer.concat([head, ...parts]);
}

function tableAt(woff: Buffer, entry: number): { tag: Buffer; checksum: Buffer; bytes: Buffer } {
  const [offset, packedLength, length] = [4, 8, 12].map((at) => woff.readUInt32BE(entry + at)) as [
    number,
    number,
    number,
  ];
  const packed = woff.subarray(offset, offset + packedLength);
  return {
    tag: woff.subarray(entry, entry + 4),
    checksum: woff.subarray(entry + 16, entry + 20),
    bytes: packedLength < length ? inflateSync(packed) : packed,
  };
}
