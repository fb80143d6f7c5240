import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp, type Person } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, PHONE, SIZES } from "./composer-page.ts";
import { lead, openDesk } from "./desk-page.ts";
import { press, reachPost, write } from "./keyboard.ts";

const app = useApp();
const tabs = useBrowser(app);

const named = async (
  name: string,
  role: Parameters<typeof app.newPerson>[0] = { role: "reporter" },
): Promise<Person> => {
  const person = await app.newPerson(role);
  await app.app.context.db.updateTable("users").set({ name }).where("id", "=", person.id).execute();
  return { ...person, name };
};

/** A desk whose composer can be written in. */
async function desk(person: Person, blog: BlogAnswer, options = LAPTOP): Promise<Page> {
  return (await ComposerPage.open(app, tabs, person, blog, options)).page;
}

for (const [size, options] of SIZES) {
  pageTest(`two who open the same post both see it before they type, at ${size}`, async () => {
    const blog = await app.blog();
    const post = await app.post(blog, { headline: "Bridge shut" });
    const [ines, tomas] = [await named("Ines"), await named("Tomas")];
    const one = await desk(ines, blog, options);
    const other = await desk(tomas, blog, options);
    await reachPost(one.locator(`#post-${post.id}`));
    await one.keyboard.press("e");
    await other.locator(`#post-${post.id}`).getByText("Ines is editing this").waitFor();
    await press(other.locator(`#post-${post.id} [data-action=edit]`));
    await other.locator("#company").getByText("Ines is editing this post too").waitFor();
    await one.locator("#company").getByText("Tomas is editing this post too").waitFor();
    await lead(one, "blog");
    await one.locator("#desk-presence").getByText("Bridge shut").first().waitFor();
    await other.close();
    await one.locator(`#desk-presence [data-person=${tomas.slug}]`).waitFor({ state: "detached" });
    await lead(one, "write");
    await one.locator("#company").waitFor({ state: "hidden" });
  });

  pageTest(`what colleagues say to each other goes both ways, at ${size}`, async () => {
    const blog = await app.blog();
    const one = await desk(await named("Ines"), blog, options);
    const other = await desk(await named("Tomas"), blog, options);
    await lead(one, "chat");
    await write(one.locator("#chat-text"), "Who has the harbour?");
    await one.keyboard.press("Shift+Enter");
    await one.keyboard.type("I am at the <b>bridge</b>.");
    await one.keyboard.press("Enter");
    await other.locator("#announcements").getByText("Ines: Who has the harbour?").waitFor({ state: "attached" });
    await lead(other, "chat");
    await other.locator("#desk-chat").getByText("I am at the <b>bridge</b>.").waitFor();
    await write(other.locator("#chat-text"), "I do.");
    await press(other.getByRole("button", { name: "Send", exact: true }));
    await one.locator("#desk-chat").getByText("I do.").waitFor();
    expect(await one.locator("#chat-text").inputValue()).toBe("");
    expect(await one.locator("#desk-chat [data-take-back]:visible").count()).toBe(1);
    await press(one.locator("#desk-chat [data-take-back]:visible"));
    await other.locator("#desk-chat").getByText("Who has the harbour?").waitFor({ state: "detached" });
  });

  pageTest(`a claim is listed with its age, and resolving it reaches readers, at ${size}`, async () => {
    const blog = await app.blog();
    const post = await app.post(blog, { headline: "Gate has failed", verification: "unverified" });
    const reader = await tabs.open(`/blogs/${blog.slug}`);
    const page = await desk(await named("Ines"), blog, options);
    await lead(page, "claims");
    const claim = page.locator(`.claim[data-post="${post.id}"]`);
    expect(await claim.locator("time").getAttribute("data-ago")).toBe("now");
    await press(claim.getByRole("button", { name: "Resolve" }));
    const dialog = page.getByRole("dialog", { name: "What is known" });
    await dialog.getByText("Gate has failed").waitFor();
    await write(dialog.getByLabel("In a sentence, for readers"), "Seen shut by two of us.");
    await press(dialog.getByRole("button", { name: "Say so" }));
    await page.getByText("Nothing that was published waits to be confirmed.").waitFor();
    await reader.locator(`#post-${post.id}`).getByText("Seen shut by two of us.").waitFor();
    expect(await page.locator("[data-count-of=claims]:visible").count()).toBe(0);
  });
}

pageTest("a message that cannot be sent stays in its field, and goes out once", async () => {
  const blog = await app.blog();
  const page = await desk(await named("Ines"), blog);
  let lost = 0;
  await page.route("**/desk-messages", async (route) => {
    if (lost++) return route.continue();
    // It arrives, and the answer is lost.
    await route.fetch();
    await route.abort();
  });
  await write(page.locator("#chat-text"), "Who has the harbour?");
  await page.keyboard.press("Enter");
  await page.locator("#chat-problem").getByText("Not sent").waitFor();
  expect(await page.locator("#chat-text").inputValue()).toBe("Who has the harbour?");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>("#chat-text")!.value === "");
  expect(await page.locator("#desk-chat .chat-message").count()).toBe(1);
});

