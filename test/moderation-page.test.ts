import { sql } from "kysely";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp, type Person } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { signIn } from "./desk-page.ts";
import { lostFocus, objections } from "./judging.ts";

const app = useApp();
const tabs = useBrowser(app);
const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true };
const WIDTHS = [
  ["a phone", PHONE],
  ["a desktop", {}],
] as const;

interface Written {
  id: string;
  version: number;
  person: Person;
}

/** A comment of somebody new, which waits for a moderator. */
async function waiting(blog: BlogAnswer, body: string): Promise<Written> {
  const person = await app.newPerson();
  const answer = await app.as(person).post(`/api/blogs/${blog.slug}/comments`).send({ body }).expect(202);
  return { ...answer.body, person };
}

const open = (person: Person, path: string, options: object = {}) =>
  tabs.open(path, options, (page) => signIn(app, page, person));

const moderator = async (name: string): Promise<Person> => {
  const person = await app.newPerson({ role: "moderator" });
  await app.app.context.db.updateTable("users").set({ name }).where("id", "=", person.id).execute();
  return { ...person, name };
};

const queue = (blog: BlogAnswer, name = "pending") => `/moderation?queue=${name}&blog=${blog.slug}`;
const card = (page: Page, words: string) => page.locator(".card").filter({ hasText: words });
const count = (page: Page, name: string) => page.locator(`[data-count=${name}]`);
const decide = async (who: Person, { id, version }: Written, decision: "approve" | "reject") =>
  app
    .as(who)
    .post(`/api/comments/${id}/decisions`)
    .send({ decision, version, ...(decision === "reject" ? { reasonCode: "spam" } : {}) })
    .expect(200);
/** Waits until exactly this card has the focus. */
const focused = (page: Page, words: string) => page.locator(".card:focus").filter({ hasText: words }).waitFor();

for (const [width, options] of WIDTHS)
  pageTest(
    `what a colleague decides stays in its place, greyed with their name, until one tidies up, on ${width}`,
    async () => {
      const blog = await app.blog();
      const [first] = [await waiting(blog, "First words"), await waiting(blog, "Second words")];
      const page = await open(await moderator("Nora"), queue(blog), options);
      expect(await count(page, "pending").textContent()).toBe("2");
      const milo = await open(await moderator("Milo"), queue(blog), options);
      await card(milo, "First words").getByRole("button", { name: "Reject …" }).click();
      await milo.getByRole("radio", { name: "Spam" }).check();
      await milo.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
      await card(milo, "First words").waitFor({ state: "detached" });
      await card(page, "First words").getByText("Rejected by Milo just now").waitFor();
      expect(await page.locator(".card").first().getAttribute("id")).toBe(`card-${first.id}`);
      expect(await card(page, "First words").getAttribute("class")).toContain("is-settled");
      await count(page, "pending").getByText("1", { exact: true }).waitFor();
      await count(page, "rejected").getByText("1", { exact: true }).waitFor();
      expect(await findings(page)).toEqual([]);
      await page.getByRole("button", { name: "Tidy up" }).click();
      await card(page, "First words").waitFor({ state: "detached" });
      await card(page, "Second words").waitFor();
    },
  );

pageTest("a whole queue is decided by single keys, and no focus is lost on the way", async () => {
  const blog = await app.blog();
  const [one, two, three] = [await waiting(blog, "One"), await waiting(blog, "Two"), await waiting(blog, "Three")];
  const page = await open(await moderator("Nora"), queue(blog));
  await page.keyboard.press("j");
  await focused(page, "One");
  await page.keyboard.press("j");
  await focused(page, "Two");
  await page.keyboard.press("k");
  await page.keyboard.press("f");
  await card(page, "One").waitFor({ state: "detached" });
  await focused(page, "Two");
  await page.keyboard.press("d");
  const dialog = page.getByRole("dialog", { name: "Reject A reader’s comment" });
  await dialog.waitFor();
  await page.keyboard.press("Enter");
  await dialog.getByText("Choose why.").waitFor();
  await page.keyboard.press("4");
  expect(await dialog.getByRole("radio", { name: "Spam" }).isChecked()).toBe(true);
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await card(page, "Two").waitFor({ state: "detached" });
  await focused(page, "Three");
  await page.keyboard.press("f");
  await page.locator("#no-cards:focus").getByText("Nothing waits.").waitFor();
  const statusOf = async ({ id }: Written) => (await app.request().get(`/api/comments/${id}`)).status;
  expect([await statusOf(one), await statusOf(two), await statusOf(three)]).toEqual([200, 404, 200]);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await count(page, "pending").getByText("0", { exact: true }).waitFor();
});

