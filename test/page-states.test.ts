import type { BrowserContextOptions } from "playwright-core";
import { expect } from "vitest";
import { useApp } from "./app.ts";
import { current, findings, pageTest, useBrowser } from "./browser.ts";
import { objections } from "./judging.ts";
import { ARABIC, ENGLISH, wholeStory } from "./whole-story.ts";

const app = useApp();
const browser = useBrowser(app);

/** How somebody may have set up their screen, beside the ways in looks.test.ts; axe looks where it may find more. */
const FORCED = { forcedColors: "active", colorScheme: "dark", viewport: { width: 1024, height: 800 } } as const;
const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
const STATES: Record<string, BrowserContextOptions> = {
  "forced colours": FORCED,
  // To the page, a window of half as many pixels.
  "zoomed to 200 %": { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  "a large screen in the dark": { viewport: { width: 1920, height: 1080 }, colorScheme: "dark" },
};

for (const telling of [ENGLISH, ARABIC])
  pageTest(
    `a story in ${telling.language} fits and reads well however a screen is set up, and keeps still when asked to`,
    async () => {
      const blog = await wholeStory(app, telling);
      for (const [state, options] of Object.entries(STATES)) {
        const page = await browser.open(`/blogs/${blog.slug}`, { reducedMotion: "reduce", ...options });
        await current(page, app, blog);
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        expect(await objections(page), state).toEqual([]);
        if (options === FORCED) expect(await findings(page), state).toEqual([]);
        expect(await page.evaluate(() => document.getAnimations().length), state).toBe(0);
        await page.context().close();
      }
    },
    180_000,
  );

pageTest("so does its discussion, in two directions at once", async () => {
  const blog = await app.blog({ language: "ar", title: ARABIC.title });
  const comment = await app.comment(blog, { body: ARABIC.comment });
  const { id } = await app.decide(comment, "approve");
  await app.decide(await app.comment(blog, { body: ENGLISH.comment, parentId: id }), "approve");
  for (const options of [FORCED, PHONE]) {
    const page = await browser.open(`/blogs/${blog.slug}/comments`, { reducedMotion: "reduce", ...options });
    await page.getByText("My cellar in Mill Lane").waitFor();
    expect(await objections(page)).toEqual([]);
    expect(await findings(page)).toEqual([]);
    await page.context().close();
  }
});
