import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as read } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import sharp, { type OverlayOptions } from "sharp";
import { CARD_SIZE, type Card } from "./card.ts";
import { unpackFont } from "./woff.ts";

/** Draws the card that comes in as JSON, and prints it as PNG; see card.ts. */

const INK = "#1c1a16";
const PAPER = "#fdfbf6";
const MUTED = "#655f54";
const ACCENT = "#b3261e";
/** Pixels. */
const MARGIN = 80;
const INNER = CARD_SIZE.width - 2 * MARGIN;
const TITLE = { top: 168, height: 330, sizes: [84, 72, 62, 52] };

const FAMILY = "Newsreader SemiBold";
const SUBSETS = ["latin", "latin-ext", "vietnamese"];

interface Words {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

const fonts = mkdtempSync(join(tmpdir(), "dateline-card-"));
try {
  sharp.concurrency(1);
  const files = SUBSETS.map((subset) => {
    const packed = import.meta.resolve(`@fontsource/newsreader/files/newsreader-${subset}-600-normal.woff`);
    const file = join(fonts, `${subset}.ttf`);
    writeFileSync(file, unpackFont(readFileSync(fileURLToPath(packed))));
    return file;
  });
  // A font is known to Pango from the first drawing that names its file.
  for (const file of files) await words(".", { size: 20, colour: INK, file });
  process.stdout.write(await draw(JSON.parse(await read(process.stdin)) as Card));
} finally {
  rmSync(fonts, { recursive: true });
}

async function draw({ title, above, state, isLive, siteName }: Card): Promise<Buffer> {
  const accent = isLive ? ACCENT : MUTED;
  const layers: OverlayOptions[] = [];
  const place = ({ data }: Words, left: number, top: number) =>
    layers.push({ input: data, left: Math.round(left), top: Math.round(top) });

  const canWrite = async (text: string) => (await isDrawable(text)) && text !== "";
  const badge = (await canWrite(state)) ? await words(state, { size: 30, colour: PAPER }) : null;
  const badgeWidth = 64 + (badge ? badge.width + 14 : 0);
  if (badge) place(badge, MARGIN + 54, 87 + (46 - badge.height) / 2);
  if (await canWrite(above)) {
    const kicker = await oneLine(above, { size: 34, colour: MUTED }, INNER - badgeWidth - 24);
    place(kicker, MARGIN + badgeWidth + 24, 110 - kicker.height / 2);
  }
  // The newsroom's name stands in for a title that there are no letters for.
  const main = (await canWrite(title)) ? title : siteName;
  if (await canWrite(main)) {
    const set = await fitted(main);
    place(set, isRightToLeft(main) ? CARD_SIZE.width - MARGIN - set.width : MARGIN, TITLE.top);
  }
  if (main !== siteName && (await canWrite(siteName)))
    place(await oneLine(siteName, { size: 40, colour: INK }, INNER), MARGIN, 541);

  return sharp(Buffer.from(paper(accent, badgeWidth)))
    .composite(layers)
    .png({ palette: true, colours: 64, dither: 0 })
    .toBuffer();
}

function paper(accent: string, badgeWidth: number): string {
  return `
    <svg xmlns="http://www.w3.org/2000/svg" width="${CARD_SIZE.width}" height="${CARD_SIZE.height}">
      <rect width="100%" height="100%" fill="${PAPER}"/>
      <rect width="100%" height="16" fill="${accent}"/>
      <rect x="${MARGIN}" y="87" width="${badgeWidth}" height="46" rx="23" fill="${accent}"/>
      <circle cx="${MARGIN + 32}" cy="110" r="9" fill="${PAPER}"/>
      <path d="M${MARGIN} 518H${CARD_SIZE.width - MARGIN}" stroke="#e0d8c8" stroke-width="3"/>
    </svg>`;
}

/** By its first letter, as Pango goes by it. */
function isRightToLeft(text: string): boolean {
  return /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(/\p{L}/u.exec(text)?.[0] ?? "");
}

/** As large as it can be; too long for the smallest letters, it ends in dots. */
async function fitted(title: string): Promise<Words> {
  const smallest = TITLE.sizes.at(-1)!;
  for (const size of TITLE.sizes) {
    const set = await words(title, { size, colour: INK, width: INNER });
    if (set.height <= TITLE.height) return set;
  }
  const shorter = title.slice(0, Math.floor(title.length * 0.85)).replace(/\s+\S*$/, "");
  if (shorter.length < 20) return words("…", { size: smallest, colour: INK });
  const set = await words(`${shorter} …`, { size: smallest, colour: INK, width: INNER });
  return set.height <= TITLE.height ? set : fitted(shorter);
}

/** As much of it as goes into one line of this width. */
async function oneLine(text: string, style: { size: number; colour: string }, width: number): Promise<Words> {
  const set = await words(text, style);
  return set.width <= width ? set : oneLine(`${text.replace(/ …$/, "").slice(0, -4).trimEnd()} …`, style, width);
}

/** @param style.width the lines break there; without it there is one line */
async function words(
  text: string,
  { size, colour, width, file }: { size: number; colour: string; width?: number; file?: string },
): Promise<Words> {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${colour}">${escaped}</span>`,
      font: `${FAMILY}, ${size}`,
      ...(file && { fontfile: file }),
      ...(width && { width, wrap: "word-char" }),
      dpi: 72,
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/**
 * Whether this machine has letters for it: ours are Latin, and what else the system has is used too. A letter that there
 * is not is drawn as a box with its number, and those of one length are all of one size.
 */
async function isDrawable(text: string): Promise<boolean> {
  const others = new Set(text.match(/[\p{L}\p{Extended_Pictographic}]/gu) ?? []);
  const foreign = [...others].filter((letter) => !/\p{Script=Latin}/u.test(letter));
  if (!foreign.length) return true;
  const style = { size: 40, colour: INK };
  const boxes = await Promise.all(["\ue123", "\u{f1234}"].map((nothing) => words(nothing, style)));
  const drawn = await Promise.all(foreign.map((letter) => words(letter, style)));
  return drawn.every((one) => boxes.every((box) => box.width !== one.width || box.height !== one.height));
}
