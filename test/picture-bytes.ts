import { crc32 } from "node:zlib";

/** Segments put behind a JPEG's first two bytes; each is a marker's number and what it holds. */
export function withSegments(jpeg: Buffer, segments: [marker: number, content: Buffer][]): Buffer {
  const written = segments.map(([marker, content]) => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...written, jpeg.subarray(2)]);
}

/** Chunks put behind a PNG's header. */
export function withChunks(png: Buffer, chunks: [type: string, content: Buffer][]): Buffer {
  const afterHeader = 8 + 25;
  const written = chunks.map(([type, content]) => pngChunk(type, content));
  return Buffer.concat([png.subarray(0, afterHeader), ...written, png.subarray(afterHeader)]);
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** EXIF as a camera writes it: whose it is, and a thumbnail in the second directory. */
export function exifWithThumbnail(artist: string, thumbnail: Buffer): Buffer {
  const text = Buffer.from(`${artist}\0`);
  const [first, second] = [8, 8 + 2 + 12 + 4];
  const textAt = second + 2 + 2 * 12 + 4;
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const uint32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from("II*\0", "latin1"),
    uint32(first),
    Buffer.from([1, 0]),
    entry(0x013b, 2, text.length, textAt),
    uint32(second),
    Buffer.from([2, 0]),
    entry(0x0201, 4, 1, textAt + text.length),
    entry(0x0202, 4, 1, thumbnail.length),
    uint32(0),
    text,
    thumbnail,
  ]);
}

/** What a file is made of besides its pixels, by the names that its format has for that. */
export function partsOf(type: string, bytes: Buffer): string[] {
  if (type === "image/jpeg") return jpegParts(bytes);
  return type === "image/webp" ? webpParts(bytes) : avifParts(bytes);
}

function jpegParts(bytes: Buffer): string[] {
  const parts: string[] = [];
  for (let at = 2; bytes[at + 1] !== 0xda; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at] !== 0xff) throw new Error("no marker where one has to be");
    parts.push(bytes[at + 1]!.toString(16));
  }
  if (bytes.readUInt16BE(bytes.length - 2) !== 0xffd9) parts.push("something behind the end");
  return parts;
}

function webpParts(bytes: Buffer): string[] {
  const parts: string[] = [];
  for (let at = 12; at < bytes.length; at += 8 + Math.ceil(bytes.readUInt32LE(at + 4) / 2) * 2)
    parts.push(bytes.toString("latin1", at, at + 4));
  return parts;
}

/** The boxes at the top, the kinds of items, and how colour is described. */
function avifParts(bytes: Buffer): string[] {
  const top = boxes(bytes, 0, bytes.length);
  const [, from, to] = top.find(([name]) => name === "meta")!;
  const inMeta = boxes(bytes, from + 4, to);
  const inside = (name: string, skip: number) => {
    const found = inMeta.find((box) => box[0] === name)!;
    return boxes(bytes, found[1] + skip, found[2]);
  };
  const items = inside("iinf", 6).map(([, at]) => bytes.toString("latin1", at + 8, at + 12));
  const properties = inside("iprp", 0).find(([name]) => name === "ipco")!;
  const colours = boxes(bytes, properties[1], properties[2])
    .filter(([name]) => name === "colr")
    .map(([, at]) => bytes.toString("latin1", at, at + 4));
  return [...top.map(([name]) => name), ...items, ...colours];
}

function boxes(bytes: Buffer, from: number, to: number): [name: string, from: number, to: number][] {
  const found: [string, number, number][] = [];
  for (let at = from; at < to; at += bytes.readUInt32BE(at))
    found.push([bytes.toString("latin1", at + 4, at + 8), at + 8, at + bytes.readUInt32BE(at)]);
  return found;
}
