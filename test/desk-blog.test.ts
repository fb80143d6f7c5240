import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { PASSWORD, useApp, type Person } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, SIZES } from "./composer-page.ts";
import { lead, signIn } from "./desk-page.ts";
import { choose, press, reach, write } from "./keyboard.ts";

const app = useApp();
const tabs = useBrowser(app);
/** Milliseconds; two desks and a reader on a busy machine. */
const TWO_BROWSERS = 120_000;

async function desk(person: Person, blog: BlogAnswer, options = LAPTOP): Promise<Page> {
  const { page } = await ComposerPage.open(app, tabs, person, blog, options);
  await lead(page, "blog");
  return page;
}

for (const [size, options] of SIZES) {
  pageTest(
    `closing a blog with a summary reaches readers and whoever is writing, at ${size}`,
    async () => {
      const blog = await app.blog();
      const reader = await tabs.open(`/blogs/${blog.slug}`);
      const other = await desk(await app.newPerson({ role: "reporter" }), blog, options);
      await other.keyboard.press("n");
      await other.keyboard.type("Half a sentence");
      const page = await desk(await app.newPerson({ role: "editor" }), blog, options);
      await press(page.getByRole("button", { name: "Close …" }));
      const dialog = page.getByRole("dialog", { name: "Close the blog" });
      await reach(dialog.getByRole("textbox", { name: "Summary for readers" }));
      await page.keyboard.type("The water has gone.");
      expect(await findings(page)).toEqual([]);
      await press(dialog.getByRole("button", { name: "Close the blog" }));
      await reader.locator("#blog-header").getByText("The water has gone.").waitFor();
      await other.locator("#desk-trouble").getByText("This blog is closed").waitFor();
      expect(await other.locator(".composer-text").textContent()).toBe("Half a sentence");
      await other.locator("[data-composer=go]").getByText("Save draft").waitFor();
      await press(other.locator("[data-composer=go]"));
      await other.locator("#pending").getByText("Half a sentence").waitFor();
      await press(page.getByRole("button", { name: "Reopen …" }));
      await press(page.getByRole("dialog").getByRole("button", { name: "Reopen" }));
      await other.locator("#desk-trouble:empty").waitFor({ state: "attached" });
      await other.locator("[data-composer=go]").getByText("Publish").waitFor();
    },
    TWO_BROWSERS,
  );

  pageTest(
    `handing over shows both desks who is on duty, and the note, at ${size}`,
    async () => {
      const blog = await app.blog();
      const editor = await app.newPerson({ role: "editor" });
      const reporter = await app.newPerson({ role: "reporter" });
      const [page, other] = [await desk(editor, blog, options), await desk(reporter, blog, options)];
      expect(await other.getByRole("button", { name: "Hand over" }).isVisible()).toBe(false);
      await press(page.getByRole("button", { name: "Hand over" }));
      const dialog = page.getByRole("dialog", { name: "Hand the blog over" });
      await choose(dialog.getByLabel("To"), reporter.slug);
      await write(dialog.getByLabel("What they should know"), "The mayor calls at ten.");
      expect(await findings(page)).toEqual([]);
      await press(dialog.getByRole("button", { name: "Hand over" }));
      for (const one of [page, other]) {
        await one.locator(`.duty [data-person=${reporter.slug}]`).waitFor();
        await one.locator(".duty-note").getByText("The mayor calls at ten.").waitFor();
      }
      // Whoever is on duty may hand it on.
      await other.getByRole("button", { name: "Hand over" }).waitFor();
    },
    TWO_BROWSERS,
  );

  pageTest(
    `a hand-over that is put off keeps its note, for whoever wrote it, until it is sent, at ${size}`,
    async () => {
      const blog = await app.blog();
      const [editor, colleague] = [await app.newPerson({ role: "editor" }), await app.newPerson({ role: "editor" })];
      const page = await desk(editor, blog, options);
      const dialog = page.getByRole("dialog", { name: "Hand the blog over" });
      const note = dialog.getByLabel("What they should know");
      const open = async () => {
        await lead(page, "blog");
        await press(page.getByRole("button", { name: "Hand over" }));
      };
      await open();
      await choose(dialog.getByLabel("To"), colleague.slug);
      await write(note, "The mayor calls at ten.");
      await page.keyboard.press("Escape");
      await page.reload();
      await open();
      expect(await note.inputValue()).toBe("The mayor calls at ten.");
      expect(await dialog.getByLabel("To").inputValue()).toBe(colleague.slug);
      await signIn(app, page, colleague);
      await page.reload();
      await open();
      expect(await note.inputValue()).toBe("");
      await signIn(app, page, editor);
      await page.reload();
      await open();
      await press(dialog.getByRole("button", { name: "Hand over" }));
      await page.locator(".duty-note").getByText("The mayor calls at ten.").waitFor();
      await open();
      expect(await note.inputValue()).toBe("");
    },
    TWO_BROWSERS,
  );

  pageTest(
    `who is added may write at once, and who is removed is told on an open desk, at ${size}`,
    async () => {
      const blog = await app.blog();
      const person = await app.newPerson({ role: "contributor", blogId: blog.id });
      const other = await desk(person, blog, options);
      await other.keyboard.press("n");
      await other.keyboard.type("Half a sentence");
      await other.locator("[data-composer=go]").getByText("Submit for approval").waitFor();
      const page = await desk(await app.newPerson({ role: "editor" }), blog, options);
      await press(page.getByRole("button", { name: "People …" }));
      const dialog = page.getByRole("dialog", { name: "Who may write and moderate here" });
      await write(dialog.getByLabel("Who"), person.slug);
      await dialog.getByRole("option").filter({ hasText: person.slug }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await choose(dialog.getByLabel("As what"), "reporter");
      await press(dialog.getByRole("button", { name: "Add" }));
      const row = dialog.locator(`[data-person=${person.slug}]`);
      await row.getByText("reporter").waitFor();
      expect(await findings(page)).toEqual([]);
      await other.locator("[data-composer=go]").getByText("Publish").waitFor();
      for (const role of ["reporter", "contributor"])
        await press(row.getByRole("button", { name: `no longer ${role} here` }));
      await other.locator("#desk-trouble").getByText("You no longer have a part in this blog").waitFor();
      expect(await other.locator(".composer-text").textContent()).toBe("Half a sentence");
    },
    TWO_BROWSERS,
  );

  pageTest(
    `two who write the box at once see both texts, at ${size}`,
    async () => {
      const blog = await app.blog();
      const reader = await tabs.open(`/blogs/${blog.slug}`);
      const one = await desk(await app.newPerson({ role: "reporter" }), blog, options);
      const other = await desk(await app.newPerson({ role: "reporter" }), blog, options);
      for (const page of [one, other]) await press(page.getByRole("button", { name: "Write one …" }));
      await writeBox(one, "Nobody is hurt.");
      await press(one.getByRole("button", { name: "Save", exact: true }));
      await reader.locator("#what-we-know").getByText("Nobody is hurt.").waitFor();
      await writeBox(other, "The bridge is shut.");
      await press(other.getByRole("button", { name: "Save", exact: true }));
      await other.locator(".theirs").getByText("Nobody is hurt.").waitFor();
      expect(await other.locator("dialog .composer-text").textContent()).toBe("The bridge is shut.");
      expect(await findings(other)).toEqual([]);
      await press(other.getByRole("button", { name: "Save", exact: true }));
      await reader.locator("#what-we-know").getByText("The bridge is shut.").waitFor();
      await press(one.getByRole("button", { name: "Edit the box …" }));
      await press(one.getByText("What it said before"));
      await one.locator(".box-history").getByText("Nobody is hurt.").waitFor();
      await press(one.locator(".box-history").getByRole("button", { name: "Use this text" }).last());
      expect(await one.locator("dialog .rich .composer-text").textContent()).toBe("Nobody is hurt.");
    },
    TWO_BROWSERS,
  );
}

pageTest("what was written in the box is there again after the page was lost", async () => {
  const blog = await app.blog();
  const page = await desk(await app.newPerson({ role: "reporter" }), blog);
  await press(page.getByRole("button", { name: "Write one …" }));
  await writeBox(page, "Nobody is hurt.");
  await page.reload();
  await press(page.getByRole("button", { name: "Write one …" }));
  await page.getByText("What you were writing is still here.").waitFor();
  expect(await page.locator("dialog .composer-text").textContent()).toBe("Nobody is hurt.");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

pageTest("a title that somebody else has changed meanwhile is shown, and not written over unseen", async () => {
  const blog = await app.blog({ title: "Bridge shut" });
  const page = await desk(await app.newPerson({ role: "editor" }), blog);
  await press(page.getByRole("button", { name: "Title and settings …" }));
  const dialog = page.getByRole("dialog", { name: "Title and settings" });
  await write(dialog.getByLabel("Title", { exact: true }), "Bridge shut for days");
  await write(dialog.getByLabel("Time zone"), "new york");
  expect(await findings(page)).toEqual([]);
  await newsroom(app, blog).rename({ title: "Bridge shut until Sunday" });
  await press(dialog.getByRole("button", { name: "Save" }));
  await dialog.locator(".theirs").getByText("Bridge shut until Sunday").waitFor();
  await press(dialog.getByRole("button", { name: "Save" }));
  await page.locator("#desk-header").getByRole("heading", { name: "Bridge shut for days" }).waitFor();
  await page.locator("#desk-header[data-time-zone='America/New_York']").waitFor();
});

pageTest(
  "who is signed out while the desk is open is told, signs in again in place, and goes on",
  async () => {
    const blog = await app.blog();
    const person = await app.newPerson({ role: "reporter" });
    const page = await desk(person, blog);
    await page.keyboard.press("n");
    await page.keyboard.type("Half a sentence");
    const { db } = app.app.context;
    await db.deleteFrom("sessions").where("user_id", "=", person.id).execute();
    await page.getByRole("button", { name: "Sign in again" }).waitFor({ timeout: 45_000 });
    await press(page.getByRole("button", { name: "Sign in again" }));
    await db.deleteFrom("rate_limits").execute();
    await write(page.getByLabel("E-mail"), person.email);
    await write(page.getByLabel("Password"), PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator("#desk-trouble:empty").waitFor({ state: "attached" });
    expect(await page.locator(".composer-text").textContent()).toBe("Half a sentence");
    await app.post(blog, { headline: "Bridge shut" });
    await page.locator("#posts").getByText("Bridge shut").waitFor();
  },
  90_000,
);

pageTest(
  "the kept note of one blog is not taken for a colleague's of another, however their names run on",
  async () => {
    const slug = `quay-${randomUUID()}`;
    const [quay, north] = [await app.blog({ slug }), await app.blog({ slug: `${slug}-north` })];
    const [one, other] = [await app.newPerson({ role: "editor" }), await app.newPerson({ role: "editor" })];
    for (const [{ id }, name] of [
      [one, "north-jo"],
      [other, "jo"],
    ] as const)
      await app.app.context.db.updateTable("users").set({ slug: name }).where("id", "=", id).execute();
    const page = await desk(one, quay);
    const note = page.getByRole("dialog", { name: "Hand the blog over" }).getByLabel("What they should know");
    await press(page.getByRole("button", { name: "Hand over" }));
    await write(note, "The mayor calls at ten.");
    await signIn(app, page, other);
    await page.goto(`/desk/blogs/${north.slug}`);
    await press(page.getByRole("button", { name: "Hand over" }));
    expect(await note.inputValue()).toBe("");
  },
);

async function writeBox(page: Page, words: string): Promise<void> {
  await reach(page.locator("dialog .composer-text"));
  await page.keyboard.type(words);
}
