import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp, type Person } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { signIn } from "./desk-page.ts";
import { commenting, insertComment } from "./discussing.ts";
import { objections } from "./judging.ts";

const app = useApp();
const browser = useBrowser(app);
const discussion = commenting(app);
const { published, write } = discussion;

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** The discussion in a browser of its own; with somebody, once the page knows who that is. */
async function open(
  blog: BlogAnswer,
  person: Person | null = null,
  options: BrowserContextOptions = {},
  search = "",
): Promise<Page> {
  const path = `/blogs/${blog.slug}/comments${search}`;
  const page = await browser.open(path, options, async (page) => {
    if (person) await signIn(app, page, person);
  });
  if (person) await page.locator(":root.takes-part").waitFor();
  return page;
}

const comment = (page: Page, { id }: { id: string }) => page.locator(`#comment-${id}`);
const field = (page: Page) => page.getByLabel("Your comment", { exact: true });
const more = async (page: Page, { id }: { id: string }, item: string) => {
  await comment(page, { id }).locator(".comment-more").click();
  await page.getByRole("menuitem", { name: item }).click();
};

/** Waits until the page has applied everything that happened to the discussion. */
async function current(page: Page, blog: BlogAnswer): Promise<void> {
  const version = String(await discussion.version(blog));
  await page.waitForFunction((version) => document.getElementById("comments")!.dataset.version === version, version);
}

/** The comments as they stand in the page, without what the script adds for its reader. */
const listOn = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll("#comments-header, #comments-count, #comments-state, #comments article.comment")].map(
      (part) => {
        const copy = part.cloneNode(true) as Element;
        copy.querySelectorAll("[data-ago]").forEach((time) => time.removeAttribute("data-ago"));
        return copy.outerHTML;
      },
    ),
  );

pageTest("a comment waits, is approved, and appears at once on the pages of two others", async () => {
  const blog = await app.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const [mine, theirs, anybodys] = [await open(blog, author), await open(blog, other), await open(blog)];
  await field(mine).fill("I was on the bridge.\nSee https://example.org/bridge");
  await mine.getByRole("button", { name: "Publish" }).click();
  const card = mine.locator("#own").getByText("I was on the bridge.");
  await card.waitFor();
  expect(await mine.locator("#own .comment-status").innerText()).toBe("Waiting for a moderator");
  expect(await field(mine).inputValue()).toBe("");
  const { body } = await app
    .as(await app.person("moderator"))
    .get(`/api/moderation/queues/pending?blog=${blog.slug}`)
    .expect(200);
  const { id } = body.comments[0];
  expect(await comment(theirs, { id }).count()).toBe(0);

  await discussion.approve(id);

  for (const page of [mine, theirs, anybodys]) {
    await comment(page, { id }).waitFor({ state: "visible" });
    await page.locator("#comments-count").getByText("1 comment").waitFor();
  }
  await mine.locator("#own").waitFor({ state: "hidden" });
  await mine.locator("#notices").getByText("1 notice").waitFor();
  await mine.locator("#announcements").getByText("Your comment was published.").waitFor({ state: "attached" });
  expect(await listOn(anybodys)).toEqual(await listOn(await open(blog)));
});

pageTest("what is rejected vanishes with all that was said in answer to it, and its author is told why", async () => {
  const blog = await discussion.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const [kept, bad] = await published(blog, author, ["Kept", "Bad"]);
  const answers = await published(blog, other, ["Quite so", "Not at all"], bad!.id);
  const [mine, anybodys] = [await open(blog, author), await open(blog)];
  await comment(anybodys, answers[1]!).waitFor();
  await discussion.reject(bad!.id, { reasonText: "Be kind." });
  for (const page of [mine, anybodys]) {
    for (const gone of [bad!, ...answers]) await comment(page, gone).waitFor({ state: "detached" });
    await comment(page, kept!).waitFor();
    expect(await page.locator("#comments > li").count()).toBe(1);
  }
  await mine.locator("#own").getByText("The moderators wrote: Be kind.").waitFor();
  expect(await mine.locator("#own .comment-status").innerText()).toContain("It is advertising or spam.");
});

