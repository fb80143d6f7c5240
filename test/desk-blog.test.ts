import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { PASSWORD, useApp, type Person } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, SIZES } from "./composer-page.ts";
import { signIn } from "./desk-page.ts";

const app = useApp();
const tabs = useBrowser(app);
/** Milliseconds; two desks and a reader on a busy machine. */
const TWO_BROWSERS = 120_000;

async function desk(person: Person, blog: BlogAnswer, options = LAPTOP): Promise<Page> {
  const { page } = await ComposerPage.open(app, tabs, person, blog, options);
  const link = page.locator(".desk-tabs [data-tab=blog]");
  if (await link.isVisible()) await link.click();
  return page;
}

const write = async (page: Page): Promise<void> => {
  const link = page.locator(".desk-tabs [data-tab=write]");
  if (await link.isVisible()) await link.click();
};

for (const [size, options] of SIZES) {
  pageTest(
    `closing a blog with a summary reaches readers and whoever is writing, at ${size}`,
    async () => {
      const blog = await app.blog();
      const reader = await tabs.open(`/blogs/${blog.slug}`);
      const other = await desk(await app.newPerson({ role: "reporter" }), blog, options);
      await write(other);
      await other.locator(".composer-text").click();
      await other.keyboard.type("Half a sentence");
      const page = await desk(await app.newPerson({ role: "editor" }), blog, options);
      await page.getByRole("button", { name: "Close …" }).click();
      const dialog = page.getByRole("dialog", { name: "Close the blog" });
      await dialog.getByRole("textbox", { name: "Summary for readers" }).click();
      await page.keyboard.type("The water has gone.");
      expect(await findings(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Close the blog" }).click();
      await reader.locator("#blog-header").getByText("The water has gone.").waitFor();
      await other.locator("#desk-trouble").getByText("This blog is closed").waitFor();
      expect(await other.locator(".composer-text").textContent()).toBe("Half a sentence");
      await other.locator("[data-composer=go]").getByText("Save draft").waitFor();
      await other.locator("[data-composer=go]").click();
      await other.locator("#pending").getByText("Half a sentence").waitFor();
      await page.getByRole("button", { name: "Reopen …" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Reopen" }).click();
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
      await page.getByRole("button", { name: "Hand over" }).click();
      const dialog = page.getByRole("dialog", { name: "Hand the blog over" });
      await dialog.getByLabel("To").selectOption(reporter.slug);
      await dialog.getByLabel("What they should know").fill("The mayor calls at ten.");
      expect(await findings(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Hand over" }).click();
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
        const link = page.locator(".desk-tabs [data-tab=blog]");
        if (await link.isVisible()) await link.click();
        await page.getByRole("button", { name: "Hand over" }).click();
      };
      await open();
      await dialog.getByLabel("To").selectOption(colleague.slug);
      await note.fill("The mayor calls at ten.");
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
      await dialog.getByRole("button", { name: "Hand over" }).click();
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
      await write(other);
      await other.locator(".composer-text").click();
      await other.keyboard.type("Half a sentence");
      await other.locator("[data-composer=go]").getByText("Submit for approval").waitFor();
      const page = await desk(await app.newPerson({ role: "editor" }), blog, options);
      await page.getByRole("button", { name: "People …" }).click();
      const dialog = page.getByRole("dialog", { name: "Who may write and moderate here" });
      await dialog.getByLabel("Who").pressSequentially(person.slug);
      await dialog.getByRole("option").filter({ hasText: person.slug }).click();
      await dialog.getByLabel("As what").selectOption("reporter");
      await dialog.getByRole("button", { name: "Add" }).click();
      const row = dialog.locator(`[data-person=${person.slug}]`);
      await row.getByText("reporter").waitFor();
      expect(await findings(page)).toEqual([]);
      await other.locator("[data-composer=go]").getByText("Publish").waitFor();
      for (const role of ["reporter", "contributor"])
        await row.getByRole("button", { name: `no longer ${role} here` }).click();
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
      for (const page of [one, other]) await page.getByRole("button", { name: "Write one …" }).click();
      await writeBox(one, "Nobody is hurt.");
      await one.getByRole("button", { name: "Save", exact: true }).click();
      await reader.locator("#what-we-know").getByText("Nobody is hurt.").waitFor();
      await writeBox(other, "The bridge is shut.");
      await other.getByRole("button", { name: "Save", exact: true }).click();
      await other.locator(".theirs").getByText("Nobody is hurt.").waitFor();
      expect(await other.locator("dialog .composer-text").textContent()).toBe("The bridge is shut.");
      expect(await findings(other)).toEqual([]);
      await other.getByRole("button", { name: "Save", exact: true }).click();
      await reader.locator("#what-we-know").getByText("The bridge is shut.").waitFor();
      await one.getByRole("button", { name: "Edit the box …" }).click();
      await one.getByText("What it said before").click();
      await one.locator(".box-history").getByText("Nobody is hurt.").waitFor();
      await one.locator(".box-history").getByRole("button", { name: "Use this text" }).last().click();
      expect(await one.locator("dialog .rich .composer-text").textContent()).toBe("Nobody is hurt.");
    },
    TWO_BROWSERS,
  );
}

pageTest("what was written in the box is there again after the page was lost", async () => {
  const blog = await app.blog();
  const page = await desk(await app.newPerson({ role: "reporter" }), blog);
  await page.getByRole("button", { name: "Write one …" }).click();
  await writeBox(page, "Nobody is hurt.");
  await page.reload();
  await page.getByRole("button", { name: "Write one …" }).click();
  await page.getByText("What you were writing is still here.").waitFor();
  expect(await page.locator("dialog .composer-text").textContent()).toBe("Nobody is hurt.");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

pageTest("a title that somebody else has changed meanwhile is shown, and not written over unseen", async () => {
  const blog = await app.blog({ title: "Bridge shut" });
  const page = await desk(await app.newPerson({ role: "editor" }), blog);
  await page.getByRole("button", { name: "Title and settings …" }).click();
  const dialog = page.getByRole("dialog", { name: "Title and settings" });
  await dialog.getByLabel("Title", { exact: true }).fill("Bridge shut for days");
  await dialog.getByLabel("Time zone").fill("new york");
  expect(await findings(page)).toEqual([]);
  await newsroom(app, blog).rename({ title: "Bridge shut until Sunday" });
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.locator(".theirs").getByText("Bridge shut until Sunday").waitFor();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator("#desk-header").getByRole("heading", { name: "Bridge shut for days" }).waitFor();
  await page.locator("#desk-header[data-time-zone='America/New_York']").waitFor();
});

pageTest(
  "who is signed out while the desk is open is told, signs in again in place, and goes on",
  async () => {
    const blog = await app.blog();
    const person = await app.newPerson({ role: "reporter" });
    const page = await desk(person, blog);
    await page.locator(".composer-text").click();
    await page.keyboard.type("Half a sentence");
    const { db } = app.app.context;
    await db.deleteFrom("sessions").where("user_id", "=", person.id).execute();
    await page.getByRole("button", { name: "Sign in again" }).click({ timeout: 45_000 });
    await db.deleteFrom("rate_limits").execute();
    await page.getByLabel("E-mail").fill(person.email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Password").press("Enter");
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
    await page.getByRole("button", { name: "Hand over" }).click();
    await note.fill("The mayor calls at ten.");
    await signIn(app, page, other);
    await page.goto(`/desk/blogs/${north.slug}`);
    await page.getByRole("button", { name: "Hand over" }).click();
    expect(await note.inputValue()).toBe("");
  },
);

async function writeBox(page: Page, words: string): Promise<void> {
  await page.locator("dialog .composer-text").click();
  await page.keyboard.type(words);
}
