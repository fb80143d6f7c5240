import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { expect, test } from "vitest";
import { useApp } from "./app.ts";
import { exifWithThumbnail, partsOf, withChunks, withSegments } from "./picture-bytes.ts";

const app = useApp();

interface Kept {
  readonly type: string;
  readonly width: number;
  readonly bytes: Buffer;
}

const drawing = (background = "#a33", width = 60, height = 40): Sharp =>
  sharp({ create: { width, height, channels: 3, background } });

async function upload(bytes: Buffer, type: string) {
  const { token } = await app.person("reporter");
  return app
    .request()
    .post("/api/media")
    .set({ Authorization: `Bearer ${token}`, "Idempotency-Key": randomUUID(), "Content-Type": type })
    .send(bytes);
}

/** Every file that is made of a picture. */
async function kept(bytes: Buffer, type: string): Promise<Kept[]> {
  const { body, status } = await upload(bytes, type);
  expect(status).toBe(201);
  const { mediaDir } = app.app.context.config;
  return Promise.all(
    (body.sources as { url: string; type: string; width: number }[]).map(async ({ url, type, width }) => {
      return { type, width, bytes: await readFile(join(mediaDir, url.split("/").at(-1)!)) };
    }),
  );
}

const SECRETS = [
  "Jane Source",
  "48.8583",
  "1600 Hidden Street",
  "tiny face",
  "profile of Jane",
  "PK\u0003\u0004",
  "<script>",
];
const [NAME, PLACE, STREET, THUMBNAIL, PROFILE, ZIP, SCRIPT] = SECRETS as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
/** What each format may be made of; anything else could tell something. */
const ALLOWED: Record<string, Set<string>> = {
  // JFIF's own head, tables, the frame and restart intervals.
  "image/jpeg": new Set(["e0", "db", "c0", "c2", "c4", "dd"]),
  "image/webp": new Set(["VP8 "]),
  "image/avif": new Set(["ftyp", "meta", "mdat", "av01", "nclx"]),
};

const xmp = (text: string): Buffer =>
  Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="${text}"/></rdf:RDF></x:xmpmeta>`,
  );
const GPS = { IFD0: { Artist: NAME }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 51/1 29/1" } };
const tail = Buffer.from(`${ZIP}${SCRIPT}alert(1)</script>`);

async function telltaleJpeg(): Promise<Buffer> {
  const thumbnail = withSegments(await drawing("#00f", 16, 8).jpeg().toBuffer(), [[0xfe, Buffer.from(THUMBNAIL)]]);
  const { icc } = await sharp(await drawing().withIccProfile("p3").jpeg().toBuffer()).metadata();
  const jpeg = withSegments(await drawing("#a33", 700, 400).jpeg().toBuffer(), [
    [0xe1, Buffer.concat([Buffer.from("Exif\0\0"), exifWithThumbnail(NAME, thumbnail)])],
    [0xe1, Buffer.concat([Buffer.from("http://ns.adobe.com/xap/1.0/\0"), xmp(`${NAME} ${PLACE}`)])],
    [
      0xe1,
      Buffer.concat([
        Buffer.from(`http://ns.adobe.com/xmp/extension/\0${"0".repeat(32)}`),
        Buffer.alloc(8),
        xmp(STREET),
      ]),
    ],
    [0xed, Buffer.concat([Buffer.from("Photoshop 3.0\x008BIM\x04\x04\0\0\0\0", "latin1"), iptc(STREET)])],
    [0xe2, Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), withText(icc!, PROFILE)])],
    [0xfe, Buffer.from(`${NAME} ${SCRIPT}`)],
  ]);
  return Buffer.concat([jpeg, tail]);
}

/** One line of an address, in IPTC's own block. */
function iptc(text: string): Buffer {
  const value = Buffer.from(text);
  const size = Buffer.from([0, 0, 0, 5 + value.length]);
  return Buffer.concat([
    size,
    Buffer.from([0x1c, 2, 92, 0, value.length]),
    value,
    Buffer.alloc(value.length % 2 ? 0 : 1),
  ]);
}

/** A colour profile with a text at its end, as the descriptions of some are. */
function withText(icc: Buffer, text: string): Buffer {
  const longer = Buffer.concat([icc, Buffer.from(text), Buffer.alloc((4 - (text.length % 4)) % 4)]);
  longer.writeUInt32BE(longer.length, 0);
  return longer;
}