pageTest(
  "edits, picks, likes, deletions and settings reach every open page, which then equals a fresh load",
  async () => {
    const blog = await discussion.blog();
    const [author, other] = [await app.newPerson(), await app.newPerson()];
    const [a, b] = await published(blog, author, ["A", "B"]);
    const answer = await write(blog, other, "An answer", a!.id);
    const page = await open(blog);
    await discussion.edit(author, a!, "A, edited");
    await comment(page, a!).getByText("A, edited").waitFor();
    await discussion.pick(b!.id);
    await comment(page, b!).getByText("Newsroom’s pick").waitFor();
    await discussion.like(other, a!.id);
    await comment(page, a!).getByText("1 like").waitFor();
    await discussion.like(await app.newPerson(), a!.id);
    await comment(page, a!).getByText("2 likes").waitFor();
    await discussion.remove(author, a!.id);
    await comment(page, a!).getByText("This comment was deleted by its author.").waitFor();
    await comment(page, answer).waitFor();
    await discussion.set(blog, { moderation: "pre" });
    await page.getByText("Moderators read each comment before it is published.").waitFor();
    await current(page, blog);
    expect(await listOn(page)).toEqual(await listOn(await open(blog)));
  },
);

pageTest("“4 new comments” never moves what is read or written, on a desk and on a phone", async () => {
  for (const options of [{}, PHONE]) {
    const blog = await discussion.blog();
    const [author, other] = [await app.newPerson(), await app.newPerson()];
    const threads = await published(
      blog,
      author,
      Array.from({ length: 14 }, (_, n) => `Thread ${n}. ${"Words. ".repeat(20)}`),
    );
    const page = await open(blog, author, options);
    const read = threads[6]!;
    await comment(page, read).locator(".comment-reply").click();
    await page.keyboard.type("I am writing");
    // What is said in answer stands below the form, in sight.
    await readAt(page, `#write-${read.id}`);
    await watch(page, `#write-${read.id}`);

    for (let n = 0; n < 3; n++) await write(blog, other, `New thread ${n}. ${"Words. ".repeat(20)}`);
    await write(blog, other, `In between. ${"Words. ".repeat(20)}`, read.id);
    await discussion.edit(author, threads[7]!, "Much shorter");
    await discussion.reject(threads[9]!.id);
    await page.getByRole("button", { name: "4 new comments" }).waitFor();
    await current(page, blog);
    expect(await page.title()).toMatch(/^\(4\) /);
    expect(await moved(page)).toBeLessThanOrEqual(1);
    await page.keyboard.type(" on");
    expect(await page.evaluate(() => (document.activeElement as HTMLTextAreaElement).value)).toBe("I am writing on");

    await page.getByRole("button", { name: "4 new comments" }).click();
    await page.getByText("New thread 2.").waitFor();
    await page.getByText("In between.").waitFor();
    expect(await page.locator("#new-comments").isHidden()).toBe(true);
    await page.context().close();
  }
});

pageTest(
  "at the top a new comment is shown at once, and an answer out of sight stands in its place without a word",
  async () => {
    const blog = await discussion.blog();
    const [author, other] = [await app.newPerson(), await app.newPerson()];
    const threads = await published(
      blog,
      author,
      Array.from({ length: 12 }, (_, n) => `Thread ${n}. ${"Words. ".repeat(20)}`),
    );
    const page = await open(blog);
    const fresh = await write(blog, other, "At the top");
    await comment(page, fresh).waitFor({ state: "visible" });
    const far = await write(blog, other, "Far below", threads[0]!.id);
    await comment(page, far).waitFor({ state: "visible" });
    expect(await page.locator("#new-comments").isHidden()).toBe(true);
  },
);

