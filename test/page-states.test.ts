import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { useApp } from "./app.ts";
import { current, findings, pageTest, useBrowser } from "./browser.ts";
import { ARABIC, ENGLISH, wholeStory } from "./whole-story.ts";

const app = useApp();
const browser = useBrowser(app);

/** How somebody may have set up their screen; axe looks where it may find something else than on the others. */
const STATES: Record<string, BrowserContextOptions> = {
  "forced colours": { forcedColors: "active", colorScheme: "dark", viewport: { width: 1024, height: 800 } },
  "a small phone": { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
  // To the page, a window of half as many pixels.
  "zoomed to 200 %": { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  "a large screen in the dark": { viewport: { width: 1920, height: 1080 }, colorScheme: "dark" },
};
const LOOKED_AT = ["forced colours", "a small phone"];

for (const telling of [ENGLISH, ARABIC])
  pageTest(
    `a story in ${telling.language} fits and reads well however a screen is set up, and keeps still when asked to`,
    async () => {
      const blog = await wholeStory(app, telling);
      for (const [state, options] of Object.entries(STATES)) {
        const page = await browser.open(`/blogs/${blog.slug}`, { reducedMotion: "reduce", ...options });
        await current(page, app, blog);
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        expect(await tooWide(page), state).toEqual([]);
        if (LOOKED_AT.includes(state)) expect(await findings(page), state).toEqual([]);
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
  for (const state of LOOKED_AT) {
    const page = await browser.open(`/blogs/${blog.slug}/comments`, { reducedMotion: "reduce", ...STATES[state] });
    await page.getByText("My cellar in Mill Lane").waitFor();
    expect(await tooWide(page), state).toEqual([]);
    expect(await findings(page), state).toEqual([]);
    await page.context().close();
  }
});

/** What makes the page scroll sideways; a list that scrolls within itself may be wider than the window. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const sticksOut = (element: Element): boolean => {
      const { left, right } = element.getBoundingClientRect();
      return right > clientWidth + 0.5 || left < -0.5;
    };
    return [...document.querySelectorAll("body *")].filter(sticksOut).map((element) => element.outerHTML.slice(0, 200));
  });
}