pageTest("a decision is taken back with u, and the comment comes back to where it was", async () => {
  const blog = await app.blog();
  const comment = await waiting(blog, "Perhaps not");
  const page = await open(await moderator("Nora"), queue(blog));
  await page.keyboard.press("j");
  await page.keyboard.press("d");
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await page.getByText("Rejected A reader’s comment.").waitFor();
  await page.keyboard.press("u");
  await focused(page, "Taken back: approved by you just now");
  await app.request().get(`/api/comments/${comment.id}`).expect(200);
  const { body } = await app.as(await app.person("moderator")).get(`/api/comments/${comment.id}/history`);
  expect(body.history.map(({ kind }: { kind: string }) => kind)).toEqual(["submit", "reject", "approve"]);
});

for (const [width, options] of WIDTHS)
  pageTest(`a colleague who was faster is not overwritten: the card says what they decided, on ${width}`, async () => {
    const blog = await app.blog();
    const comment = await waiting(blog, "Contested");
    await waiting(blog, "Another");
    const milo = await moderator("Milo");
    const page = await open(await moderator("Nora"), queue(blog), options);
    // The colleague is faster than the stream.
    await page.route("**/decisions", async (route) => {
      await decide(milo, comment, "reject");
      await route.continue();
    });
    await card(page, "Contested").getByRole("button", { name: "Approve" }).click();
    await card(page, "Contested").getByText("Not approved. Rejected by Milo just now.").waitFor();
    await page.getByRole("button", { name: "Show it" }).click();
    await focused(page, "Contested");
    expect(await findings(page)).toEqual([]);
    await app.request().get(`/api/comments/${comment.id}`).expect(404);
    await page.unroute("**/decisions");
    // Having seen it, one may still decide otherwise.
    await card(page, "Contested").getByRole("button", { name: "Approve" }).click();
    await page.getByText("Approved A reader’s comment.").waitFor();
    await app.request().get(`/api/comments/${comment.id}`).expect(200);
  });

pageTest("what a colleague decides while more cards are on their way shows on them, and none comes twice", async () => {
  const blog = await app.blog();
  const person = await app.newPerson();
  await app.as(person).post(`/api/blogs/${blog.slug}/comments`).send({ body: "Comment 0" }).expect(202);
  const copies = await copied(blog, 41);
  const page = await open(await moderator("Nora"), queue(blog));
  expect(await page.locator(".card").count()).toBe(40);
  const milo = await moderator("Milo");
  await page.route("**/moderation/cards?**", async (route) => {
    const response = await route.fetch();
    await decide(milo, { id: copies.at(-1)!, version: 1, person }, "reject");
    await count(page, "pending").getByText("41", { exact: true }).waitFor();
    await route.fulfill({ response });
  });
  await page.locator("#more-cards").click();
  await card(page, "Comment 40").waitFor();
  await page
    .locator(".card.is-settled")
    .filter({ hasText: "Comment 41" })
    .getByText("Rejected by Milo just now")
    .waitFor();
  expect(await page.locator(".card").count()).toBe(42);
});