pageTest("a draft survives a reload, for the discussion and for an answer, and is gone once it is sent", async () => {
  const blog = await discussion.blog();
  const author = await app.newPerson();
  const [thread] = await published(blog, author, ["Thread"]);
  const page = await open(blog, author);
  await field(page).fill("Half a thought");
  await comment(page, thread!).locator(".comment-reply").click();
  await page.keyboard.type("Half an answer");
  await page.reload();
  await page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>("#write textarea")?.value === "Half a thought",
  );
  await comment(page, thread!).getByText("Go on with your answer").click();
  expect(await page.getByLabel("Your answer to").inputValue()).toBe("Half an answer");
  await page.getByRole("button", { name: "Publish" }).last().click();
  await page.locator(`#comments .reply article.comment[data-place]`).getByText("Half an answer").waitFor();
  await page.reload();
  await page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>("#write textarea")?.value === "Half a thought",
  );
  expect(await comment(page, thread!).locator(".comment-reply").innerText()).toBe("Answer");
});

pageTest("a comment whose answer was lost is sent again without becoming two", async () => {
  const blog = await discussion.blog();
  const author = await app.newPerson();
  const page = await open(blog, author);
  let isLost = true;
  await page.route(`**/api/blogs/${blog.slug}/comments`, async (route) => {
    if (route.request().method() !== "POST" || !isLost) return route.continue();
    isLost = false;
    await route.fetch();
    await route.abort();
  });
  await field(page).fill("Only once");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("This did not get through. Your text is kept; try again.").waitFor();
  expect(await field(page).inputValue()).toBe("Only once");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>("#write textarea")!.value === "");
  await current(page, blog);
  expect(await page.locator("#comments article.comment").count()).toBe(1);
});

pageTest("an answer is written, and given up, by the keyboard alone", async () => {
  const blog = await discussion.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const [thread] = await published(blog, author, ["A question"]);
  const page = await open(blog, other);
  const link = comment(page, thread!).locator(".comment-reply");
  const reach = async (selector: string) => {
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((selector) => document.activeElement!.matches(selector), selector)) return;
    }
    throw new Error(`${selector} is not reached`);
  };
  await reach(".comment-reply");
  await page.keyboard.press("Enter");
  await page.keyboard.type("First thought");
  await page.keyboard.press("Escape");
  await page.locator(`#comment-${thread!.id}:focus`).waitFor();
  await reach(".comment-reply");
  expect(await link.innerText()).toBe("Go on with your answer");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" and another");
  await reach(".comments button[type=submit]");
  await page.keyboard.press("Enter");
  const answer = page.locator("#comments .reply article[data-place]");
  await answer.getByText("First thought and another").waitFor();
  await page.getByText("Your comment is published.").waitFor();
  await comment(page, thread!).locator(".comment-more").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  expect(await page.evaluate(() => document.activeElement!.textContent)).toMatch(/^Mute/);
  await page.keyboard.press("Escape");
  await comment(page, thread!).locator(".comment-more:focus").waitFor();
});

pageTest("one's own comment is edited within the window, deleted, and looks so to everybody", async () => {
  const blog = await discussion.blog();
  const author = await app.newPerson();
  const [first, second] = await published(blog, author, ["Frist", "Second"]);
  const [page, anybodys] = [await open(blog, author), await open(blog)];
  await more(page, first!, "Edit");
  await page.getByLabel("Edit your comment").fill("First");
  await page.getByRole("button", { name: "Save" }).click();
  for (const one of [page, anybodys]) {
    await comment(one, first!).getByText("First", { exact: true }).waitFor();
    await comment(one, first!).getByText("edited").waitFor();
  }
  await more(page, second!, "Delete");
  await page.getByRole("button", { name: "Keep it" }).click();
  await more(page, second!, "Delete");
  await page.getByRole("group", { name: "Delete this comment?" }).getByRole("button", { name: "Delete" }).click();
  for (const one of [page, anybodys]) await comment(one, second!).waitFor({ state: "detached" });

  await discussion.set(blog, { editWindowSeconds: 0 });
  await page.reload();
  await page.locator(":root.takes-part").waitFor();
  await comment(page, first!).locator(".comment-more").click();
  expect(await page.getByRole("menuitem").allInnerTexts()).toEqual(["Delete", "Copy link"]);
});

