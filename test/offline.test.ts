import type { Page } from "playwright-core";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

/** An open story that the browser keeps from now on. */
async function openStory(blog: BlogAnswer): Promise<Page> {
  const page = await browser.open(`/blogs/${blog.slug}`, { serviceWorkers: "allow" });
  await expect.poll(() => keptStory(page, blog)).toContain("<html");
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  return page;
}

/** The page as it is kept on the device; "" when it is not. */
const keptStory = (page: Page, { slug }: BlogAnswer): Promise<string> =>
  page.evaluate(async (path) => {
    const kept = await (await caches.open("dateline-pages-1")).match(path);
    return (await kept?.text()) ?? "";
  }, `/blogs/${slug}`);

pageTest("a story that was opened is there without a connection, as it was last, and says of when it is", async () => {
  const blog = await app.blog({ title: "The ferry" });
  await app.post(blog, { headline: "Before" });
  const page = await openStory(blog);
  await app.post(blog, { headline: "While it was open" });
  await page.getByRole("heading", { name: "While it was open" }).waitFor();
  const note = page.getByText("You are offline. This is how the page was at");
  expect(await note.isVisible()).toBe(false);

  // Going to another tab keeps it as it is at that moment.
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => keptStory(page, blog)).toContain("While it was open");
  await page.context().setOffline(true);
  await page.reload();
  await note.waitFor();
  expect(await note.innerText()).toMatch(/at \d\d:\d\d\.$/);
  for (const name of ["Before", "While it was open"]) await page.getByRole("heading", { name }).waitFor();
  expect(await page.evaluate(() => getComputedStyle(document.querySelector(".kept-note")!).fontWeight)).toBe("600");
  expect(await findings(page)).toEqual([]);

  await app.post(blog, { headline: "Meanwhile" });
  await page.context().setOffline(false);
  await page.getByRole("heading", { name: "Meanwhile" }).waitFor();
  await note.waitFor({ state: "hidden" });
  await page.reload();
  await page.getByRole("heading", { name: "Meanwhile" }).waitFor();
  expect(await note.isVisible()).toBe(false);
});

pageTest("what is kept of an open page is what a fresh load would show, however it is read", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  await desk.mark(await app.post(blog, { headline: "Pinned" }), "pin");
  const page = await browser.open(
    `/blogs/${blog.slug}`,
    { serviceWorkers: "allow", timezoneId: "Asia/Tokyo" },
    (page) => page.addInitScript(() => localStorage.setItem("dateline-reading", '{"zone":true}')),
  );
  await page
    .locator("#posts .clock", { hasText: /GMT\+9|JST/ })
    .first()
    .waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await app.post(blog, { headline: "New", keyEvent: true });
  const gone = await app.post(blog, { headline: "Gone" });
  await page.getByRole("heading", { name: "Gone" }).waitFor();
  await desk.remove(gone);
  const difference = () =>
    page.evaluate(async (path) => {
      const parts = (html: string): string[] => {
        const page = new DOMParser().parseFromString(html, "text/html");
        const elements = page.querySelectorAll("#blog-header, #pinned, #key-events, #last-updated, #posts > li");
        return [page.getElementById("posts")?.dataset.version ?? "", ...[...elements].map((part) => part.outerHTML)];
      };
      const kept = await (await caches.open("dateline-pages-1")).match(path);
      const is = parts((await kept?.text()) ?? "");
      const should = parts(await (await fetch(path, { cache: "reload" })).text());
      return is.length === should.length ? is.filter((part, n) => part !== should[n]) : [`${is.length} parts`];
    }, `/blogs/${blog.slug}`);
  await expect.poll(difference, { timeout: 20_000 }).toEqual([]);
  expect(await page.locator("#posts .clock").first().innerText()).toMatch(/GMT\+9|JST/);
});

pageTest(
  "what is taken down on an open page goes from what is kept at once, and never comes back from it",
  async () => {
    const blog = await app.blog();
    await app.post(blog, { headline: "Stays" });
    const wrong = await app.post(blog, { headline: "Wrong" });
    const page = await openStory(blog);
    expect(await keptStory(page, blog)).toContain("Wrong");
    await newsroom(app, blog).remove(wrong);
    await expect.poll(() => keptStory(page, blog)).not.toContain("Wrong");

    // Somewhere else meanwhile: the next look at the page, however short, replaces what is kept.
    const other = await app.post(blog, { headline: "Also wrong" });
    await page.reload();
    await expect.poll(() => keptStory(page, blog)).toContain("Also wrong");
    await page.goto("/");
    await newsroom(app, blog).remove(other);
    await page.goto(`/blogs/${blog.slug}`);
    await expect.poll(() => keptStory(page, blog)).not.toContain("Also wrong");
    expect(await keptStory(page, blog)).toContain("Stays");
  },
);