async function telltalePng(): Promise<Buffer> {
  const png = withChunks(await drawing().png().toBuffer(), [
    ["tEXt", Buffer.from(`Author\0${NAME}`)],
    ["zTXt", Buffer.concat([Buffer.from("Comment\0\0"), deflateSync(Buffer.from(STREET))])],
    ["iTXt", Buffer.concat([Buffer.from("XML:com.adobe.xmp\0\0\0\0\0"), xmp(PLACE)])],
    ["eXIf", exifWithThumbnail(NAME, Buffer.from(THUMBNAIL))],
    ["tIME", Buffer.from([7, 234, 11, 22, 6, 0, 0])],
  ]);
  return Buffer.concat([png, tail]);
}

const TELLTALES: [what: string, type: string, make: () => Promise<Buffer>, secrets: string[]][] = [
  ["a JPEG", "image/jpeg", telltaleJpeg, SECRETS],
  ["a PNG", "image/png", telltalePng, [NAME, PLACE, THUMBNAIL, ZIP, SCRIPT]],
  [
    "a WebP",
    "image/webp",
    () => drawing().withExif(GPS).withXmp(xmp(PLACE).toString()).webp().toBuffer(),
    [NAME, PLACE],
  ],
  ["an AVIF", "image/avif", () => drawing().withExif(GPS).withXmp(xmp(PLACE).toString()).avif().toBuffer(), [NAME]],
  [
    "a GIF",
    "image/gif",
    async () => {
      const gif = await drawing().gif().toBuffer();
      const comment = Buffer.concat([Buffer.from([0x21, 0xfe, NAME.length]), Buffer.from(`${NAME}\0`)]);
      return Buffer.concat([gif.subarray(0, -1), comment, gif.subarray(-1)]);
    },
    [NAME],
  ],
];

test.each(TELLTALES)(
  "no file made of %s holds anything of what came with its pixels",
  async (_what, type, make, secrets) => {
    const bytes = await make();
    for (const secret of secrets) expect([secret, bytes.includes(secret)]).toEqual([secret, true]);
    const files = await kept(bytes, type);
    expect(new Set(files.map((file) => file.type))).toEqual(new Set(Object.keys(ALLOWED)));
    for (const file of files) {
      expect(partsOf(file.type, file.bytes).filter((part) => !ALLOWED[file.type]!.has(part))).toEqual([]);
      for (const secret of [...SECRETS, "Exif", "GPS", "xmpmeta", "Photoshop", "ICC_PROFILE", "8BIM"])
        for (const encoding of ["latin1", "utf16le"] as const)
          expect([secret, file.bytes.includes(Buffer.from(secret, encoding))]).toEqual([secret, false]);
      const { exif, xmp, iptc, icc, comments, orientation } = await sharp(file.bytes).metadata();
      expect([exif, xmp, iptc, icc, comments, orientation]).toEqual(Array(6).fill(undefined));
    }
  },
);

/** Four colours by which up and left can be told. */
const CORNERS = ["#d02020", "#20a020", "#2020d0", "#e0e0e0"];
const corner = (background: string) => drawing(background, 40, 20).png().toBuffer();
const upright = async (): Promise<Sharp> => {
  const [a, b, c, d] = await Promise.all(CORNERS.map(corner));
  const places = [
    { input: a!, left: 0, top: 0 },
    { input: b!, left: 40, top: 0 },
    { input: c!, left: 0, top: 20 },
    { input: d!, left: 40, top: 20 },
  ];
  return sharp(await drawing("#000", 80, 40).composite(places).png().toBuffer());
};
/** How a camera that is held so keeps an upright scene: turned, and then mirrored. */
const HELD: Record<number, { turn?: number; mirror?: "flip" | "flop" }> = {
  1: {},
  2: { mirror: "flop" },
  3: { turn: 180 },
  4: { mirror: "flip" },
  5: { turn: 90, mirror: "flop" },
  6: { turn: 270 },
  7: { turn: 270, mirror: "flop" },
  8: { turn: 90 },
};

test("whichever of the eight ways a camera was held, every file of the picture is upright", async () => {
  const scene = await upright();
  for (const [orientation, { turn = 0, mirror }] of Object.entries(HELD)) {
    const turned = sharp(await scene.clone().rotate(turn).png().toBuffer());
    const photo = await (mirror ? turned[mirror]() : turned)
      .withMetadata({ orientation: Number(orientation) })
      .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
      .toBuffer();
    for (const { type, bytes } of await kept(photo, "image/jpeg")) {
      const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
      const seen = [at(20, 10), at(60, 10), at(20, 30), at(60, 30)];
      const what = `orientation ${orientation}, ${type}`;
      expect([what, info.width, info.height]).toEqual([what, 80, 40]);
      seen.forEach((colour, n) => expect([what, n, isNear(colour, CORNERS[n]!)]).toEqual([what, n, true]));
    }
  }
});

