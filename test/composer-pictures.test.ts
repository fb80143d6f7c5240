/// <reference lib="dom" />
import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { BrowserContextOptions, Route } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { PASSWORD, useApp, type Person } from "./app.ts";
import { findings, findingsInBoth, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, published, SIZES } from "./composer-page.ts";
import { press, reach, write } from "./keyboard.ts";

const app = useApp();
const browser = useBrowser(app);
let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "dateline-pictures-"));
  await writeFile(join(directory, "poster.jpg"), "");
  await truncate(join(directory, "poster.jpg"), 21 * 1024 * 1024);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const photo = async (name: string, width = 600, height = 400, background = "#27566b"): Promise<File> => ({
  name,
  mimeType: "image/jpeg",
  buffer: await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer(),
});

/** The composer, as somebody with pictures finds it. */
class PicturesPage extends ComposerPage {
  static async at(blog: BlogAnswer, person: Person, options: BrowserContextOptions = LAPTOP): Promise<PicturesPage> {
    return new PicturesPage((await ComposerPage.open(app, browser, person, blog, options)).page);
  }

  choose(...files: File[]): Promise<void> {
    return this.page.locator("[data-pictures=files]").setInputFiles(files);
  }

  picture(n: number) {
    return this.page.locator(".composer-form .picture").nth(n - 1);
  }

  /** Waits until it is with the newsroom. */
  async uploaded(n: number): Promise<void> {
    await this.picture(n).locator("img").waitFor();
    await this.picture(n).locator(".picture-status").waitFor({ state: "hidden" });
  }

  describe(n: number, words: string): Promise<void> {
    return write(this.picture(n).locator("[data-picture=alt]"), words);
  }

  now(): Promise<void> {
    return this.page.keyboard.press("Control+Shift+Enter");
  }

  /** Lets uploads begin, and not end before `go` is called. */
  async holdUploads(): Promise<{ go: () => void }> {
    const held = Promise.withResolvers<void>();
    await this.page.route("**/api/media", async (route) => {
      if (route.request().method() === "POST") await held.promise;
      await route.continue().catch(() => {});
    });
    return { go: held.resolve };
  }
}

/** The post is with readers. */
async function out(blog: BlogAnswer, count = 1) {
  await expect.poll(async () => (await published(app, blog)).length, { timeout: 30_000 }).toBe(count);
  return published(app, blog);
}

/** Ids of the pictures that somebody has uploaded. */
async function kept({ id }: Person): Promise<string[]> {
  const rows = await app.app.context.db.selectFrom("media").select("id").where("created_by", "=", id).execute();
  return rows.map((row) => row.id);
}

const files = () => readdir(app.app.context.config.mediaDir).catch(() => [] as string[]);