/** More like the one comment that waits, quickly. @returns their ids, the oldest first */
async function copied(blog: BlogAnswer, count: number): Promise<string[]> {
  const { db } = app.app.context;
  const { id: _, ...row } = await db
    .selectFrom("comments")
    .selectAll()
    .where("blog_id", "=", blog.id)
    .executeTakeFirstOrThrow();
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) {
    const { id } = await db
      .insertInto("comments")
      .values({
        ...row,
        root_id: sql<string>`currval(pg_get_serial_sequence('comments', 'id'))`,
        body: `Comment ${n}`,
        created_at: new Date(row.created_at.getTime() + n),
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    ids.push(id);
  }
  return ids;
}

pageTest(
  "of several at once, the one that a colleague decided meanwhile stays selected and the others are decided",
  async () => {
    const blog = await app.blog();
    const comments = [await waiting(blog, "One"), await waiting(blog, "Two"), await waiting(blog, "Three")];
    const milo = await moderator("Milo");
    const page = await open(await moderator("Nora"), queue(blog));
    await page.keyboard.press("j");
    for (const key of ["x", "j", "x", "j", "x"]) await page.keyboard.press(key);
    await page.getByText("3 selected").waitFor();
    expect(await findings(page)).toEqual([]);
    await page.route("**/api/moderation/decisions", async (route) => {
      await decide(milo, comments[1]!, "reject");
      await route.continue();
    });
    await page.keyboard.press("f");
    await page.getByText("Approved 2; 1 could not be and is still selected.").waitFor();
    await card(page, "Two").getByText("Not approved. Rejected by Milo just now.").waitFor();
    expect(await page.locator(".card").count()).toBe(1);
    // What the stream says of it afterwards is not told over what came of the others.
    await decide(milo, { ...comments[1]!, version: comments[1]!.version + 1 }, "approve");
    await expect.poll(() => card(page, "Two").getAttribute("data-status")).toBe("approved");
    expect(await page.getByText("Approved 2; 1 could not be and is still selected.").isVisible()).toBe(true);
  },
);

pageTest(
  "new comments come by themselves, wait while the queue is paused, and never move what has the focus",
  async () => {
    const blog = await app.blog();
    await waiting(blog, "First");
    const page = await open(await moderator("Nora"), `${queue(blog)}&order=newest`);
    await page.keyboard.press("j");
    const place = () => page.locator(".card:focus").boundingBox();
    const before = await place();
    await waiting(blog, "Second");
    const fresh = page.getByRole("button", { name: "1 new" });
    await fresh.waitFor();
    expect(await place()).toEqual(before);
    await page.keyboard.press("n");
    await focused(page, "Second");
    await page.keyboard.press("s");
    await page.getByRole("button", { name: "Paused – go on", pressed: true }).waitFor();
    await waiting(blog, "Third");
    await waiting(blog, "Fourth");
    await page.getByRole("button", { name: "2 new" }).waitFor();
    expect(await page.locator(".card").count()).toBe(2);
    await page.keyboard.press("s");
    await focused(page, "Fourth");
    expect(await page.locator(".card").count()).toBe(4);
  },
);

pageTest(
  "with the oldest first a new comment is put at the end at once, also of a blog whose moderator has no other",
  async () => {
    const [blog, other] = [await app.blog(), await app.blog()];
    await waiting(blog, "First");
    const page = await open(await app.newPerson({ role: "moderator", blogId: blog.id }), "/moderation");
    await page.keyboard.press("j");
    await waiting(other, "Elsewhere");
    await waiting(blog, "Second");
    await card(page, "Second").waitFor();
    await focused(page, "First");
    expect(await page.locator(".card").count()).toBe(2);
    await count(page, "pending").getByText("2", { exact: true }).waitFor();
  },
);

for (const [width, options] of WIDTHS)
  pageTest(`a ban from a card rejects what the person wrote, and shows on their page, on ${width}`, async () => {
    const blog = await app.blog();
    const comment = await waiting(blog, "Buy now");
    await app.as(comment.person).post(`/api/blogs/${blog.slug}/comments`).send({ body: "Buy later" }).expect(202);
    const page = await open(await moderator("Nora"), queue(blog), options);
    await card(page, "Buy now").locator("summary").click();
    await card(page, "Buy now").getByRole("button", { name: "Ban …" }).click();
    const dialog = page.getByRole("dialog", { name: "Ban: A reader" });
    await dialog.getByLabel("What they are told").fill("No advertising here");
    await dialog.getByLabel("Reject all that they have written there").check();
    expect(await findings(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Ban" }).click();
    await page.getByText("A reader is banned everywhere. 2 comments were rejected.").waitFor();
    await card(page, "Buy later").waitFor({ state: "detached" });
    await page.goto(`/moderation/people/${comment.person.id}`);
    await page.locator(".person-restrictions").getByText("“No advertising here”").waitFor();
    expect(await page.locator(".card.is-rejected").count()).toBe(2);
    expect(await findings(page)).toEqual([]);
    await page.getByRole("button", { name: "End it" }).click();
    await page.getByText("Ended by Nora").waitFor();
    await page.getByLabel("A note for the other moderators").fill("Promised to stop");
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.locator(".person-notes").getByText("Promised to stop").waitFor();
  });

pageTest("a moderator of one blog can ban there only, and for a time", async () => {
  const blog = await app.blog();
  const { person } = await waiting(blog, "Rude");
  const page = await open(await app.newPerson({ role: "moderator", blogId: blog.id }), "/moderation");
  await page.keyboard.press("j");
  await page.keyboard.press("b");
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByLabel("Where").locator("option").allTextContents()).toEqual([blog.title]);
  await dialog.getByLabel("What", { exact: true }).selectOption("suspend");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await dialog.getByText("Say until when").waitFor();
  await dialog.getByLabel("How long").selectOption("A day");
  await dialog.getByRole("button", { name: "Suspend" }).click();
  await page.getByText("A reader is suspended in that blog.").waitFor();
  await card(page, "Rude").getByText("Suspended in this blog until").waitFor();
  await app.as(person).post(`/api/blogs/${blog.slug}/comments`).send({ body: "Again" }).expect(403);
});

pageTest(
  "a word list is tried before it is saved, a line that cannot be kept is named, and a colleague's is taken in",
  async () => {
    const page = await open(await moderator("Nora"), "/moderation/words");
    const list = page.getByLabel("Banned");
    const form = page.locator("[data-list=banned]");
    const save = form.getByRole("button", { name: "Save" });
    await list.fill("roof check\n\n…");
    await save.click();
    await form.getByText("Line 3 has no letters or digits. The list that was there goes on.").waitFor();
    await list.fill("roof check");
    await page.getByLabel("Test this text").fill("A free ROOF-CHECK for you");
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("It would be rejected at once.").waitFor();
    expect(await page.locator(".try-marked mark").textContent()).toBe("ROOF-CHECK");
    expect(await findings(page)).toEqual([]);
    const milo = app.as(await app.person("moderator"));
    const path = "/api/moderation/word-lists/banned";
    const { version } = (await milo.get(path)).body;
    await milo
      .put(path)
      .send({ entries: ["sandbags"], version })
      .expect(200);
    await save.click();
    await form.getByText("Added: sandbags.").waitFor();
    await form.getByRole("button", { name: "Take theirs in" }).click();
    expect(await list.inputValue()).toBe("sandbags\nroof check");
    await save.click();
    await page.getByText("The banned list is saved: 2 entries.").waitFor();
    expect((await milo.get(path)).body.entries).toEqual(["sandbags", "roof check"]);
  },
);

for (const [width, options] of WIDTHS)
  pageTest(
    `a blog's settings are saved with a time at which it closes, and over nobody else's, on ${width}`,
    async () => {
      const blog = await app.blog({ timeZone: "Asia/Tokyo" });
      const page = await open(await moderator("Nora"), `/moderation/settings?blog=${blog.slug}`, options);
      await page.getByLabel("Wait between two comments").fill("30");
      await page.getByLabel("Closes by itself").fill("2031-05-01T08:00");
      const settings = `/api/blogs/${blog.slug}/comment-settings`;
      await app
        .as(await app.person("moderator"))
        .patch(settings, 1)
        .send({ moderation: "pre" })
        .expect(200);
      const save = page.locator("#blog-settings").getByRole("button", { name: "Save" });
      await save.click();
      await page.getByText("A colleague changed how new comments are handled (now pre) meanwhile.").waitFor();
      expect(await findings(page)).toEqual([]);
      await save.click();
      await page.getByText("Saved. It closes").waitFor();
      expect((await app.request().get(settings)).body).toMatchObject({
        slowModeSeconds: 30,
        moderation: "pre",
        closesAt: "2031-04-30T23:00:00.000Z",
      });
    },
  );

pageTest("on a phone a swipe to the right approves, and one to the left asks why to reject", async () => {
  const blog = await app.blog();
  const comment = await waiting(blog, "Good point");
  await waiting(blog, "Bad point");
  const page = await open(await moderator("Nora"), queue(blog), PHONE);
  await swipe(page, "Good point", 60);
  await swipe(page, "Good point", 160);
  await card(page, "Good point").waitFor({ state: "detached" });
  await app.request().get(`/api/comments/${comment.id}`).expect(200);
  await swipe(page, "Bad point", -160);
  const dialog = page.getByRole("dialog");
  // Not by a tap: the browser takes the first one after a made-up swipe for the end of its fling.
  await dialog.getByRole("radio", { name: "Off topic" }).check();
  await dialog.getByRole("button", { name: "Reject" }).click();
  await page.getByText("Nothing waits.").waitFor();
});

/** One finger from the comment's words to the side. */
async function swipe(page: Page, words: string, by: number): Promise<void> {
  const { x, y } = (await card(page, words).locator(".card-body").boundingBox())!;
  const client = await page.context().newCDPSession(page);
  const at = (n: number) => [{ x: x + 160 + n, y: y + 8 }];
  await client.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0) });
  for (const part of [0.2, 0.4, 0.6, 0.8, 1])
    await client.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(by * part) });
  await client.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

