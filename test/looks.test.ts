import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import sharp from "sharp";
import { expect } from "vitest";
import { useApp } from "./app.ts";
import { current, pageTest, useBrowser } from "./browser.ts";
import { ENGLISH, wholeStory } from "./whole-story.ts";

const SNAPSHOTS = join(import.meta.dirname, "snapshots");
/** CSS pixels from the top that are kept, and how many of them are one in a snapshot. */
const HEIGHT = 2_600;
const SHRUNK = 2;
/** Pixels of a snapshot that are compared as one, so that no edge of a letter counts. */
const CELL = 4;
/** By how much of 255 a colour may differ in a cell, and in what part of all cells it may differ by more. */
const TOLERANCE = 40;
const MOST = 0.005;

const app = useApp();
const browser = useBrowser(app);

/** Latin words in a language that is written from right to left: their font is ours, the same on every machine. */
const MIRRORED = { ...ENGLISH, language: "he" };

const LOOKS: Record<string, { telling: typeof ENGLISH; options: BrowserContextOptions & { width: number } }> = {
  "phone-320": { telling: ENGLISH, options: { width: 320 } },
  "phone-390-dark": { telling: ENGLISH, options: { width: 390, colorScheme: "dark" } },
  "tablet-768-forced-colours": { telling: ENGLISH, options: { width: 768, forcedColors: "active" } },
  "desktop-1280": { telling: ENGLISH, options: { width: 1280 } },
  "desktop-1280-mirrored-dark": { telling: MIRRORED, options: { width: 1280, colorScheme: "dark" } },
};

pageTest(
  "a story looks as it did; where it is meant to look otherwise, UPDATE_SNAPSHOTS=1 keeps the new look",
  async () => {
    const slugs = new Map<object, string>();
    for (const telling of [ENGLISH, MIRRORED]) slugs.set(telling, (await wholeStory(app, telling)).slug);
    for (const [name, { telling, options }] of Object.entries(LOOKS)) {
      const look = await lookOf(slugs.get(telling)!, options);
      const path = join(SNAPSHOTS, `${name}.png`);
      if (process.env.UPDATE_SNAPSHOTS) await writeFile(path, look);
      const differs = await difference(await readFile(path), look);
      const seen = join(tmpdir(), `dateline-${name}.png`);
      if (differs > MOST) await writeFile(seen, look);
      expect(differs, `test/snapshots/${name}.png looks otherwise now: ${seen}`).toBeLessThanOrEqual(MOST);
    }
  },
  180_000,
);

async function lookOf(slug: string, { width, ...options }: BrowserContextOptions & { width: number }): Promise<Buffer> {
  const page = await browser.open(`/blogs/${slug}`, {
    reducedMotion: "reduce",
    bypassCSP: true,
    viewport: { width, height: 900 },
    ...options,
  });
  await current(page, app, await app.now({ slug } as Parameters<typeof app.now>[0]));
  await makeTimeless(page);
  const picture = await page.screenshot({ fullPage: true });
  await page.context().close();
  return sharp(picture)
    .extract({ left: 0, top: 0, width, height: Math.min(HEIGHT, (await sharp(picture).metadata()).height) })
    .resize({ width: Math.round(width / SHRUNK), kernel: "mitchell" })
    .png({ palette: true, colours: 48, dither: 0, compressionLevel: 9 })
    .toBuffer();
}

/** Leaves out what differs from day to day and from machine to machine: times, fonts, pictures that are on their way. */
async function makeTimeless(page: Page): Promise<void> {
  await page.addStyleTag({
    content: `@font-face { font-family: Ours; src: url("/fonts/newsreader-latin-600-normal.woff2"); font-display: block }
      * { font-family: Ours !important } time::after, .readers, .push { display: none !important }
      .posts > li { content-visibility: visible !important }`,
  });
  await page.evaluate(async () => {
    await document.fonts.load("600 1rem Ours");
    for (const time of document.querySelectorAll("time")) {
      const parts = time.querySelectorAll(".clock, .day");
      if (parts.length) parts.forEach((part, n) => (part.textContent = n ? "22 November" : "14:32 GMT"));
      else time.textContent = "14:32 GMT, 22 November";
    }
    for (const image of document.images) {
      image.loading = "eager";
      await image.decode();
    }
  });
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