test("print colours, a wide gamut and sixteen bits come out as the same colour on a screen", async () => {
  const colour = "#60a040";
  const jpeg = { quality: 95 };
  // Paper shows less than a screen: what is printed comes back near, and not the same.
  const odd: [string, Buffer, string, number][] = [
    ["CMYK", await drawing(colour).toColourspace("cmyk").jpeg(jpeg).toBuffer(), "image/jpeg", 30],
    ["CMYK with its profile", await drawing(colour).withIccProfile("cmyk").jpeg(jpeg).toBuffer(), "image/jpeg", 30],
    ["Display P3", await drawing(colour).withIccProfile("p3").jpeg(jpeg).toBuffer(), "image/jpeg", 8],
    ["16 bits", await drawing(colour).toColourspace("rgb16").png().toBuffer(), "image/png", 8],
  ];
  for (const [what, bytes, type, distance] of odd)
    for (const file of await kept(bytes, type)) {
      const { space, depth, channels } = await sharp(file.bytes).metadata();
      expect([what, file.type, space, depth, channels]).toEqual([what, file.type, "srgb", "uchar", 3]);
      const seen = [...(await sharp(file.bytes).raw().toBuffer()).subarray(0, 3)];
      expect([what, file.type, seen, isNear(seen, colour, distance)]).toEqual([what, file.type, seen, true]);
    }
});

test("of an animation the first picture is kept, and it does not move", async () => {
  const frames = await Promise.all(["#d02020", "#2020d0"].map(corner));
  const animation = () => sharp(frames, { join: { animated: true } });
  for (const [bytes, type] of [
    [await animation().gif().toBuffer(), "image/gif"],
    [await animation().webp().toBuffer(), "image/webp"],
  ] as const) {
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    for (const file of await kept(bytes, type)) {
      const { pages, width, height } = await sharp(file.bytes).metadata();
      expect([type, file.type, pages ?? 1, width, height]).toEqual([type, file.type, 1, 40, 20]);
      expect(isNear([...(await sharp(file.bytes).raw().toBuffer()).subarray(0, 3)], "#d02020")).toBe(true);
    }
  }
});

test("what only begins like a picture, breaks off, or needs a decoder that is not there is refused", async () => {
  const noise = sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: "#000",
      noise: { type: "gaussian", mean: 128, sigma: 40 },
    },
  });
  const [jpeg, png, webp] = [
    await noise.jpeg().toBuffer(),
    await noise.png().toBuffer(),
    await noise.webp().toBuffer(),
  ];
  const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
  const avif = (await drawing().avif().toBuffer()).toString("latin1");
  const heic = avif.replace("ftypavif", "ftypheic").replaceAll("av01", "hvc1").replaceAll("av1C", "hvcC");
  const refused: [string, Buffer, string][] = [
    ["half a JPEG", half(jpeg), "image/jpeg"],
    ["half a PNG", half(png), "image/png"],
    ["half a WebP", half(webp), "image/webp"],
    ["HEIC", Buffer.from(heic, "latin1"), "image/heic"],
    ["a script that begins like a GIF", Buffer.from("GIF89a=1;/*".padEnd(400, " ") + "*/alert(1)"), "image/gif"],
    ["a page that begins like a WebP", Buffer.from("RIFF\0\0\0\0WEBP<script>alert(1)</script>"), "image/webp"],
  ];
  for (const [what, bytes, type] of refused) {
    const answer = await upload(bytes, type);
    expect([what, answer.status, answer.body.code]).toEqual([what, 415, "not-a-picture"]);
  }
});

test("a screenshot of a whole long page is kept smaller, and a line of pixels is no picture", async () => {
  const files = await kept(await drawing("#eee", 400, 20_000).png().toBuffer(), "image/png");
  const sizes = await Promise.all(files.map(async ({ bytes }) => (await sharp(bytes).metadata()).height));
  expect(Math.max(...sizes)).toBe(16_000);
  const line = await upload(await drawing("#eee", 1, 20_000).png().toBuffer(), "image/png");
  expect([line.status, line.body.errors]).toEqual([422, [{ pointer: "/", code: "too-long" }]]);
});

function isNear(seen: number[], wanted: string, distance = 14): boolean {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(wanted.slice(at, at + 2), 16)) as [number, number, number];
  return [r, g, b].every((value, n) => Math.abs(value - seen[n]!) <= distance);
}