pageTest("a reported comment shows its reports with their words, and what a list found in it is marked", async () => {
  const blog = await app.blog();
  const admin = app.as(await app.person("moderator"));
  const path = "/api/moderation/word-lists/suspect";
  const { version } = (await admin.get(path)).body;
  await admin
    .put(path)
    .send({ entries: ["miracle cure"], version })
    .expect(200);
  const comment = await waiting(blog, "This miracle cure works");
  await admin
    .put(path)
    .send({ entries: [], version: version + 1 })
    .expect(200);
  const nora = await moderator("Nora");
  const page = await open(nora, queue(blog));
  expect(await card(page, "works").locator("mark.is-suspect").textContent()).toBe("miracle cure");
  await card(page, "works").getByText("Suspect word").waitFor();
  await page.goto(queue(blog, "reported"));
  await page.getByText("Nothing is reported.").waitFor();
  await decide(nora, comment, "approve");
  for (let n = 0; n < 3; n++)
    await app
      .as(await app.newPerson())
      .post(`/api/comments/${comment.id}/reports`)
      .send({ reason: "other", details: `It is a lie ${n}` })
      .expect(204);
  await card(page, "works").getByText("It is a lie 2").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("h");
  await page.getByRole("dialog").getByText("approved a comment").waitFor();
  expect(await findings(page)).toEqual([]);
});