for (const [size, options] of SIZES) {
  pageTest(`several pictures are chosen, described, ordered and published, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await PicturesPage.at(blog, await app.person("reporter"), options);
    await composer.type("Three views");
    await composer.choose(await photo("one.jpg"), await photo("two.jpg", 400, 600, "#a33"));
    await composer.describe(1, "The harbour");
    await composer.uploaded(1);
    await composer.uploaded(2);
    await composer.now();
    await composer.at("refusal").getByText("Picture 2, two.jpg, needs a description").waitFor();
    const alt = composer.picture(2).locator("[data-picture=alt]");
    expect(await alt.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await alt.getAttribute("aria-invalid")).toBe("true");
    await composer.describe(2, "The wall");
    await write(composer.picture(1).getByLabel("Caption"), "At noon");
    await write(composer.picture(1).getByLabel("Credit"), "Ines Guest");
    await press(composer.picture(2).getByRole("button", { name: "Earlier" }));
    await composer.now();
    const [post] = await out(blog);
    expect(post!.media).toMatchObject([
      { alt: "The wall", caption: "", width: 400, height: 600 },
      { alt: "The harbour", caption: "At noon", credit: "Ines Guest", width: 600, height: 400 },
    ]);
    await composer.picture(1).waitFor({ state: "detached" });
  });

  pageTest(`a picture is added, pointed at, described and published by the keyboard alone, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await PicturesPage.at(blog, await app.person("reporter"), options);
    const { page } = composer;
    const { keyboard } = page;
    const chooser = page.waitForEvent("filechooser");
    await keyboard.press("n");
    await composer.text.and(page.locator(":focus")).waitFor();
    await keyboard.type("/image ");
    await (await chooser).setFiles([await photo("harbour.jpg")]);
    const focus = composer.picture(1).locator(".picture-focus");
    await reach(focus);
    for (const key of ["ArrowRight", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"]) await keyboard.press(key);
    expect(await focus.getAttribute("aria-label")).toBe(
      "Focal point of picture 1: 54 % from the left, 40 % from the top. Arrow keys move it.",
    );
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.type("Boats in the harbour");
    await keyboard.press("Enter");
    await composer.uploaded(1);
    await composer.now();
    const [post] = await out(blog);
    expect(post!.media).toMatchObject([{ alt: "Boats in the harbour", focalPoint: { x: 0.54, y: 0.4 } }]);
  });

  pageTest(`pictures are pasted and dropped, and seen where they can be dropped, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await PicturesPage.at(blog, await app.person("reporter"), options);
    const { page } = composer;
    const bytes = (await photo("x.jpg")).buffer.toString("base64");
    await composer.text.evaluate((element, bytes) => {
      const data = new DataTransfer();
      const file = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
      data.items.add(new File([file], "image.png", { type: "image/png" }));
      // As a browser copies a picture of a page.
      data.setData("text/html", "<img src='https://elsewhere.example/a.png'>");
      (element as HTMLElement).focus();
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, bytes);
    await composer.picture(1).waitFor();
    const drag = (type: string, target: string) =>
      page.evaluate(
        ([type, target, bytes]) => {
          const data = new DataTransfer();
          const file = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
          data.items.add(new File([file], "dropped.jpg", { type: "image/jpeg" }));
          data.items.add(new File(["words"], "notes.txt", { type: "text/plain" }));
          const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
          return document.querySelector(target)!.dispatchEvent(event);
        },
        [type, target, bytes] as const,
      );
    const zone = page.locator("[data-pictures=drop]");
    await drag("dragenter", "#posts-title");
    await zone.waitFor();
    await drag("dragleave", "#posts-title");
    await zone.waitFor({ state: "hidden" });
    await drag("dragenter", ".composer-text");
    // The page is not left for the file.
    expect(await drag("drop", "#posts-title")).toBe(false);
    await zone.waitFor({ state: "hidden" });
    await composer.picture(2).getByText("dropped.jpg").waitFor();
    await composer.page.getByText("notes.txt: not a picture.").waitFor();
    await composer.uploaded(1);
    await composer.uploaded(2);
    expect(await composer.text.textContent()).toBe("");
  });

  pageTest(`what is not a picture, or too large, is said in words, and the text stays, at ${size}`, async () => {
    const blog = await app.blog();
    const reporter = await app.newPerson({ role: "reporter" });
    const composer = await PicturesPage.at(blog, reporter, options);
    await composer.type("All the same");
    await composer.choose(
      { name: "zip.jpg", mimeType: "image/jpeg", buffer: Buffer.from("PK\u0003\u0004 and so on") },
      { name: "bomb.png", mimeType: "image/png", buffer: pngHeader(60_000, 60_000) },
      { name: "empty.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(0) },
    );
    await composer.page.locator("[data-pictures=files]").setInputFiles(join(directory, "poster.jpg"));
    await composer.picture(1).getByText("This is not a picture that can be read").waitFor();
    await composer.picture(2).getByText("Too many pixels: a picture can have up to 64 million.").waitFor();
    await composer.picture(3).getByText("The file is empty.").waitFor();
    await composer.picture(4).getByText("Too large: 21 MB. A picture can have up to 20 MB.").waitFor();
    expect(await findings(composer.page)).toEqual([]);
    await composer.now();
    await composer.at("refusal").getByText("Picture 1, zip.jpg, could not be uploaded.").waitFor();
    for (let left = 4; left > 0; left--) await press(composer.picture(1).getByRole("button", { name: "Remove" }));
    await composer.now();
    const [post] = await out(blog);
    expect(post).toMatchObject({ body: "<p>All the same</p>", media: [] });
    expect(await kept(reporter)).toEqual([]);
  });

  pageTest(`publishing waits visibly for an upload, and writing does not, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await PicturesPage.at(blog, await app.person("reporter"), options);
    const uploads = await composer.holdUploads();
    await composer.choose(await photo("slow.jpg"));
    await composer.describe(1, "Slow");
    await composer.type("While it is sent");
    await composer.now();
    await composer.at("notice").getByText("A picture is still being uploaded.").waitFor();
    expect(await findings(composer.page)).toEqual([]);
    await composer.type(", more");
    uploads.go();
    await composer.at("notice").getByText("You went on writing: send it when it is ready.").waitFor();
    expect(await published(app, blog)).toEqual([]);
    await composer.now();
    const [post] = await out(blog);
    expect(post).toMatchObject({ body: "<p>While it is sent, more</p>", media: [{ alt: "Slow" }] });
  });

  pageTest(`axe finds nothing in pictures in any state, in light and dark, at ${size}`, async () => {
    const blog = await app.blog();
    const reporter = await app.newPerson({ role: "reporter" });
    const composer = await PicturesPage.at(blog, reporter, options);
    await composer.choose(await photo("one.jpg"));
    await composer.uploaded(1);
    await composer
      .picture(1)
      .locator(".picture-focus")
      .click({ position: { x: 20, y: 20 } });
    const uploads = await composer.holdUploads();
    await composer.choose(await photo("two.jpg"));
    await composer.picture(2).getByRole("progressbar").waitFor();
    await press(composer.button("Link card"));
    expect(await findingsInBoth(composer.page)).toEqual([]);
    await press(composer.button("Cancel").last());
    await press(composer.picture(1).getByRole("button", { name: "Remove" }));
    expect(await findingsInBoth(composer.page)).toEqual([]);
    await press(composer.button("Recent"));
    await composer.page.locator(".recent-picture").first().waitFor();
    expect(await findingsInBoth(composer.page)).toEqual([]);
    uploads.go();
  });
}