pageTest("without a connection the reader's own language says so, and how old what is kept is", async () => {
  const [blog, other] = [await app.blog({ title: "Die <Fähre>", language: "de" }), await app.blog({ title: "Later" })];
  const page = await browser.open(`/blogs/${blog.slug}`, { serviceWorkers: "allow", locale: "ar-EG" });
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.reload();
  for (const one of [blog, other]) {
    await page.goto(`/blogs/${one.slug}`);
    await expect.poll(() => keptStory(page, one)).toContain("<html");
  }
  await page.context().setOffline(true);
  await page.goto("/");
  await page.getByRole("heading", { name: "أنت غير متصل بالإنترنت" }).waitFor();
  expect(await page.locator("html").getAttribute("dir")).toBe("rtl");
  const kept = page.locator("#kept-stories li");
  expect(await kept.locator("a").allInnerTexts()).toEqual(["Later", "Die <Fähre>"]);
  expect(await kept.locator("small").first().innerText()).toMatch(/^آخر نسخة: [\d٠-٩]{2}:[\d٠-٩]{2}$/);
  expect(await kept.nth(1).locator("a").getAttribute("lang")).toBe("de");
  expect(await findings(page)).toEqual([]);
});

test("the page for offline is to be had in each of the six languages, and in the site's own otherwise", async () => {
  const german = await app.start({ language: "de", siteName: "Die Hafenpost" });
  for (const [lang, on, language, title] of [
    ["fr-CA,en", app.app, "fr", "Vous êtes hors ligne – Dateline"],
    ["pl,es,fr", app.app, "es", "No tiene conexión – Dateline"],
    ["uk", app.app, "uk", "Ви не в мережі – Dateline"],
    ["pl", app.app, "en", "You are offline – Dateline"],
    ["constructor", german, "de", "Sie sind offline – Die Hafenpost"],
    ["", german, "de", "Sie sind offline – Die Hafenpost"],
    ["en", german, "en", "You are offline – Die Hafenpost"],
  ] as const) {
    const { text } = await app.request(on).get("/offline").query({ lang }).expect(200);
    expect(text).toContain(`<html lang="${language}"`);
    expect(text).toContain(`<title>${title}</title>`);
  }
});

pageTest(
  "without a connection other pages say so and lead to the stories that are kept; one's own pages are no affair of it",
  async () => {
    const blog = await app.blog({ title: "The <ferry>" });
    await app.post(blog, { headline: "First" });
    await newsroom(app, blog).close();
    const page = await openStory(blog);
    for (const path of ["/", "/sign-in", "/account", "/desk", `/blogs/${blog.slug}/comments`]) await page.goto(path);
    await page.evaluate((slug) => fetch(`/api/blogs/${slug}`), blog.slug);
    const kept = await page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return all.flat().map(({ url }) => new URL(url).pathname);
    });
    const isFine = (path: string) =>
      /^\/(css|js|fonts|icons)\//.test(path) || ["/offline", `/blogs/${blog.slug}`].includes(path);
    expect(kept.filter((path) => !isFine(path))).toEqual([]);

    await page.context().setOffline(true);
    await page.goto("/");
    await page.getByRole("heading", { name: "You are offline" }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole("link", { name: "The <ferry>" }).click();
    await page.getByRole("heading", { name: "First" }).waitFor();
    await page.getByText("You are offline. This is how the page was at").waitFor();
    await expect(page.goto("/desk")).rejects.toThrow("ERR_INTERNET_DISCONNECTED");
  },
);

test("a program that can be installed: a manifest, icons as it says, and a worker that is always asked for anew", async () => {
  const { body, headers } = await app.request().get("/manifest.webmanifest").expect(200);
  expect(headers["content-type"]).toMatch(/^application\/manifest\+json/);
  const manifest = JSON.parse(body instanceof Buffer ? body.toString("utf8") : JSON.stringify(body));
  expect(manifest).toMatchObject({ name: "Dateline", start_url: "/", scope: "/", display: "standalone" });
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await app.request().get(src).expect(200).expect("Content-Type", type);
    const { format, width, height } = await sharp(icon.body).metadata();
    expect([format, `${width}x${height}`]).toEqual(["png", sizes]);
  }
  expect(manifest.icons.map(({ purpose, sizes }: { purpose: string; sizes: string }) => `${purpose} ${sizes}`)).toEqual(
    ["any 192x192", "any 512x512", "maskable 512x512"],
  );
  const worker = await app.request().get("/sw.js").expect(200);
  expect(worker.headers["cache-control"]).toBe("no-cache");
  expect(worker.headers["content-type"]).toMatch(/^text\/javascript/);
  const page = await app.request().get("/").expect(200);
  expect(page.text).toContain('<link rel="manifest" href="/manifest.webmanifest">');
  expect(page.headers["content-security-policy"]).toContain("manifest-src 'self'; worker-src 'self'");
});