pageTest("a like is there at once and taken back as quickly, and a comment of one's own cannot be liked", async () => {
  const blog = await discussion.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const [thread] = await published(blog, author, ["Like me"]);
  const [mine, theirs] = [await open(blog, author), await open(blog, other)];
  const like = comment(theirs, thread!).getByRole("button", { name: "Like" });
  await like.click();
  expect(await like.getAttribute("aria-pressed")).toBe("true");
  for (const page of [mine, theirs]) await comment(page, thread!).getByText("1 like").waitFor();
  expect(await like.getAttribute("aria-pressed")).toBe("true");
  expect(await comment(mine, thread!).locator(".comment-like").isVisible()).toBe(false);
  await theirs.reload();
  await theirs.locator('.comment-like[aria-pressed="true"]').click();
  await comment(mine, thread!).getByText("1 like").waitFor({ state: "hidden" });
});

pageTest("a comment is reported with a reason, and with words where the reason alone says too little", async () => {
  const blog = await discussion.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const [thread] = await published(blog, author, ["Report me"]);
  const page = await open(blog, other, PHONE);
  await more(page, thread!, "Report");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Report" }).click();
  await dialog.getByText("Choose what is wrong with it.").waitFor();
  await dialog.getByLabel("Something else", { exact: true }).check();
  await dialog.getByRole("button", { name: "Report" }).click();
  await dialog.getByText("Say in your words what is wrong with it.").waitFor();
  await dialog.getByLabel("In your words").fill("It is not true.");
  expect(await findings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Report" }).click();
  await page.getByText("The moderators will look at it.").waitFor();
  const { body } = await app
    .as(await app.person("moderator"))
    .get(`/api/moderation/counts?blog=${blog.slug}`)
    .expect(200);
  expect(body.reported).toBe(1);
});

pageTest("who is muted is folded away, can be looked at, and is heard again", async () => {
  const blog = await discussion.blog();
  const [loud, quiet] = [await app.newPerson(), await app.newPerson()];
  const [thread] = await published(blog, loud, ["VERY LOUD"]);
  const page = await open(blog, quiet);
  await more(page, thread!, "Mute A reader");
  await comment(page, thread!).waitFor({ state: "hidden" });
  const later = await write(blog, loud, "LOUDER STILL");
  await comment(page, later).waitFor({ state: "attached" });
  expect(await comment(page, later).isVisible()).toBe(false);
  await page.reload();
  await page.getByRole("button", { name: "Muted: show" }).last().click();
  await comment(page, thread!).waitFor({ state: "visible" });
  await more(page, thread!, "Unmute A reader");
  await comment(page, later).waitFor({ state: "visible" });
  expect(await page.getByRole("button", { name: "Muted: show" }).count()).toBe(0);
});

pageTest(
  "notices arrive as they happen: an answer, a promotion, a warning, which is read before one goes on",
  async () => {
    const blog = await discussion.blog();
    const [author, other] = [await app.newPerson(), await app.newPerson()];
    const [thread] = await published(blog, author, ["Is the ferry running?"]);
    const page = await open(blog, author);
    const badge = page.locator("#notices");
    await write(blog, other, "It is.", thread!.id);
    await badge.getByText("1 notice", { exact: true }).waitFor();
    await page.locator("#announcements").getByText("A reader answered your comment.").waitFor({ state: "attached" });
    await app.post(blog, { kind: "comment", commentId: thread!.id, body: "<p>It is running.</p>" });
    await badge.getByText("2 notices").waitFor();
    await discussion.restrict(author, { kind: "warn", message: "Stay with the story." });
    await badge.getByText("3 notices").waitFor();
    await field(page).fill("My next words");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText("Stay with the story.").waitFor();
    expect(await field(page).inputValue()).toBe("My next words");
    await page.getByRole("button", { name: "I have read this" }).click();
    await page.getByText("You can send your comment now.").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    await page.locator("#comments").getByText("My next words").waitFor();
    await badge.click();
    for (const title of [
      "A warning from the moderators",
      "Your comment is in the live blog",
      "A reader answered your comment",
    ])
      await page.getByRole("heading", { name: title }).waitFor();
  },
);

pageTest(
  "who may not write is told why at the form, and what can be done about it, and keeps what they wrote",
  async () => {
    const blog = await discussion.blog();
    const [banned, suspended, unconfirmed] = [await app.newPerson(), await app.newPerson(), await app.newPerson()];
    await discussion.restrict(banned, { kind: "ban", message: "Threats." });
    const until = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 2, 4, 12));
    await discussion.restrict(suspended, { kind: "suspend", message: "Cool down.", until });
    const { db } = app.app.context;
    await db.updateTable("users").set({ email_verified: false }).where("id", "=", unconfirmed.id).execute();
    for (const [person, words] of [
      [banned, /^You cannot comment here any more\. The moderators wrote: Threats\./],
      [
        suspended,
        new RegExp(`^You can comment again on .*${until.getUTCFullYear()}.*The moderators wrote: Cool down\\.`),
      ],
      [unconfirmed, /^Confirm your e-mail address first\. *To your account/],
    ] as const) {
      const page = await open(blog, person);
      await field(page).fill("What I think");
      await page.getByRole("button", { name: "Publish" }).click();
      const problem = page.locator("form.write").getByRole("alert");
      await problem.filter({ hasText: words }).waitFor();
      expect(await field(page).inputValue()).toBe("What I think");
      expect(await page.locator("#own").getByText("What I think").count()).toBe(0);
      expect([...(await objections(page)), ...(await findings(page))]).toEqual([]);
      if (person !== unconfirmed) continue;
      await page.getByRole("link", { name: "To your account" }).click();
      await page.getByText("Not confirmed yet").waitFor();
    }
  },
);

