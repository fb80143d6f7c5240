import type { BrowserContextOptions } from "playwright-core";
import { afterAll, beforeEach, expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, published, SIZES } from "./composer-page.ts";
import { press, reach } from "./keyboard.ts";
import { bytesOf, openGraph, openSite, pageOf, pictureWithSecret } from "./site.ts";

const site = await openSite();
const app = useApp({ embedAllowHosts: [site.socket] });
const browser = useBrowser(app);
afterAll(() => site.close());
beforeEach(() => void site.asked.splice(0));

const VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ";

/** The composer, as somebody with a link finds it. */
class LinksPage extends ComposerPage {
  static async at(blog: BlogAnswer, options: BrowserContextOptions = LAPTOP): Promise<LinksPage> {
    return new LinksPage((await ComposerPage.open(app, browser, await app.person("reporter"), blog, options)).page);
  }

  link(n: number) {
    return this.page.locator(".composer-form .link-piece").nth(n - 1);
  }

  async add(address: string): Promise<void> {
    await press(this.button("Link card"));
    await this.page.keyboard.type(address);
    await this.page.keyboard.press("Enter");
  }

  now(): Promise<void> {
    return this.page.keyboard.press("Control+Shift+Enter");
  }
}

/** A page of somebody else's that says of itself what it is. */
async function story(path: string, title: string): Promise<string> {
  const facts = { title, description: "Nobody sails", site_name: "Harbour News", image: `${path}.jpg` };
  site.pages[path] = pageOf(openGraph(facts));
  site.pages[`${path}.jpg`] = bytesOf(await pictureWithSecret("Jane Source"), "image/jpeg");
  return site.url + path;
}

async function out(blog: BlogAnswer, count = 1) {
  await expect.poll(async () => (await published(app, blog)).length, { timeout: 30_000 }).toBe(count);
  return published(app, blog);
}

for (const [size, options] of SIZES) {
  pageTest(`an address pasted on its own becomes a card, and is published and previewed, at ${size}`, async () => {
    const blog = await app.blog();
    const url = await story(`/pasted-${options.viewport!.width}`, "Storm at sea");
    const composer = await LinksPage.at(blog, options);
    await composer.paste("", url);
    await composer.link(1).getByText("Storm at sea").waitFor();
    await composer.link(1).getByText("Harbour News").waitFor();
    await composer.link(1).getByText("Shown as a card.").waitFor();
    await composer.link(1).locator("img").waitFor();
    expect(await composer.text.textContent()).toBe("");
    expect(await findings(composer.page)).toEqual([]);
    await press(composer.button("Preview"));
    await composer.at("preview").locator(".embed-title").getByText("Storm at sea").waitFor();
    await composer.now();
    const [post] = await out(blog);
    expect(post!.embeds).toMatchObject([{ url, kind: "card", title: "Storm at sea" }]);
    await composer.link(1).waitFor({ state: "detached" });
  });

  pageTest(`links are added, ordered, removed and had back by the keyboard alone, at ${size}`, async () => {
    const blog = await app.blog();
    const first = await story(`/ordered-${options.viewport!.width}`, "Ferries stop");
    const composer = await LinksPage.at(blog, options);
    const { page } = composer;
    const { keyboard } = page;
    const open = composer.button("Link card");
    await press(open);
    await keyboard.type("not an address");
    await keyboard.press("Enter");
    await page.getByText("That is not the address of a page.").waitFor();
    await keyboard.press("Control+a");
    await keyboard.type(first);
    await keyboard.press("Enter");
    await composer.link(1).getByText("Ferries stop").waitFor();
    await keyboard.press("Enter");
    await keyboard.type(VIDEO);
    await keyboard.press("Enter");
    await composer.link(2).getByText("Shown as a player, which is loaded when a reader asks for it.").waitFor();

    await press(composer.link(2).getByRole("button", { name: "Earlier" }));
    await composer.link(2).getByText("Ferries stop").waitFor();
    await press(composer.link(2).getByRole("button", { name: "Remove" }));
    await page.getByText("Removed: Ferries stop.").waitFor();
    expect(await composer.link(2).count()).toBe(0);
    // The way back has the focus.
    await keyboard.press("Enter");
    await composer.link(2).getByText("Ferries stop").waitFor();
    await composer.now();
    const [post] = await out(blog);
    expect(post!.embeds).toMatchObject([{ kind: "player", provider: "youtube" }, { url: first }]);
  });
}

pageTest("an address in the middle of a sentence stays a link in the text", async () => {
  const blog = await app.blog();
  const composer = await LinksPage.at(blog);
  await composer.type("As told by ");
  await composer.paste("", "https://harbour.example/told");
  expect(await composer.link(1).count()).toBe(0);
  expect(await composer.html()).toContain('href="https://harbour.example/told"');
});