pageTest("the overview and the log say what was done, for those who see charts and those who do not", async () => {
  const blog = await app.blog();
  const nora = await moderator("Nora");
  await decide(nora, await waiting(blog, "One"), "reject");
  await decide(nora, await waiting(blog, "Two"), "approve");
  const page = await open(nora, `/moderation/overview?blog=${blog.slug}&days=7`);
  expect(await page.locator(".totals dd").first().textContent()).toBe("2");
  await page.locator(".chart-table summary").click();
  expect(await page.locator(".chart-table tbody tr").count()).toBe(7);
  await page.getByRole("row", { name: "Spam or advertising 1" }).waitFor();
  await page.getByRole("row", { name: "Nora 1 1 0" }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole("link", { name: "Nora" }).click();
  await page.getByRole("heading", { name: "Log: what Nora did" }).waitFor();
  expect(await page.locator(".log li").count()).toBe(2);
  expect(await findings(page)).toEqual([]);
});

pageTest("without a connection a decision says that it was not sent, and can be made again", async () => {
  const blog = await app.blog();
  const comment = await waiting(blog, "Far away");
  const page = await open(await moderator("Nora"), queue(blog));
  await page.route("**/decisions", (route) => route.abort());
  await page.keyboard.press("j");
  await page.keyboard.press("f");
  await card(page, "Far away").getByText("did not answer").waitFor();
  await page.unroute("**/decisions");
  await page.keyboard.press("f");
  await card(page, "Far away").waitFor({ state: "detached" });
  await app.request().get(`/api/comments/${comment.id}`).expect(200);
});

pageTest("who moderates nowhere is not let in, and who is not signed in is asked to", async () => {
  const page = await open(await app.newPerson({ role: "reporter" }), "/moderation");
  await page.getByText("Not allowed").first().waitFor();
  const stranger = await tabs.open("/moderation?queue=reported");
  expect(new URL(stranger.url()).pathname).toBe("/sign-in");
  expect(new URL(stranger.url()).searchParams.get("next")).toBe("/moderation?queue=reported");
});

pageTest("a moderator of one blog sees it, however many others are newer", async () => {
  const blog = await app.blog();
  await waiting(blog, "Still here");
  const { db } = app.app.context;
  const newer = Array.from({ length: 201 }, (_, n) => ({ slug: `newer-${n}`, title: `Newer ${n}`, language: "en" }));
  const rows = await db
    .insertInto("blogs")
    .values(newer.map((fields) => ({ ...fields, standfirst: "", time_zone: "UTC", created_by: null })))
    .returning("id")
    .execute();
  await db
    .insertInto("streams")
    .values(rows.map(({ id }) => ({ blog_id: id, kind: "blog" })))
    .execute();
  const page = await open(await app.newPerson({ role: "moderator", blogId: blog.id }), "/moderation");
  await card(page, "Still here").waitFor();
});

pageTest(
  "every page of moderation reads well in forced colours on a phone, and in the dark nothing moves",
  async () => {
    const blog = await app.blog();
    const nora = await moderator("Nora");
    const { person } = await waiting(blog, "Rude words\nin two lines");
    await decide(nora, await waiting(blog, "Spam"), "reject");
    const restrictions = `/api/commenters/${person.id}/restrictions`;
    await app.as(nora).post(restrictions).send({ kind: "ban", blog: blog.slug, message: "Enough." }).expect(201);
    const phone = await open(nora, queue(blog), { ...PHONE, forcedColors: "active", isMobile: true });
    const desktop = await open(nora, queue(blog), { colorScheme: "dark", reducedMotion: "reduce" });
    const colours = ["color-contrast", "link-in-text-block"];
    const found: Record<string, string[]> = {};
    for (const path of [
      queue(blog),
      queue(blog, "rejected"),
      `/moderation/people/${person.id}`,
      `/moderation/settings?blog=${blog.slug}`,
      "/moderation/words",
      "/moderation/log",
      `/moderation/overview?blog=${blog.slug}`,
    ])
      for (const [name, page] of Object.entries({ phone, desktop })) {
        const answer = await page.goto(path);
        expect([path, answer!.status()]).toEqual([path, 200]);
        const here = [...(await objections(page)), ...(await lostFocus(page)), ...(await findings(page, colours))];
        if (page === desktop && (await page.evaluate(() => document.getAnimations().length)))
          here.push("something moves");
        if (here.length) found[`${path} on the ${name}`] = here;
      }
    expect(found).toEqual({});
  },
);