pageTest(
  "a discussion that closes, and a comment that is removed, leave what somebody is writing where it is",
  async () => {
    const blog = await discussion.blog();
    const [author, other] = [await app.newPerson(), await app.newPerson()];
    const [thread] = await published(blog, other, ["To be removed"]);
    const page = await open(blog, author);
    await field(page).fill("Nearly done");
    await comment(page, thread!).locator(".comment-reply").click();
    await page.keyboard.type("But why?");
    await discussion.reject(thread!.id);
    await comment(page, thread!).waitFor({ state: "detached" });
    await page.getByText("This comment was removed while you were writing.").waitFor();
    expect(await page.evaluate(() => (document.activeElement as HTMLTextAreaElement).value)).toBe("But why?");
    await page.getByRole("button", { name: "Publish" }).last().click();
    await page.getByText("The comment that you answer was removed. Your text is kept.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();

    await discussion.set(blog, { state: "closed" });
    await page.getByText("This discussion is closed.").waitFor();
    expect(await field(page).inputValue()).toBe("Nearly done");
    await page.getByText("Comments are closed by now. Your text is kept here.").waitFor();
    expect(await page.getByRole("button", { name: "Publish" }).count()).toBe(0);
    await discussion.set(blog, { state: "open" });
    await page.getByRole("button", { name: "Publish" }).click();
    await page.locator("#comments").getByText("Nearly done").waitFor();
  },
);

pageTest("whoever is not signed in keeps their text while they sign in", async () => {
  const blog = await discussion.blog();
  const author = await app.newPerson();
  const page = await open(blog);
  await field(page).fill("I have something to say");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Sign in to take part. Your text is kept.").waitFor();
  await page.locator(".form-problem").getByRole("link", { name: "sign in" }).click();
  await page.waitForURL(/\/sign-in\?next=/);
  await signIn(app, page, author);
  await page.goto(`/blogs/${blog.slug}/comments`);
  await page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>("#write textarea")?.value === "I have something to say",
  );
  await page.getByRole("button", { name: "Publish" }).click();
  await page.locator("#comments").getByText("I have something to say").waitFor();
});

pageTest("slow mode says how long to wait, and the words stay", async () => {
  const blog = await discussion.blog();
  await discussion.set(blog, { slowModeSeconds: 60 });
  const page = await open(blog, await app.newPerson());
  await page.getByText("Slow mode: one comment every 60 seconds.").waitFor();
  await field(page).fill("The first");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.locator("#comments").getByText("The first").waitFor();
  await field(page).fill("The second");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText(/You can send this in \d+ s\./).waitFor();
  expect(await field(page).inputValue()).toBe("The second");
});