pageTest("a post that waits for its picture goes out by itself once it is there", async () => {
  const blog = await app.blog();
  const composer = await PicturesPage.at(blog, await app.person("reporter"));
  const uploads = await composer.holdUploads();
  await composer.type("As soon as it can");
  await composer.choose(await photo("slow.jpg"));
  await composer.describe(1, "Slow");
  await composer.now();
  await composer.at("notice").getByText("A picture is still being uploaded.").waitFor();
  uploads.go();
  const [post] = await out(blog);
  expect(post).toMatchObject({ body: "<p>As soon as it can</p>", media: [{ alt: "Slow" }] });
});

pageTest("an upload that is cancelled leaves nothing", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  const before = await files();
  const uploads = await composer.holdUploads();
  await composer.choose(await photo("regret.jpg"));
  await composer.picture(1).getByRole("progressbar").waitFor();
  await press(composer.picture(1).getByRole("button", { name: "Cancel" }));
  await composer.picture(1).waitFor({ state: "detached" });
  uploads.go();
  await composer.page.reload();
  await composer.ready();
  expect(await composer.picture(1).count()).toBe(0);
  expect(await kept(reporter)).toEqual([]);
  expect(await files()).toEqual(before);
  expect(await composer.page.evaluate(storedUploads)).toBe(0);
});

