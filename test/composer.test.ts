import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { useApp } from "./app.ts";
import { findings, findingsInBoth, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, published, SIZES } from "./composer-page.ts";
import { check, choose, press, reach, write, writeTime } from "./keyboard.ts";

const app = useApp();
const browser = useBrowser(app);

/** The post is with readers. */
async function out(blog: BlogAnswer, count: number) {
  await expect.poll(async () => (await published(app, blog)).length, { timeout: 20_000 }).toBe(count);
  return published(app, blog);
}

pageTest(`what nobody calls back goes out by itself, at ${SIZES.map(([size]) => size).join(" and ")}`, async () => {
  // Side by side, for the sake of the ten seconds.
  const waiting = SIZES.map(async ([, options]) => {
    const blog = await app.blog();
    const composer = await ComposerPage.open(app, browser, await app.person("reporter"), blog, options);
    await composer.type("By itself");
    await press(composer.button("Publish"));
    await composer.at("sent").getByText("Published: By itself").waitFor({ timeout: 40_000 });
    await out(blog, 1);
  });
  await Promise.all(waiting);
});

for (const [size, options] of SIZES) {
  const openFor = async (role: "reporter" | "contributor" | "editor", blog: BlogAnswer) =>
    ComposerPage.open(app, browser, await app.person(role), blog, options);

  pageTest(`an entry is written and published from the keyboard alone, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { keyboard } = composer.page;
    await keyboard.press("n");
    await keyboard.type("The wall has **held** so far. ");
    await keyboard.press("Control+i");
    await keyboard.type("So far.");
    await keyboard.press("Control+i");
    await keyboard.press("Enter");
    await keyboard.type("- North pier");
    await keyboard.press("Enter");
    await keyboard.type("South pier");
    await keyboard.press("Control+Shift+Enter");

    const [post] = await out(blog, 1);
    expect(post!.body).toBe(
      "<p>The wall has <strong>held</strong> so far. <em>So far.</em></p><ul><li><p>North pier</p></li><li><p>South pier</p></li></ul>",
    );
    await composer.page.locator("#posts").getByText("North pier").waitFor();
    expect(await composer.text.textContent()).toBe("");
    // The next line goes on from here.
    await keyboard.type("Next");
    expect(await composer.text.textContent()).toBe("Next");
  });

  pageTest(`publishing waits ten seconds, in which it can be called back or hurried, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await composer.type("Too early");
    await page.keyboard.press("Control+Enter");
    const strip = composer.at("sent").locator(".is-waiting");
    await strip.getByText(/Out in \d+ s/).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("u");
    await composer.text.getByText("Too early").waitFor();
    await strip.waitFor({ state: "detached" });
    expect(await published(app, blog)).toEqual([]);

    await reach(composer.text);
    await page.keyboard.press("End");
    await page.keyboard.type(", and now right");
    await press(composer.button("Publish"));
    await press(strip.getByRole("button", { name: "Publish now" }));
    const [post] = await out(blog, 1);
    expect(post!.body).toBe("<p>Too early, and now right</p>");
    await composer.at("sent").getByText("Published: Too early").waitFor();
  });

  pageTest(`what could not be called back or hurried is not said to be out, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    const strip = composer.at("sent").locator(".is-waiting");
    for (const [button, words] of [
      ["Undo", "Not called back: It was changed by somebody else"],
      ["Publish now", "Not published now: It was changed by somebody else"],
    ] as const) {
      await composer.type(`Changed before ${button}`);
      await page.keyboard.press("Control+Enter");
      await strip.getByText(/Out in \d+ s/).waitFor();
      const [pending] = await app.app.context.db
        .updateTable("posts")
        .set(({ eb }) => ({ version: eb("version", "+", 1) }))
        .where("blog_id", "=", blog.id)
        .where("status", "=", "scheduled")
        .returning("id")
        .execute();
      expect(pending).toBeDefined();
      await press(strip.getByRole("button", { name: button }));
      await composer.at("sent").getByText(words).waitFor();
    }
  });

  pageTest(`commands, people and tags in the text set fields and leave nothing behind, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await reach(composer.text);
    await page.keyboard.type("/key The wall /unverified has held /");
    await page.getByRole("option", { name: "/pin" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("#storm");
    await page.getByRole("option", { name: /#storm/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.type(" and/or #1 stays");

    expect(await composer.text.textContent()).toBe("The wall has held and/or #1 stays");
    await composer.page.keyboard.press("Control+Shift+Enter");
    const [post] = await out(blog, 1);
    expect(post).toMatchObject({ keyEvent: true, pinned: true, verification: "unverified", tags: ["storm"] });
  });

  pageTest(
    `headline, byline, sources, note and verification are set behind "More", and seen as chips, at ${size}`,
    async () => {
      const blog = await app.blog();
      const composer = await openFor("reporter", blog);
      const { page } = composer;
      await composer.type("Words");
      await press(composer.button("Headline"));
      await page.keyboard.type("The wall holds");
      await press(composer.button("More"));
      await write(page.locator("#composer-byline"), "Ines Guest");
      await page.keyboard.press("Enter");
      await write(page.locator("#composer-tags"), "#Sea Wall");
      await page.keyboard.press("Enter");
      await choose(page.locator("#composer-verification"), "partly-verified");
      await write(page.locator("#composer-verification-note"), "One of two photographs");
      await press(composer.button("Add a source"));
      await page.keyboard.type("Harbour office");
      await write(page.locator("[data-source=url]"), "https://port.example/");
      await check(page.getByLabel("Readers see it"));
      await write(page.locator("#composer-note"), "Ring them again at six");
      await press(composer.button("More"));

      const chips = composer.at("chips");
      for (const label of [
        "By Ines Guest",
        "#sea wall",
        "Partly verified: One of two",
        "Source: Harbour office",
        "Note: Ring them",
      ])
        await chips.getByText(label).waitFor();
      await press(chips.getByRole("button", { name: "Remove Note: Ring them again at six" }));
      await page.keyboard.press("Control+Shift+Enter");
      const [post] = await out(blog, 1);
      expect(post).toMatchObject({
        headline: "The wall holds",
        authors: [{ name: "Ines Guest", slug: null }],
        tags: ["sea wall"],
        verification: "partly-verified",
        verificationNote: "One of two photographs",
        sources: [{ name: "Harbour office", url: "https://port.example/", public: true }],
      });
    },
  );

  pageTest(`a quote needs what was said and by whom, and says so at the field, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await page.keyboard.press("q");
    await page.keyboard.type("We had four minutes.");
    await page.keyboard.press("Control+Enter");
    const name = page.getByLabel("Who said it");
    expect(await name.getAttribute("aria-invalid")).toBe("true");
    expect(
      await name.evaluate((field) => document.getElementById(field.getAttribute("aria-describedby")!)!.textContent),
    ).toBe("A quote needs the name of whoever said it.");
    expect(await name.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await findings(page)).toEqual([]);
    await page.keyboard.type("Jonas Reed");
    await write(page.getByLabel("In what role"), "fisherman");
    await write(page.getByLabel("Where it was said"), "on the pier");
    await page.keyboard.press("Control+Shift+Enter");
    const [post] = await out(blog, 1);
    expect(post!.quote).toEqual({
      text: "We had four minutes.",
      attribution: { name: "Jonas Reed", role: "fisherman", source: "on the pier", sourceUrl: null },
    });
  });

  pageTest(`an approved comment is found, answered and published, at ${size}`, async () => {
    const blog = await app.blog();
    await app.approvedComment(blog, "Is the coast road open?");
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await page.keyboard.press("c");
    await page.getByRole("option", { name: "Is the coast road open?" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await composer.at("comment-picked").getByText("Is the coast road open?").waitFor();
    await page.keyboard.type("Since noon.");
    await page.keyboard.press("Control+Shift+Enter");
    const [post] = await out(blog, 1);
    expect(post).toMatchObject({
      kind: "comment",
      body: "<p>Since noon.</p>",
      comment: { body: "Is the coast road open?" },
    });
  });

  pageTest(`the preview is the reader's own post, and follows what is typed, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    const preview = composer.at("preview");
    await press(composer.button("Preview"));
    await preview.getByText("A post needs a headline, a text or a picture.").waitFor();
    await reach(composer.text);
    await page.keyboard.type("The wall **holds** ");
    await preview.locator("article.post strong").getByText("holds").waitFor();
    await press(composer.button("Unverified"));
    await preview.getByText("The newsroom has not been able to verify this.").waitFor();
    expect(await published(app, blog)).toEqual([]);
    expect(await findings(page)).toEqual([]);
    await press(composer.button("Preview"));
    await preview.waitFor({ state: "hidden" });
  });

  pageTest(`drafts are kept for oneself or the desk, and contributors submit, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await composer.type("Mine alone");
    await composer.send("Save draft, only for me");
    await composer.at("sent").getByText("Kept as your draft").waitFor();
    await composer.type("For the desk");
    await composer.send("Save draft, for the desk");
    await page.locator("#pending").getByText("For the desk").waitFor();

    const contributor = await openFor("contributor", blog);
    expect(await contributor.button("Publish").count()).toBe(0);
    expect(await contributor.button("Key event").isVisible()).toBe(false);
    await contributor.type("Handed in");
    await contributor.page.keyboard.press("Control+Enter");
    await page.locator("#pending").getByText("Handed in").waitFor();
    expect(await published(app, blog)).toEqual([]);
  });

  pageTest(`a post is scheduled on the newsroom's clock, at ${size}`, async () => {
    const blog = await app.blog({ timeZone: "Europe/London" });
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await composer.type("Later");
    await composer.send("Schedule …");
    const dialog = composer.at("schedule");
    await writeTime(dialog.getByLabel("Day"), "2029-03-25");
    await writeTime(dialog.getByLabel("Time"), "01:30:00");
    await dialog.getByText("there is no such time on that day").waitFor();
    await writeTime(dialog.getByLabel("Day"), "2029-10-28");
    await dialog.getByText("this time comes twice").waitFor();
    await check(dialog.getByLabel("GMT"));
    await dialog.getByText(/Goes out Sun,? 28 Oct,? 01:30:00 GMT/).waitFor();
    expect(await findings(page)).toEqual([]);
    await press(dialog.getByRole("button", { name: "Schedule" }));
    await composer.at("sent").getByText("Scheduled: Later").waitFor();
    const { rows } = await app.app.context.sql`select publish_at from posts where blog_id = ${blog.id}`.then(
      (rows) => ({ rows }),
    );
    expect(rows[0]!.publish_at).toEqual(new Date("2029-10-28T01:30:00Z"));
  });

  pageTest(`a published post is changed and corrected in the same composer, at ${size}`, async () => {
    const blog = await app.blog();
    const post = await app.post(blog, { headline: "Befor", body: "<p>Words</p>" });
    const composer = await openFor("reporter", blog);
    const { page } = composer;
    await composer.type("Something else");
    await composer.edit(post);
    await composer.at("editing").getByText("Editing what readers see: Befor").waitFor();
    await write(page.getByLabel("Headline", { exact: true }), "Before");
    await press(composer.button("Key event"));
    await press(composer.button("More"));
    await write(page.locator("#composer-correction"), "The headline was misspelt.");
    await press(composer.button("Save changes"));
    await composer.at("sent").getByText("Changed: Before").waitFor();
    const [changed] = await published(app, blog);
    expect(changed).toMatchObject({
      headline: "Before",
      body: "<p>Words</p>",
      keyEvent: true,
      correction: { text: "The headline was misspelt." },
    });
    // What was being written before is still there.
    await press(composer.button("1 unfinished on this device"));
    await press(composer.button("Open: Something else"));
    await composer.text.getByText("Something else").waitFor();
  });

  pageTest(`axe finds nothing in the composer with everything open, in light and dark, at ${size}`, async () => {
    const composer = await openFor("reporter", await app.blog());
    const { page } = composer;
    await press(composer.button("More"));
    await press(composer.button("Add a source"));
    await write(page.locator("#composer-tags"), "storm");
    await page.keyboard.press("Enter");
    await press(composer.button("Other ways to send it"));
    expect(await findingsInBoth(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await reach(composer.text);
    await page.keyboard.type("/");
    await page.getByRole("option").first().waitFor();
    expect(await findingsInBoth(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await press(composer.at("help"));
    expect(await findingsInBoth(page)).toEqual([]);
  });
}
