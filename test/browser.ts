/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import type { TestApp } from "./app.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

/** Tests of open pages; skipped where there is no browser. */
export const pageTest = (name: string, work: () => Promise<void>, timeout = 60_000): void =>
  test.skipIf(!hasChromium())(`${name} (requires chromium)`, work, timeout);

/** A browser for one test file. Whatever a test opened is closed after it, and no page may have thrown. */
export function useBrowser(app: TestApp) {
  let browser: Browser;
  const errors: Error[] = [];
  beforeAll(async () => {
    if (hasChromium()) browser = await launchChromium();
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) {
      // A page may be asking at this moment; nobody waits for what a test would have answered it.
      for (const routed of [context, ...context.pages()])
        await routed.unrouteAll({ behavior: "ignoreErrors" }).catch(ifCrashed);
      await context.close();
    }
    expect(errors.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());

  return {
    /** A tab of its own. @param prepare for what has to happen before the page is loaded */
    async open(
      path: string,
      options: BrowserContextOptions = {},
      prepare: (page: Page) => Promise<unknown> = async () => {},
    ): Promise<Page> {
      const context = await browser.newContext({
        baseURL: app.url,
        viewport: { width: 1280, height: 800 },
        // What a worker fetches, no test of something else could see or stop.
        serviceWorkers: "block",
        ...options,
      });
      context.setDefaultTimeout(20_000);
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(error));
      const { goto, reload } = page;
      if (options.javaScriptEnabled !== false) {
        page.goto = (...where) => begun(page, () => goto.apply(page, where));
        page.reload = (...how) => begun(page, () => reload.apply(page, how));
      }
      await prepare(page);
      await page.goto(path);
      return page;
    },
  };
}

/** A blog's page loads its script once its words are on the screen: waits until it has, and until that has begun to work. */
async function begun<Answer>(page: Page, load: () => Promise<Answer>): Promise<Answer> {
  const asked = new Set<string>();
  const note = (request: Request): void => void asked.add(request.url());
  page.on("request", note);
  const answer = await load();
  const scripts = page.locator("script[data-load]");
  for (const named of await scripts.evaluateAll((all) => all.map((script) => (script as HTMLElement).dataset.load!))) {
    const paths = named.split(" ");
    for (const path of paths)
      await expect.poll(() => [...asked], { timeout: 20_000 }).toContain(new URL(path, page.url()).href);
    // The page has asked for it: this asks nobody, and resolves once it has run.
    await page.evaluate((paths) => Promise.all(paths.map((path) => import(path))).catch(() => {}), paths);
  }
  page.off("request", note);
  return answer;
}

/** A page that crashed asks nothing any more. */
function ifCrashed(error: Error): void {
  if (!error.message.includes("Target crashed")) throw error;
}

type Mark = "pin" | "key-event" | "summary";

/** Publishes, edits and so on as an editor. */
export function newsroom(app: TestApp, blog: BlogAnswer) {
  const path = (post: PostAnswer): string => `/api/blogs/${blog.slug}/posts/${post.id}`;
  const editor = async () => app.as(await app.person("editor"));
  const version = async (post: PostAnswer): Promise<number> => (await (await editor()).get(path(post))).body.version;
  return {
    edit: async (post: PostAnswer, fields: object) =>
      (await editor())
        .patch(path(post), await version(post))
        .send(fields)
        .expect(200),
    remove: async (post: PostAnswer) =>
      (await editor())
        .delete(path(post), await version(post))
        .send({ reason: "Wrong" })
        .expect(200),
    mark: async (post: PostAnswer, mark: Mark) => (await editor()).put(`${path(post)}/${mark}`).expect(200),
    unmark: async (post: PostAnswer, mark: Mark) => (await editor()).delete(`${path(post)}/${mark}`).expect(200),
    close: async () => (await editor()).put(`/api/blogs/${blog.slug}/closure`).expect(200),
    reopen: async () => (await editor()).delete(`/api/blogs/${blog.slug}/closure`).expect(200),
    rename: async (fields: object) => {
      const { headers } = await app.request().get(`/api/blogs/${blog.slug}`);
      const revision = Number(headers.etag!.replaceAll('"', ""));
      await (await editor()).patch(`/api/blogs/${blog.slug}`, revision).send(fields).expect(200);
    },
  };
}

/** Waits until the page has applied everything that happened to the blog. */
export async function current(page: Page, app: TestApp, blog: BlogAnswer): Promise<void> {
  const { version, epoch } = await app.now(blog);
  await page.waitForFunction(
    ([version, epoch]) => {
      const { dataset } = document.getElementById("posts")!;
      return dataset.version === version && dataset.epoch === epoch;
    },
    [String(version), epoch] as const,
  );
}

/** What the server said, as it stands in the page: everything that changes, without the one attribute the script adds. */
export function storyOn(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("#blog-header, #pinned, #key-events, #last-updated, .posts article")].map((part) => {
      const copy = part.cloneNode(true) as Element;
      copy.querySelectorAll("[data-ago]").forEach((time) => time.removeAttribute("data-ago"));
      return copy.outerHTML;
    }),
  );
}

/** Makes the tab believe that another one is in front of it, or that it is in front again. */
export function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** What axe finds in the light, and of colours in the dark as well; nothing else can differ between them. */
export async function findingsInBoth(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light" });
  const found = await findings(page);
  await page.emulateMedia({ colorScheme: "dark" });
  return [...found, ...(await findings(page, ["color-contrast", "link-in-text-block"]))];
}

/** What axe finds, as one line for each. @param rules all of them when none is named */
export async function findings(page: Page, rules: string[] = []): Promise<string[]> {
  // What the browser leaves out of sight has no place yet, and axe would take it to lie over something else.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { content-visibility: visible !important }");
    document.adoptedStyleSheets.push(sheet);
  });
  // Otherwise axe opens a second page each time, for frames of other sites, which ours have none of.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await (rules.length ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}