pageTest("on another page than the first, what is new there is counted, and an answer here is shown here", async () => {
  const blog = await discussion.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const [thread] = await published(blog, author, ["One", "Two"]);
  const page = await open(blog, null, {}, "?sort=reactions");
  await write(blog, other, "New");
  await page.getByRole("link", { name: "1 new on the first page" }).click();
  await page.locator("#comments").getByText("New").waitFor();

  const alone = await open(blog, null, {}, `?thread=${thread!.id}`);
  await write(blog, other, "An answer", thread!.id);
  await alone.getByRole("button", { name: "1 new comment" }).click();
  await alone.getByText("An answer").waitFor();
});

pageTest("a page that was asked for does not bring back what was removed before it came", async () => {
  const blog = await discussion.blog();
  const { id: author } = await app.newPerson();
  const [removed, thread] = [await insertComment(app, blog, author), await insertComment(app, blog, author)];
  const answers: string[] = [];
  for (let n = 0; n < 51; n++) answers.push(await insertComment(app, blog, author, { root: thread }));
  const page = await open(blog);
  await comment(page, { id: answers[50]! }).waitFor({ state: "detached" });
  await page.route(
    `**/blogs/${blog.slug}/comments`,
    async (route) => {
      const response = await route.fetch();
      await discussion.reject(removed);
      await current(page, blog);
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  // There is room now for the answer below, which the page looks for.
  await discussion.reject(answers[0]!);
  await comment(page, { id: answers[50]! }).waitFor({ state: "attached" });
  expect(await comment(page, { id: removed }).count()).toBe(0);
});

pageTest("what one wrote while one's own comments were asked for stays", async () => {
  const blog = await discussion.blog();
  await discussion.set(blog, { moderation: "pre" });
  const author = await app.newPerson();
  const first = await write(blog, author, "First words");
  const page = await open(blog, author);
  const held = Promise.withResolvers<void>();
  let asked = 0;
  await page.route("**/comments/own", async (route) => {
    const response = await route.fetch();
    if (++asked === 1) await held.promise;
    await route.fulfill({ response });
  });
  const asking = page.waitForRequest("**/comments/own");
  await discussion.approve(first.id);
  await asking;
  await field(page).fill("Second words");
  await page.getByRole("button", { name: "Publish" }).click();
  const card = page.locator("#own").getByText("Second words");
  await card.waitFor();
  held.resolve();
  await page.waitForResponse((response) => response.url().endsWith("/comments/own") && asked === 2);
  await card.waitFor();
});

pageTest("the discussion of a closed blog opens no connection, and still knows who is reading", async () => {
  const blog = await discussion.blog();
  const author = await app.newPerson();
  await published(blog, author, ["I was there"]);
  await app
    .as(await app.person("editor"))
    .put(`/api/blogs/${blog.slug}/closure`)
    .expect(200);
  const heard: string[] = [];
  const page = await browser.open(`/blogs/${blog.slug}/comments`, {}, async (page) => {
    page.on("websocket", (socket) => heard.push(socket.url()));
    page.on("request", (request) => {
      if (/socket\.io|updates/.test(request.url())) heard.push(request.url());
    });
    await signIn(app, page, author);
  });
  await page.locator(":root.takes-part").waitFor();
  await page.getByText("I was there").waitFor();
  await page.getByText("This blog is closed, and its discussion with it.").waitFor();
  expect(await page.locator("#connection").isVisible()).toBe(false);
  expect(heard).toEqual([]);
});

pageTest("where no websocket gets through, the discussion is asked for over HTTP", async () => {
  const blog = await discussion.blog();
  const [author, other] = [await app.newPerson(), await app.newPerson()];
  const page = await browser.open(`/blogs/${blog.slug}/comments`, {}, async (page) => {
    await signIn(app, page, author);
    await page.routeWebSocket(/socket\.io/, (socket) => void socket.close());
    await page.route("**/updates?**", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), pollInMs: 200 } });
    });
  });
  await page.locator(":root.takes-part").waitFor();
  await field(page).fill("Mine, at once");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.locator("#comments").getByText("Mine, at once").waitFor();
  await write(blog, other, "Another’s, by a poll");
  await page.locator("#comments").getByText("Another’s, by a poll").waitFor();
  // A poll may be under way, and its answer would come too late for us.
  await page.unrouteAll({ behavior: "wait" });
});

