/// <reference lib="dom" />
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import type { Person, TestApp } from "./app.ts";
import type { useBrowser } from "./browser.ts";
import { openDesk } from "./desk-page.ts";
import { press, reach, reachPost, say } from "./keyboard.ts";

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};
export const LAPTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const SIZES = [
  ["390 px", PHONE],
  ["1280 px", LAPTOP],
] as const;

/** The composer on an open desk, as somebody at the keyboard finds it. */
export class ComposerPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(
    app: TestApp,
    tabs: ReturnType<typeof useBrowser>,
    person: Person,
    blog: BlogAnswer,
    options: BrowserContextOptions = LAPTOP,
  ): Promise<ComposerPage> {
    const composer = new ComposerPage(await openDesk(app, tabs, person, blog, options));
    await composer.ready();
    return composer;
  }

  /** Another tab of the same browser. */
  async another(): Promise<ComposerPage> {
    const page = await this.page.context().newPage();
    await page.goto(this.page.url());
    const composer = new ComposerPage(page);
    await composer.ready();
    return composer;
  }

  async ready(): Promise<void> {
    await this.page.locator(".composer-form:not([inert])").waitFor();
  }

  get text(): Locator {
    return this.page.locator(".composer-text");
  }

  at(name: string): Locator {
    return this.page.locator(`[data-composer=${name}]`);
  }

  button(name: string): Locator {
    return this.page.locator("#composer").getByRole("button", { name, exact: true });
  }

  async type(words: string): Promise<void> {
    await reach(this.text);
    await say(this.page, words);
  }

  /** Opens a post from the list, with the list's keys. */
  async edit({ id }: { id: string }): Promise<void> {
    await this.page.keyboard.press("Escape");
    await reachPost(this.page.locator(`#post-${id}`));
    await this.page.keyboard.press("e");
    await this.page.waitForFunction(() => document.activeElement?.closest("#composer"));
  }

  /** Sends it in one of the ways behind the arrow. */
  async send(way: string): Promise<void> {
    await press(this.button("Other ways to send it"));
    await press(this.button(way));
  }

  /** Waits until what was typed last is on the device. */
  async kept(): Promise<void> {
    await this.page.locator("[data-composer=kept][data-kept=yes]").waitFor();
  }

  /** As a program's clipboard hands it over. */
  async paste(html: string, text = ""): Promise<void> {
    await this.text.evaluate(
      (element, [html, text]) => {
        const data = new DataTransfer();
        if (html) data.setData("text/html", html);
        data.setData("text/plain", text);
        (element as HTMLElement).focus();
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      },
      [html, text] as const,
    );
  }

  html(): Promise<string> {
    return this.text.evaluate((element) =>
      element.innerHTML.replace(/ class="[^"]*"| data-placeholder="[^"]*"|<br class="ProseMirror[^>]*>/g, ""),
    );
  }
}

/** What is published in the blog, oldest first. */
export async function published(app: TestApp, blog: BlogAnswer): Promise<PostAnswer[]> {
  const { body } = await app.request().get(`/api/blogs/${blog.slug}/posts?limit=100`).expect(200);
  return (body.posts as PostAnswer[]).toReversed();
}
