import { expect, test } from "vitest";
import { useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";

const app = useApp();
const browser = useBrowser(app);

test("what was changed in a post is told with its times, and never what was wrong", async () => {
  const blog = await app.blog();
  const desk = newsroom(app, blog);
  const post = await app.post(blog, { headline: "Forty hurt", verification: "unverified" });
  await desk.edit(post, { headline: "Four hurt", correction: { text: "It was four, and not more." } });
  await desk.edit(post, { verification: "verified", verificationNote: "The hospital confirms it." });
  await desk.edit(post, { body: "<p>All are at home again.</p>" });
  const { text } = await app.request().get(`/blogs/${blog.slug}/posts/${post.id}/changes`).expect(200);
  const told = [...text.matchAll(/<\/time>\n<p>(.*?)<\/p>/g)].map(([, words]) => words!.replace(/<[^>]*>/g, ""));
  expect(told).toEqual([
    "Edited",
    "Marked as “Verified” – The hospital confirms it.",
    "Corrected: It was four, and not more.",
    "Marked as “Unverified”",
    "Published",
  ]);
  expect(text).not.toContain("Forty");

  await desk.edit(post, { correction: { text: "It was five." }, verificationNote: null });
  const later = await app.request().get(`/blogs/${blog.slug}/posts/${post.id}/changes`).expect(200);
  expect(later.text).toContain("It was five.");
  expect(later.text).not.toContain("It was four");
  expect(later.text).not.toContain("The hospital");
  expect((await app.request().get(`/blogs/${blog.slug}`)).text).toContain(`/posts/${post.id}/changes`);
});

test("a post’s own pages are gone with it, and drafts have none", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Wrong" });
  const draft = await app.post(blog, { headline: "Not yet", status: "draft" });
  const other = await app.blog();
  for (const page of ["", "/changes", "/share"]) {
    await app.request().get(`/blogs/${blog.slug}/posts/${draft.id}${page}`).expect(404);
    await app.request().get(`/blogs/${other.slug}/posts/${post.id}${page}`).expect(404);
  }
  await newsroom(app, blog).remove(post);
  for (const page of ["", "/changes", "/share"]) {
    const { text } = await app.request().get(`/blogs/${blog.slug}/posts/${post.id}${page}`).expect(410);
    expect(text).not.toContain("Wrong");
  }
});

pageTest("without a script a post is shared by its address or a mail", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Ferry runs & sails" });
  const page = await browser.open(`/blogs/${blog.slug}`, { javaScriptEnabled: false });
  await page.getByRole("link", { name: "Share “Ferry runs & sails”" }).click();
  const address = `${app.app.context.publicUrl}/blogs/${blog.slug}/posts/${post.id}`;
  expect(await page.getByLabel("Its address, to be copied").inputValue()).toBe(address);
  expect(await page.getByRole("link", { name: "Send it by e-mail" }).getAttribute("href")).toBe(
    `mailto:?subject=Ferry%20runs%20%26%20sails&body=${encodeURIComponent(address)}`,
  );
  const seen = await browser.open(`/blogs/${blog.slug}/posts/${post.id}/share`);
  expect(await findings(seen)).toEqual([]);
  await seen.goto(`/blogs/${blog.slug}/posts/${post.id}/changes`);
  expect(await findings(seen)).toEqual([]);
});

pageTest("with a script its link is copied, and that is said aloud; a phone has its own sheet", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Ferry runs" });
  const page = await browser.open(`/blogs/${blog.slug}`, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.getByRole("link", { name: "Share “Ferry runs”" }).press("Enter");
  await page.locator("#announcements").getByText("Link copied").waitFor({ state: "attached" });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `${app.url}/blogs/${blog.slug}/posts/${post.id}`,
  );

  const shared: unknown[] = [];
  const phone = await browser.open(`/blogs/${blog.slug}`, { hasTouch: true, isMobile: true }, async (page) => {
    await page.exposeFunction("shared", (data: unknown) => void shared.push(data));
    await page.addInitScript(() => {
      const share = (data: unknown) => (window as unknown as { shared(data: unknown): Promise<void> }).shared(data);
      Object.assign(navigator, { canShare: () => true, share });
    });
  });
  await phone.getByRole("link", { name: "Share “Ferry runs”" }).tap();
  await expect
    .poll(() => shared)
    .toEqual([{ title: "Ferry runs", url: `${app.url}/blogs/${blog.slug}/posts/${post.id}` }]);
});

pageTest(
  "pictures of a post open large, turn by key, and give the focus back; without a script they are links",
  async () => {
    const blog = await app.blog();
    const media = [];
    for (const alt of ["The pier", "The quay", "The mole"])
      media.push({ id: await app.picture(600, 400), alt, caption: `${alt} at dawn`, credit: "Dateline" });
    await app.post(blog, { headline: "Three views", media });
    const page = await browser.open(`/blogs/${blog.slug}`);
    await page.getByRole("link", { name: "The quay" }).press("Enter");
    const box = page.getByRole("dialog");
    await box.getByRole("img", { name: "The quay" }).waitFor();
    expect(await box.getByRole("status").innerText()).toBe("Picture 2 of 3");
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press("ArrowRight");
    await box.getByRole("img", { name: "The mole" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await box.getByText("The pier at dawn").waitFor();
    await page.keyboard.press("Escape");
    // The browser gives the focus back to where it was, and we to the picture that was shown last.
    await page.waitForFunction(() => document.activeElement?.querySelector("img")?.alt === "The pier");
    expect(await box.count()).toBe(0);

    const plain = await browser.open(`/blogs/${blog.slug}`, { javaScriptEnabled: false });
    const file = await plain.getByRole("link", { name: "The quay" }).getAttribute("href");
    await app.request().get(file!).expect(200).expect("Content-Type", "image/jpeg");
  },
);
