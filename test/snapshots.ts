/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";

const SNAPSHOTS = join(import.meta.dirname, "snapshots");
const FONT = join(import.meta.dirname, "..", "public", "fonts", "newsreader-latin-600-normal.woff2");
/** CSS pixels from the top that are kept, and how many of them are one in a snapshot. */
const HEIGHT = 2_600;
const SHRUNK = 2;
/** Pixels of a snapshot that are compared as one, so that no edge of a letter counts. */
const CELL = 4;
/** By how much of 255 a colour may differ in a cell, and in what part of all cells it may differ by more. */
const TOLERANCE = 40;
const MOST = 0.005;

/** Compares the page with its snapshot; UPDATE_SNAPSHOTS=1 keeps how it looks now. @returns what is to be said of it */
export async function otherwise(page: Page, name: string): Promise<string[]> {
  await makeTimeless(page);
  const look = await take(page);
  const path = join(SNAPSHOTS, `${name}.png`);
  if (process.env.UPDATE_SNAPSHOTS) await writeFile(path, look);
  const kept = await readFile(path).catch(() => null);
  if (kept && (await difference(kept, look)) <= MOST) return [];
  const seen = join(tmpdir(), `dateline-${name}.png`);
  await writeFile(seen, look);
  return [`test/snapshots/${name}.png looks otherwise now: ${seen}`];
}

/**
 * Leaves out what differs from day to day and from machine to machine: times, fonts, pictures that are on their way.
 * Nothing here waits within the page, which may have been told to run no scripts.
 */
async function makeTimeless(page: Page): Promise<void> {
  const font = (await readFile(FONT)).toString("base64");
  const style = `@font-face { font-family: Ours; src: url("data:font/woff2;base64,${font}"); font-display: block }
      * { font-family: Ours !important } time::after, .readers, .push { display: none !important }
      .posts > li { content-visibility: visible !important }`;
  await page.evaluate((style) => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
    for (const time of document.querySelectorAll("time")) {
      const parts = time.querySelectorAll(".clock, .day");
      if (parts.length) parts.forEach((part, n) => (part.textContent = n ? "22 November" : "14:32 GMT"));
      else time.textContent = "14:32 GMT, 22 November";
    }
    // The port is another one each time.
    for (const field of document.querySelectorAll<HTMLInputElement>("[type=url]")) field.value = "http://localhost/";
    for (const image of document.images) Object.assign(image, { loading: "eager", decoding: "sync" });
  }, style);
  const isThere = () =>
    page.evaluate(() => [...document.images].every(({ complete }) => complete) && document.fonts.check("1rem Ours"));
  while (!(await isThere()));
}

async function take(page: Page): Promise<Buffer> {
  const { width } = page.viewportSize()!;
  const height = Math.min(HEIGHT, await page.evaluate(() => document.documentElement.scrollHeight));
  const picture = await page.screenshot({
    clip: { x: 0, y: 0, width, height },
    fullPage: true,
    animations: "disabled",
  });
  return sharp(picture)
    .resize({ width: Math.round(width / SHRUNK), kernel: "mitchell" })
    .png({ palette: true, colours: 48, dither: 0, compressionLevel: 9 })
    .toBuffer();
}

/** What part of two pictures differs; all of it where one is longer than the other. */
async function difference(kept: Buffer, seen: Buffer): Promise<number> {
  const [before, after] = await Promise.all([kept, seen].map(cells));
  if (before!.info.width !== after!.info.width || Math.abs(before!.info.height - after!.info.height) > 1) return 1;
  const length = Math.min(before!.data.length, after!.data.length);
  let different = 0;
  for (let at = 0; at < length; at += 3)
    if ([0, 1, 2].some((channel) => Math.abs(before!.data[at + channel]! - after!.data[at + channel]!) > TOLERANCE))
      different++;
  return different / (length / 3);
}

async function cells(picture: Buffer) {
  const { width } = await sharp(picture).metadata();
  return sharp(picture)
    .removeAlpha()
    .toColourspace("srgb")
    .resize({ width: Math.round(width / CELL), kernel: "linear" })
    .raw()
    .toBuffer({ resolveWithObject: true });
}