pageTest("what was said before the latest hundred is read when asked for, and nothing falls out of sight", async () => {
  const blog = await app.blog();
  const ines = await named("Ines");
  await app.app.context.db
    .insertInto("desk_messages")
    .values(Array.from({ length: 130 }, (_, n) => ({ blog_id: blog.id, author_id: ines.id, body: `Message ${n}.` })))
    .execute();
  const page = await desk(await named("Tomas"), blog);
  const shown = page.locator("#chat-scroll .chat-message");
  expect(await shown.count()).toBe(100);
  await app.as(ines).post(`/api/blogs/${blog.slug}/desk-messages`).send({ body: "Newest." }).expect(201);
  await page.locator("#desk-chat").getByText("Newest.").waitFor();
  expect(await shown.count()).toBe(101);
  await press(page.getByRole("button", { name: "What was said before" }));
  await page.locator("#chat-past").getByText("Message 0.").waitFor();
  expect(await shown.count()).toBe(131);
  const texts = await shown.locator(".chat-body").allTextContents();
  expect(texts.slice(0, 130)).toEqual(Array.from({ length: 130 }, (_, n) => `Message ${n}.`));
});

pageTest("on a phone, what one has not read in the chat is counted until one goes there", async () => {
  const blog = await app.blog();
  const [ines, tomas] = [await named("Ines"), await named("Tomas")];
  const page = await desk(ines, blog, PHONE);
  for (const body of ["One.", "Two."])
    await app.as(tomas).post(`/api/blogs/${blog.slug}/desk-messages`).send({ body }).expect(201);
  const count = page.locator(".desk-tabs [data-count-of=chat]");
  await count.getByText("2", { exact: false }).waitFor();
  await lead(page, "chat");
  await count.waitFor({ state: "hidden" });
});

pageTest("a claim far down the blog is reached from the list", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Gate has failed", verification: "disputed" });
  for (let n = 0; n < 61; n++) await app.post(blog, { body: `<p>Post ${n}</p>` });
  const page = await desk(await named("Ines"), blog);
  expect(await page.locator(`#post-${post.id}`).count()).toBe(0);
  await lead(page, "claims");
  await press(page.locator("#desk-claims").getByRole("link", { name: "Gate has failed" }));
  await page.waitForFunction((id) => document.activeElement?.id === `post-${id}`, post.id);
});

pageTest("readers are counted, and the last hours stand as a graph and as a table", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Bridge shut" });
  await app.app.context.db
    .insertInto("readership")
    .values([9, 8, 7, 6, 5].map((n) => ({ blog_id: blog.id, minute: minutesAgo(n), readers: n * 100 })))
    .execute();
  const page = await desk(await named("Ines"), blog);
  await page.locator("#readers-words").getByText("At most 900").waitFor();
  expect(await page.locator(".readers-mark").count()).toBe(1);
  expect(await page.locator(".readers-mark title").textContent()).toContain(post.headline);
  await press(page.getByText("As a table"));
  await page.locator(".readers-table").getByRole("cell", { name: "900" }).waitFor();
  await app.follower(blog);
  await page.locator("#readers-now").getByText("1", { exact: true }).waitFor();
});

pageTest("key events and posts by author follow what is posted", async () => {
  const blog = await app.blog();
  const page = await desk(await named("Ines"), blog);
  await app.post(blog, { headline: "Bridge shut", keyEvent: true });
  await page.locator(".event-list").getByText("Bridge shut").waitFor();
  expect(await page.locator(".author-list .author-posts").textContent()).toBe("1");
});

pageTest("the parts of the desk are reached by keyboard alone, at 390 px", async () => {
  const blog = await app.blog();
  await app.post(blog, { headline: "Gate has failed", verification: "unverified" });
  const page = await desk(await named("Ines", { role: "editor" }), blog, PHONE);
  await page.keyboard.press("m");
  await page.keyboard.type("By key alone");
  await page.keyboard.press("Enter");
  await page.locator("#desk-chat").getByText("By key alone").waitFor();
  await lead(page, "claims");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("claims-title");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "What is known" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys and commands" }).getByText("Say something to the colleagues").waitFor();
});

pageTest(
  "axe has nothing to say about any part of the desk",
  async () => {
    const blog = await app.blog();
    const ines = await named("Ines", { role: "editor" });
    const post = await app.post(blog, { headline: "Gate has failed", verification: "unverified", keyEvent: true });
    await app.as(ines).post(`/api/blogs/${blog.slug}/desk-messages`).send({ body: "Who has the harbour?" }).expect(201);
    await app.app.context.db
      .insertInto("readership")
      .values({ blog_id: blog.id, minute: minutesAgo(3), readers: 7 })
      .execute();
    const wide = await openDesk(app, tabs, ines, blog, { colorScheme: "dark" });
    await press(wide.locator(`#post-${post.id} [data-action=edit]`));
    await press(wide.getByText("As a table"));
    expect(await findings(wide)).toEqual([]);
    const phone = await openDesk(app, tabs, await named("Tomas"), blog, PHONE);
    for (const tab of ["posts", "claims", "chat", "blog"] as const) {
      await lead(phone, tab);
      expect(await findings(phone)).toEqual([]);
      expect(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  },
  120_000,
);

const minutesAgo = (n: number): Date => new Date(Math.floor(Date.now() / 60_000 - n) * 60_000);