pageTest("a page that is away is a plain link, and publishing does not wait for it", async () => {
  const blog = await app.blog();
  const composer = await LinksPage.at(blog);
  const held = Promise.withResolvers<void>();
  site.pages["/slow"] = (_request, response) => void held.promise.then(() => response.writeHead(500).end());
  await composer.add(`${site.url}/slow`);
  await composer.link(1).getByText("Shown as a plain link; asking").waitFor();
  await composer.type("Not held up");
  await composer.now();
  expect(await composer.text.textContent()).toBe("");
  held.resolve();
  const [post] = await out(blog);
  expect(post).toMatchObject({ body: "<p>Not held up</p>", embeds: [{ kind: "link", url: `${site.url}/slow` }] });
});

pageTest("an address that readers cannot reach is refused with the reason, and the post stays", async () => {
  const blog = await app.blog();
  const composer = await LinksPage.at(blog);
  await composer.type("Look here");
  await composer.add("http://10.0.0.1/router");
  await composer.link(1).getByText("A link card leads to an address that readers could not reach.").waitFor();
  await composer.now();
  await composer.at("refusal").getByText("Link card 1 cannot be shown.").waitFor();
  expect(await findings(composer.page)).toEqual([]);
  await press(composer.link(1).getByRole("button", { name: "Remove" }));
  await composer.now();
  expect((await out(blog))[0]).toMatchObject({ body: "<p>Look here</p>", embeds: [] });
});

pageTest("a link added without a connection goes out with its post, as the card that it has become", async () => {
  const blog = await app.blog();
  const url = await story("/offline", "Seen later");
  const composer = await LinksPage.at(blog);
  const { page } = composer;
  await page.context().setOffline(true);
  await composer.type("From the cellar");
  await composer.add(url);
  await composer.link(1).getByText("Shown as a plain link unless more is known by the time it goes out.").waitFor();
  await composer.now();
  await composer.at("outbox").getByText("Waiting for a connection: 1 post").waitFor();
  await page.context().setOffline(false);
  const [post] = await out(blog);
  expect(post).toMatchObject({ body: "<p>From the cellar</p>", embeds: [{ url, title: "Seen later" }] });
});

pageTest("an address that turns out to be refused on its way out brings the post back with the reason", async () => {
  const blog = await app.blog();
  const composer = await LinksPage.at(blog);
  const { page } = composer;
  await page.context().setOffline(true);
  await composer.type("From the cellar");
  await composer.add("http://10.0.0.1/router");
  await composer.now();
  await composer.at("outbox").getByText("Waiting for a connection: 1 post").waitFor();
  await page.context().setOffline(false);
  await composer.at("refusal").getByText("A link card leads to an address that readers could not reach.").waitFor();
  expect(await composer.text.textContent()).toBe("From the cellar");
  await composer.link(1).waitFor();
  expect(await published(app, blog)).toEqual([]);
});

pageTest("links are there again after a reload, an edit, and a post that was called back", async () => {
  const blog = await app.blog();
  const url = await story("/again", "Still here");
  const composer = await LinksPage.at(blog);
  const { page } = composer;
  await composer.add(url);
  await composer.link(1).getByText("Still here").waitFor();
  await composer.kept();
  await page.reload();
  await composer.ready();
  await composer.link(1).getByText("Still here").waitFor();
  await reach(composer.text);
  await page.keyboard.press("Control+Enter");
  await press(composer.at("sent").getByRole("button", { name: "Undo" }));
  await composer.link(1).getByText("Still here").waitFor();
  await composer.now();
  const [post] = await out(blog);
  expect(post!.embeds).toMatchObject([{ url }]);

  await page
    .locator(".desk")
    .evaluate((desk, id) => desk.dispatchEvent(new CustomEvent("dateline:edit-post", { detail: { id } })), post!.id);
  await composer.link(1).getByText("Still here").waitFor();
  await composer.add(VIDEO);
  await composer.link(2).getByText("Shown as a player").waitFor();
  await press(composer.link(1).getByRole("button", { name: "Remove" }));
  await press(composer.button("Save changes"));
  await composer.at("sent").getByText("Changed").waitFor();
  expect((await published(app, blog))[0]!.embeds).toMatchObject([{ provider: "youtube" }]);
});

pageTest("the same link twice is one card", async () => {
  const blog = await app.blog();
  const url = await story("/twice", "Once is enough");
  const composer = await LinksPage.at(blog);
  await composer.add(url);
  await composer.link(1).getByText("Once is enough").waitFor();
  await composer.add(`${url}?utm_source=mail`);
  await composer.page.getByText("That link is already here.").waitFor();
  expect(await composer.link(2).count()).toBe(0);
});
