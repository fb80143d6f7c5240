/// <reference lib="dom" />
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { AUTH_SECRET, useApp } from "./app.ts";
import { current, findings, pageTest, useBrowser } from "./browser.ts";
import { runToEnd } from "./command-line.ts";
import { lostFocus, objections, shifts, watchShifts } from "./judging.ts";
import { otherwise } from "./snapshots.ts";
import { ARABIC, ENGLISH, wholeStory } from "./whole-story.ts";

const app = useApp();
const browser = useBrowser(app);

/** CSS pixels. A picture is kept of every width as it is by itself, and of some as somebody has set up their device. */
const WIDTHS = [320, 390, 768, 1280];
const PICTURED = [390, 1280];
const SCHEMES = {
  light: {},
  dark: { colorScheme: "dark" },
  mirrored: {},
  "forced-colours": { forcedColors: "active", colorScheme: "dark" },
  "reduced-motion": { reducedMotion: "reduce" },
  "no-script": {},
} satisfies Record<string, BrowserContextOptions>;
type Scheme = keyof typeof SCHEMES;

let english: BlogAnswer;
/** Latin words in a language that is written from right to left: their font is ours, the same on every machine. */
let mirrored: BlogAnswer;
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dateline-looks-"));
  mirrored = await wholeStory(app, { ...ENGLISH, language: "he" });
  english = await wholeStory(app);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const archive = async (): Promise<string> => {
  const settings = { DATABASE_URL: app.databaseUrl, AUTH_SECRET, DATA_DIR: app.app.context.config.dataDir };
  await runToEnd("commands/export.ts", { ...settings, MIGRATE: "off" }, [english.slug, "--out", directory]);
  return pathToFileURL(join(directory, `${english.slug}.html`)).href;
};
const firstPost = async (): Promise<string> => {
  const { body } = await app.request().get(`/api/blogs/${english.slug}/posts?limit=1`);
  return `/blogs/${english.slug}/posts/${body.posts[0].id}`;
};
const OTHERS: Record<string, () => string | Promise<string>> = {
  home: () => "/",
  discussion: () => `/blogs/${english.slug}/comments`,
  embed: () => `/blogs/${english.slug}/embed`,
  share: async () => `${await firstPost()}/share`,
  changes: async () => `${await firstPost()}/changes`,
  archive,
};

for (const [name, address] of Object.entries(OTHERS))
  pageTest(`its ${name} page reads well on the smallest phone and on a desktop, and looks as it did`, async () => {
    const path = await address();
    const found: Record<string, string[]> = {};
    for (const [width, scheme] of [
      [320, "light"],
      [1280, "dark"],
    ] as const) {
      const { page } = await open(path, width, scheme);
      const look = `${name}-${width}-${scheme}`;
      found[look] = [
        ...(await objectionsOf(page, scheme)),
        ...(await otherwise(page, look)),
        ...(await unfolded(page, () => findings(page))),
      ];
    }
    expect(found).toEqual({ [`${name}-320-light`]: [], [`${name}-1280-dark`]: [] });
  });

for (const scheme of Object.keys(SCHEMES) as Scheme[])
  pageTest(
    `a story reads well at every width, and looks as it did: ${scheme}`,
    async () => {
      // Its letters are this machine's, so that it is judged but not kept as a picture.
      const blog = scheme === "mirrored" ? await wholeStory(app, ARABIC) : english;
      const found: Record<string, string[]> = {};
      for (const width of WIDTHS) {
        const { page, letScriptsRun } = await open(`/blogs/${blog.slug}`, width, scheme);
        if (scheme !== "no-script") await current(page, app, blog);
        const here = (found[width] = await objectionsOf(page, scheme));
        if (scheme === "mirrored") await page.goto(`/blogs/${mirrored.slug}`);
        if (scheme === "light" || PICTURED.includes(width))
          // Who wants nothing to move sees what everybody sees.
          here.push(...(await otherwise(page, `story-${width}-${scheme === "reduced-motion" ? "light" : scheme}`)));
        await letScriptsRun();
        const rules = rulesIn(scheme);
        if (rules) here.push(...(await unfolded(page, () => findings(page, rules))));
        if (scheme === "reduced-motion" && (await page.evaluate(() => document.getAnimations().length)))
          here.push("something moves");
        await page.context().close();
      }
      expect(found).toEqual(Object.fromEntries(WIDTHS.map((width) => [width, []])));
    },
    120_000,
  );

/** What axe can find there that it would not find in the light; [] is everything. */
function rulesIn(scheme: Scheme): string[] | null {
  if (scheme === "reduced-motion") return null;
  return scheme === "dark" || scheme === "forced-colours" ? ["color-contrast", "link-in-text-block"] : [];
}

/** A page as it is for somebody. Where no scripts run, those of the tests cannot wait for anything until they do. */
async function open(
  path: string,
  width: number,
  scheme: Scheme,
): Promise<{ page: Page; letScriptsRun(): Promise<void> }> {
  const phone = { viewport: { width, height: 844 }, isMobile: true, hasTouch: true };
  const options = width < 768 ? phone : { viewport: { width, height: 900 } };
  let letScriptsRun = async (): Promise<void> => {};
  const page = await browser.open(path, { bypassCSP: true, ...options, ...SCHEMES[scheme] }, async (page) => {
    await watchShifts(page);
    if (scheme !== "no-script") return;
    // Nor does that of the page, which its opening would wait for.
    Reflect.deleteProperty(page, "goto");
    const inspector = await page.context().newCDPSession(page);
    await inspector.send("Emulation.setScriptExecutionDisabled", { value: true });
    letScriptsRun = async () => {
      await inspector.send("Emulation.setScriptExecutionDisabled", { value: false });
    };
  });
  return { page, letScriptsRun };
}

/** What moved while it was loaded, and what is cut off, covered, or too small, also in what unfolds. */
async function objectionsOf(page: Page, scheme: Scheme): Promise<string[]> {
  const moved = scheme === "no-script" ? [] : await shifts(page);
  return [...moved, ...(await unfolded(page, async () => [...(await objections(page)), ...(await lostFocus(page))]))];
}

/** Looks at a page with everything open that can be. */
async function unfolded(page: Page, look: () => Promise<string[]>): Promise<string[]> {
  const folded = await page.evaluateHandle(() => {
    const folded = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
    for (const details of folded) details.open = true;
    return folded;
  });
  const found = await look();
  await folded.evaluate((folded) => folded.forEach((details) => (details.open = false)));
  return found;
}