pageTest("an upload whose answer was lost is tried again and makes one picture", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  let cut = 1;
  const keys = new Set<string | undefined>();
  await composer.page.route("**/api/media", async (route: Route) => {
    keys.add(route.request().headers()["idempotency-key"]);
    if (cut-- <= 0) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await composer.choose(await photo("once.jpg"));
  await composer.picture(1).getByText("The newsroom does not answer. It is tried again.").waitFor();
  await composer.uploaded(1);
  expect(await kept(reporter)).toHaveLength(1);
  expect(keys.size).toBe(1);
});

pageTest("a server that is busy is asked again when it said", async () => {
  const blog = await app.blog();
  const composer = await PicturesPage.at(blog, await app.person("reporter"));
  const answers = [
    { status: 503, headers: { "Retry-After": "1" }, body: "" },
    { status: 502, headers: { "Retry-After": "0" }, body: "<h1>Bad gateway</h1>" },
  ];
  await composer.page.route("**/api/media", (route) => {
    const answer = answers.shift();
    return answer ? route.fulfill(answer) : route.continue();
  });
  await composer.choose(await photo("patient.jpg"));
  await composer.uploaded(1);
  expect(answers).toEqual([]);
});

pageTest("a server that is restarted while a picture is uploaded gets it all the same, once", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  const port = Number(new URL(app.url).port);
  await composer.type("Through it all");
  const asked = composer.page.waitForRequest((request) => request.url().endsWith("/api/media"));
  await composer.choose(await photo("restart.jpg", 1600, 1200));
  await composer.describe(1, "Restarted");
  await asked;
  await app.app.stop();
  app.apps.shift();
  await app.start({ port });
  await composer.uploaded(1);
  expect(await kept(reporter)).toHaveLength(1);
  const [id] = await kept(reporter);
  const names = await files();
  expect(names.filter((name) => name.includes(id!)).length).toBeGreaterThan(0);
  await composer.now();
  expect((await out(blog))[0]).toMatchObject({ body: "<p>Through it all</p>", media: [{ alt: "Restarted" }] });
});

pageTest("pictures chosen without a connection go out by themselves when there is one again", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  const { page } = composer;
  await page.context().setOffline(true);
  await composer.choose(await photo("one.jpg"), await photo("two.jpg"));
  await composer.picture(1).getByText("No connection. It goes on by itself.").waitFor();
  await composer.describe(1, "One");
  await composer.describe(2, "Two");
  await composer.type("Offline");
  await composer.now();
  await composer.at("notice").getByText("2 pictures are still being uploaded.").waitFor();
  await page.context().setOffline(false);
  const [post] = await out(blog);
  expect(post!.media).toMatchObject([{ alt: "One" }, { alt: "Two" }]);
  expect(await kept(reporter)).toHaveLength(2);
});

pageTest("a page that crashed while a picture was uploaded goes on where it was", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  await composer.holdUploads();
  await composer.type("Words and a picture");
  await composer.choose(await photo("crash.jpg"));
  await composer.describe(1, "What it shows");
  await composer.picture(1).getByRole("progressbar").waitFor();
  await composer.kept();
  await expect.poll(() => composer.page.evaluate(storedUploads)).toBe(1);
  void composer.page.goto("chrome://crash").catch(() => {});
  await composer.page.waitForEvent("crash");

  const again = new PicturesPage(await composer.page.context().newPage());
  await again.page.goto(`/desk/blogs/${blog.slug}`);
  await again.ready();
  await again.uploaded(1);
  expect(await again.picture(1).locator("[data-picture=alt]").inputValue()).toBe("What it shows");
  expect(await kept(reporter)).toHaveLength(1);
  await again.page.reload();
  await again.ready();
  await again.uploaded(1);
  await reach(again.text);
  await again.now();
  expect((await out(blog))[0]).toMatchObject({ media: [{ alt: "What it shows" }] });
});