pageTest("too many characters are counted, and refused in words", async () => {
  const blog = await discussion.blog();
  const page = await open(blog, await app.newPerson());
  await field(page).fill("x".repeat(1_799));
  expect(await page.locator(".write-count").first().isVisible()).toBe(false);
  await field(page).fill("👩‍👩‍👧".repeat(1_990));
  await page.getByText("10 left").waitFor();
  await field(page).fill("x".repeat(2_003));
  await page.getByText("3 too many").waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("A comment can have 2,000 characters; this one has 2,003.").waitFor();
});

pageTest("without JavaScript the discussion is read, and a comment posted", async () => {
  const blog = await discussion.blog();
  const author = await app.newPerson();
  const [thread] = await published(blog, author, ["Already here"]);
  const page = await open(blog, null, { javaScriptEnabled: false });
  await signIn(app, page, author);
  await page.getByText("Already here").waitFor();
  expect(await page.locator(".comment-like, .comment-more").filter({ visible: true }).count()).toBe(0);
  await field(page).fill("Without a script");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Your comment is published.").waitFor();
  await page.locator("#comments").getByText("Without a script").waitFor();
  await comment(page, thread!).getByRole("link", { name: "Answer" }).click();
  await page.getByLabel("Your answer").fill("An answer without a script");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.locator("#comments .reply").getByText("An answer without a script").waitFor();
});

pageTest(
  "axe finds nothing, in light and dark, and no page is wider than a phone",
  async () => {
    const blog = await discussion.blog({ title: "Donaudampfschifffahrtsgesellschaft ".repeat(3) });
    const [author, other] = [await app.newPerson(), await app.newPerson()];
    const [a, b] = await published(blog, author, ["A thread", "x".repeat(300)]);
    const answer = await write(blog, other, "An answer", a!.id);
    await write(blog, author, "A deeper answer", answer.id);
    await discussion.pick(b!.id);
    await discussion.like(other, a!.id);
    await discussion.set(blog, { moderation: "pre", slowModeSeconds: 0 });
    await write(blog, author, "Waiting words");
    await discussion.reject((await write(blog, author, "Refused words")).id);
    for (const [who, search] of [
      [null, ""],
      [author, ""],
      [author, `?thread=${a!.id}`],
      [null, "?sort=featured"],
    ] as const) {
      const page = await open(blog, who, { colorScheme: "light", reducedMotion: "reduce" }, search);
      if (who) await comment(page, a!).locator(".comment-reply").click();
      expect(await findings(page), search).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await findings(page, ["color-contrast"]), `${search} in the dark`).toEqual([]);
      await page.context().close();
    }
    for (const width of [320, 390])
      for (const who of [null, author]) {
        const page = await open(blog, who, { viewport: { width, height: 700 }, isMobile: true });
        if (who) await comment(page, b!).locator(".comment-more").click();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        await page.context().close();
      }
  },
  200_000,
);

/** Scrolls so that an element is where people read. */
async function readAt(page: Page, selector: string): Promise<void> {
  await page.evaluate(async (selector) => {
    const { top } = document.querySelector(selector)!.getBoundingClientRect();
    scrollTo({ top: top + scrollY - 200, behavior: "instant" });
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, selector);
}

/** From now on, looks in every frame how far an element has moved in the window. */
async function watch(page: Page, selector: string): Promise<void> {
  await page.evaluate((selector) => {
    const top = (): number => document.querySelector(selector)!.getBoundingClientRect().top;
    const from = top();
    const look = (): void => {
      const before = (window as unknown as { moved?: number }).moved ?? 0;
      Object.assign(window, { moved: Math.max(before, Math.abs(top() - from)) });
      requestAnimationFrame(look);
    };
    look();
  }, selector);
}

/** The farthest in pixels since `watch`. */
const moved = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise((resolve) => requestAnimationFrame(() => resolve((window as unknown as { moved: number }).moved))),
  );
