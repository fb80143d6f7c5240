import { expect } from "vitest";
import sharp from "sharp";
import type { BrowserContextOptions } from "playwright-core";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, published, SIZES } from "./composer-page.ts";

const app = useApp();
const browser = useBrowser(app);

const photo = (width = 1200, height = 800, background = "#27566b"): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
/** A picture that takes a while to send. */
const noise = (width = 2400, height = 1800): Promise<Buffer> =>
  sharp({
    create: { width, height, channels: 3, noise: { type: "gaussian", mean: 128, sigma: 60 }, background: "#888" },
  })
    .jpeg({ quality: 92 })
    .toBuffer();
const jpeg = (name: string, buffer: Buffer) => ({ name, mimeType: "image/jpeg", buffer });

const open = async (blog: BlogAnswer, options: BrowserContextOptions = LAPTOP) =>
  new PicturesPage((await ComposerPage.open(app, browser, await app.person("reporter"), blog, options)).page);

class PicturesPage extends ComposerPage {
  async choose(...files: ReturnType<typeof jpeg>[]): Promise<void> {
    await this.page.locator("[data-pictures=files]").setInputFiles(files);
  }

  picture(n: number) {
    return this.page.locator(".composer-form .picture").nth(n - 1);
  }

  /** Waits until it is with the newsroom. */
  async uploaded(n: number): Promise<void> {
    await this.picture(n).locator(".picture-status").waitFor({ state: "hidden" });
  }

  describe(n: number, words: string): Promise<void> {
    return this.picture(n).locator("[data-picture=alt]").fill(words);
  }
}

/** The post is with readers. */
async function out(blog: BlogAnswer, count = 1) {
  await expect.poll(async () => (await published(app, blog)).length, { timeout: 20_000 }).toBe(count);
  return published(app, blog);
}

for (const [size, options] of SIZES) {
  pageTest(`several pictures are chosen, described, ordered and published, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await open(blog, options);
    await composer.type("Three views");
    await composer.choose(jpeg("one.jpg", await photo()), jpeg("two.jpg", await photo(600, 900, "#a33")));
    await composer.describe(1, "The harbour");
    await composer.uploaded(1);
    await composer.uploaded(2);
    await composer.page.keyboard.press("Control+Shift+Enter");
    await composer.at("refusal").getByText("Picture 2, two.jpg, needs a description").waitFor();
    await composer.describe(2, "The wall");
    await composer.picture(1).getByLabel("Caption").fill("At noon");
    await composer.picture(1).getByLabel("Credit").fill("Ines Guest");
    await composer.picture(2).getByRole("button", { name: "Earlier" }).click();
    await composer.page.keyboard.press("Control+Shift+Enter");
    const [post] = await out(blog);
    expect(post!.media).toMatchObject([
      { alt: "The wall", caption: "", width: 600, height: 900 },
      { alt: "The harbour", caption: "At noon", credit: "Ines Guest", width: 1200, height: 800 },
    ]);
    await composer.picture(1).waitFor({ state: "detached" });
  });
}