pageTest("a session that ended is begun again in place, and the picture goes on", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  await app.app.context.db.deleteFrom("sessions").where("user_id", "=", reporter.id).execute();
  await composer.choose(await photo("late.jpg"));
  const dialog = composer.at("sign-in");
  await write(dialog.getByLabel("E-mail"), reporter.email);
  await write(dialog.getByLabel("Password"), PASSWORD);
  await app.app.context.db.deleteFrom("rate_limits").execute();
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await composer.uploaded(1);
  expect(await kept(reporter)).toHaveLength(1);
});

pageTest("a post's pictures are changed, removed, had back, and seen in the preview", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  const composer = await PicturesPage.at(blog, reporter);
  const { page } = composer;
  await composer.choose(await photo("one.jpg"), await photo("two.jpg", 400, 600));
  await composer.describe(1, "One");
  await composer.describe(2, "Two");
  await composer.uploaded(1);
  await composer.uploaded(2);
  await press(composer.button("Preview"));
  await composer.at("preview").locator("img[alt=Two]").waitFor();
  await press(composer.button("Preview"));
  await composer.now();
  const [post] = await out(blog);

  await composer.edit(post!);
  expect(await composer.picture(2).locator("[data-picture=alt]").inputValue()).toBe("Two");
  await press(composer.picture(1).getByRole("button", { name: "Remove" }));
  await page.getByText("Removed: Picture 1.").waitFor();
  await press(page.getByRole("button", { name: "Undo" }));
  expect(await composer.picture(1).locator("[data-picture=alt]").inputValue()).toBe("One");
  await press(composer.picture(2).getByRole("button", { name: "Remove" }));
  await composer.describe(1, "One, again");
  await press(composer.button("Save changes"));
  await composer.at("sent").getByText("Changed").waitFor();
  const [changed] = await published(app, blog);
  expect(changed!.media).toMatchObject([{ id: post!.media[0]!.id, alt: "One, again" }]);
  expect(changed!.media).toHaveLength(1);
});

pageTest("what was published is called back with its pictures", async () => {
  const blog = await app.blog();
  const composer = await PicturesPage.at(blog, await app.person("reporter"));
  await composer.type("Too early");
  await composer.choose(await photo("one.jpg"));
  await composer.describe(1, "One");
  await composer.uploaded(1);
  await composer.page.keyboard.press("Control+Enter");
  await press(composer.at("sent").getByRole("button", { name: "Undo" }));
  await composer.text.getByText("Too early").waitFor();
  expect(await composer.picture(1).locator("[data-picture=alt]").inputValue()).toBe("One");
  await composer.now();
  expect((await out(blog))[0]).toMatchObject({ body: "<p>Too early</p>", media: [{ alt: "One" }] });
});

pageTest("one's own recent pictures are used once more, with their words", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await PicturesPage.at(blog, reporter);
  await composer.choose(await photo("one.jpg"));
  await composer.uploaded(1);
  const [id] = await kept(reporter);
  await app.as(reporter).patch(`/api/media/${id}`, 1).send({ alt: "The pier", credit: "Ines Guest" }).expect(200);
  await press(composer.button("Recent"));
  const recent = composer.page.getByRole("dialog", { name: "Your recent pictures" });
  expect(await recent.getByRole("button", { name: "The pier, already in this post" }).isDisabled()).toBe(true);
  await press(recent.getByRole("button", { name: "Close" }));
  await press(composer.picture(1).getByRole("button", { name: "Remove" }));
  await press(composer.button("Recent"));
  await press(recent.getByRole("button", { name: "The pier" }));
  await composer.now();
  expect((await out(blog))[0]!.media).toMatchObject([{ id, alt: "The pier", credit: "Ines Guest" }]);
});

/** In the page: how many files the device keeps. */
function storedUploads(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("dateline-desk");
    opening.addEventListener("error", () => reject(opening.error!));
    opening.addEventListener("success", () => {
      const count = opening.result.transaction("uploads").objectStore("uploads").count();
      count.addEventListener("success", () => {
        opening.result.close();
        resolve(count.result);
      });
    });
  });
}

/** A PNG that claims to be so large; nothing of it needs to be true. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.alloc(8)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
