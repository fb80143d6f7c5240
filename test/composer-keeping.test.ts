import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { PASSWORD, useApp, type Person } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, LAPTOP, published, SIZES } from "./composer-page.ts";
import { lead, signIn } from "./desk-page.ts";
import { press, reach, write } from "./keyboard.ts";
import { totp } from "./totp.ts";

const app = useApp();
const browser = useBrowser(app);

const open = async (blog: BlogAnswer, person?: Person, options = LAPTOP) =>
  ComposerPage.open(app, browser, person ?? (await app.person("reporter")), blog, options);

const bodies = async (blog: BlogAnswer) => (await published(app, blog)).map(({ body }) => body);

const sendNow = (composer: ComposerPage) => composer.page.keyboard.press("Control+Shift+Enter");

pageTest("what was typed is there again after a crash in the middle of a word, and after a reload", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  await composer.type("The wall is about to bre");
  await press(composer.button("Key event"));
  await composer.kept();
  // The page is gone without having been told.
  void composer.page.goto("chrome://crash").catch(() => {});
  await composer.page.waitForEvent("crash");

  const again = new ComposerPage(await composer.page.context().newPage());
  await again.page.goto(`/desk/blogs/${blog.slug}`);
  await again.ready();
  await again.text.getByText("The wall is about to bre").waitFor();
  await again.at("notice").getByText("Restored").waitFor();
  expect(await again.button("Key event").getAttribute("aria-pressed")).toBe("true");
  await again.page.reload();
  await again.ready();
  expect(await again.text.textContent()).toBe("The wall is about to bre");
});

pageTest(
  "several unfinished ones are listed, opened, discarded, and had back; two tabs keep to their own",
  async () => {
    const blog = await app.blog();
    const composer = await open(blog);
    const { page } = composer;
    await composer.type("First");
    await page.keyboard.press("Escape");
    await page.keyboard.press("q");
    await page.keyboard.type("Second");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.type("Third");
    await press(composer.button("2 unfinished on this device"));
    await press(composer.button("Discard: First"));
    await composer.button("1 unfinished on this device").waitFor();
    await press(composer.at("unfinished").getByRole("button", { name: "Undo" }));
    await composer.button("2 unfinished on this device").waitFor();
    expect(await findings(page)).toEqual([]);

    const other = await composer.another();
    // The other tab took what this one has not open, and types into that.
    expect(["First", "Second"]).toContain(
      (await other.text.textContent()) ||
        (await other.page.getByRole("textbox", { name: "What was said" }).inputValue()),
    );
    await other.page.keyboard.press("n");
    await other.page.keyboard.type("Fourth");
    await composer.type(" and more");
    await composer.page.reload();
    await composer.ready();
    expect(await composer.text.textContent()).toBe("Third and more");
    await other.page.reload();
    await other.ready();
    expect(await other.text.textContent()).toBe("Fourth");
    await press(other.button("3 unfinished on this device"));
    await other.at("unfinished").getByText("open in another tab").waitFor();
  },
);

pageTest("a row drawn before another tab wrote on discards nothing of it, and opens what is there now", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  await composer.type("Old words");
  await composer.page.keyboard.press("Escape");
  await composer.page.keyboard.press("n");
  await press(composer.button("1 unfinished on this device"));
  await composer.button("Open: Old words").waitFor();
  const other = await composer.another();
  await other.text.getByText("Old words").waitFor();
  await press(other.text, "End");
  await other.page.keyboard.type(" and newer ones");
  await press(composer.button("Discard: Old words"));
  await composer.at("unfinished").getByText("open in another tab").waitFor();

  await other.page.keyboard.press("Escape");
  await other.page.keyboard.press("n");
  await press(composer.button("1 unfinished on this device"));
  await press(composer.button("1 unfinished on this device"));
  await composer.button("Open: Old words and newer ones").waitFor();
  await press(other.button("1 unfinished on this device"));
  await press(other.button("Open: Old words and newer ones"));
  await press(other.text, "End");
  await other.page.keyboard.type(", and the newest");
  await other.page.keyboard.press("Escape");
  await other.page.keyboard.press("n");
  await press(composer.button("Open: Old words and newer ones"));
  await composer.text.getByText("Old words and newer ones, and the newest").waitFor();
});

for (const [size, options] of SIZES)
  pageTest(`three posts written offline wait visibly, and go out once and in order, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await open(blog, undefined, options);
    const { page } = composer;
    await page.context().setOffline(true);
    for (const words of ["One", "Two", "Three"]) {
      await composer.type(words);
      await sendNow(composer);
      expect(await composer.text.textContent()).toBe("");
    }
    await composer.at("outbox").getByText("Waiting for a connection: 3 posts").waitFor();
    expect(await findings(page)).toEqual([]);
    expect(await bodies(blog)).toEqual([]);
    await page.context().setOffline(false);
    await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>One</p>", "<p>Two</p>", "<p>Three</p>"]);
    await composer.at("outbox").waitFor({ state: "hidden" });
  });

pageTest("a post whose answer was lost after the server had it is published once, also by another tab", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  const { page } = composer;
  await loseAnswers(page.context(), "POST", "**/api/blogs/*/posts", 2);
  await composer.type("Once");
  await sendNow(composer);
  await composer.at("outbox").getByText("Waiting for a connection: 1 post").waitFor();
  await composer.type("Then this");
  await sendNow(composer);
  await composer.at("outbox").getByText("Waiting for a connection: 2 posts").waitFor();
  const other = new ComposerPage(await page.context().newPage());
  await page.close();
  await other.page.goto(`/desk/blogs/${blog.slug}`);
  await other.ready();
  await expect.poll(() => bodies(blog), { timeout: 30_000 }).toEqual(["<p>Once</p>", "<p>Then this</p>"]);
  await other.at("outbox").waitFor({ state: "hidden" });
});

pageTest("a server that is busy is asked again when it said, and an error of its own loses nothing", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  const answers = [
    { status: 429, headers: { "Retry-After": "1" } },
    { status: 503, headers: { "Retry-After": "1" } },
    { status: 502, body: "<h1>Bad gateway</h1>" },
  ];
  await composer.page.route("**/api/blogs/*/posts", (route) => {
    const answer = answers.shift();
    return answer ? route.fulfill(answer) : route.continue();
  });
  await composer.type("Patient");
  await sendNow(composer);
  await expect.poll(() => bodies(blog), { timeout: 30_000 }).toEqual(["<p>Patient</p>"]);
  expect(answers).toEqual([]);
});

for (const [size, options] of SIZES)
  pageTest(
    `a session that ended is begun again in place, by the same person only, and the post goes out, at ${size}`,
    async () => {
      const blog = await app.blog();
      const reporter = await app.newPerson({ role: "reporter" });
      const somebodyElse = await app.newPerson({ role: "editor" });
      const composer = await open(blog, reporter, options);
      const { page } = composer;
      await composer.type("Before the session ended");
      await app.app.context.db.deleteFrom("sessions").where("user_id", "=", reporter.id).execute();
      await sendNow(composer);
      const dialog = composer.at("sign-in");
      await dialog.getByText("Your session has ended").waitFor();
      expect(await findings(page)).toEqual([]);

      const attempt = async (email: string, password: string): Promise<void> => {
        await write(dialog.getByLabel("E-mail"), email);
        await write(dialog.getByLabel("Password"), password);
        await press(dialog.getByRole("button", { name: "Sign in" }));
      };
      await attempt(reporter.email, "not the password");
      await dialog.getByText("E-mail or password is not right.").waitFor();
      await attempt(somebodyElse.email, PASSWORD);
      await dialog.getByText("account. What is written here belongs to").waitFor();
      expect(await bodies(blog)).toEqual([]);
      await attempt(reporter.email, PASSWORD);
      await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>Before the session ended</p>"]);
    },
  );

pageTest("an account with a second factor is asked for its code in place as well", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await open(blog, reporter);
  const { page } = composer;
  const headers = { Origin: app.url };
  const enabled = await page.request.post("/api/auth/two-factor/enable", { headers, data: { password: PASSWORD } });
  const secret = new URL((await enabled.json()).totpURI).searchParams.get("secret")!;
  const verified = await page.request.post("/api/auth/two-factor/verify-totp", {
    headers,
    data: { code: totp(secret) },
  });
  expect(verified.ok()).toBe(true);
  await composer.type("With a code");
  await app.app.context.db.deleteFrom("sessions").where("user_id", "=", reporter.id).execute();
  await sendNow(composer);
  const dialog = composer.at("sign-in");
  await write(dialog.getByLabel("E-mail"), reporter.email);
  await write(dialog.getByLabel("Password"), PASSWORD);
  await page.keyboard.press("Enter");
  await write(dialog.getByLabel("Code from your authenticator"), totp(secret) === "000000" ? "111111" : "000000");
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await dialog.getByText("That code is not right").waitFor();
  await write(dialog.getByLabel("Code from your authenticator"), totp(secret));
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>With a code</p>"]);
});

pageTest("signing in again can wait, and the post waits with it", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await open(blog, reporter);
  await composer.type("Later then");
  await app.app.context.db.deleteFrom("sessions").where("user_id", "=", reporter.id).execute();
  await sendNow(composer);
  await press(composer.at("sign-in").getByRole("button", { name: "Later" }));
  await composer.at("outbox").getByText("Waiting for you to sign in: 1 post").waitFor();
  await signIn(app, composer.page, reporter);
  await composer.page.reload();
  await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>Later then</p>"]);
});

pageTest("what the server refuses comes back with its reason at the field, and nothing of it is lost", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  const { page } = composer;
  await page.keyboard.press("q");
  await page.keyboard.type("Said so.");
  await write(page.getByLabel("Who said it"), "Jonas Reed");
  await write(page.locator("#composer-quote-link"), "not an address");
  await sendNow(composer);
  await composer.at("refusal").getByText("The link to where it was said is not written as it has to be.").waitFor();
  const field = page.locator("#composer-quote-link");
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByRole("textbox", { name: "What was said" }).inputValue()).toBe("Said so.");
  await write(field, "https://port.example/");
  await composer.at("refusal").waitFor({ state: "hidden" });
  await sendNow(composer);
  await expect.poll(() => bodies(blog), { timeout: 20_000 }).toHaveLength(1);
});

pageTest("a blog that closed while typing, and a role that was lost, are said, and the text stays", async () => {
  const blog = await app.blog();
  const reporter = await app.newPerson({ role: "reporter" });
  const composer = await open(blog, reporter);
  await composer.type("Too late");
  await newsroom(app, blog).close();
  await composer.page.getByText("This blog is closed.").waitFor();
  expect(await composer.text.textContent()).toBe("Too late");
  await newsroom(app, blog).reopen();
  await composer.page.getByText("This blog is closed.").waitFor({ state: "hidden" });
  await app.app.context.db.deleteFrom("roles").where("user_id", "=", reporter.id).execute();
  await sendNow(composer);
  await composer.at("refusal").getByText("You may not do this here any more.").waitFor();
  expect(await composer.text.textContent()).toBe("Too late");
  expect(await bodies(blog)).toEqual([]);
});

pageTest("what one account typed is not shown to another on the same device", async () => {
  const blog = await app.blog();
  const [one, other] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "reporter" })];
  const composer = await open(blog, one);
  await composer.type("For my eyes");
  await signIn(app, composer.page, other);
  await composer.page.reload();
  await composer.ready();
  expect(await composer.text.textContent()).toBe("");
  expect(await composer.at("unfinished-button").isVisible()).toBe(false);
  await signIn(app, composer.page, one);
  await composer.page.reload();
  await composer.ready();
  expect(await composer.text.textContent()).toBe("For my eyes");
});

pageTest("what waits does not go out as somebody else, who signed in in another tab", async () => {
  const blog = await app.blog();
  const [one, other] = [await app.newPerson({ role: "reporter" }), await app.newPerson({ role: "reporter" })];
  const composer = await open(blog, one);
  await signIn(app, composer.page, other);
  await composer.type("Mine alone");
  await sendNow(composer);
  const dialog = composer.at("sign-in");
  await dialog.getByText("Your session has ended").waitFor();
  expect(await bodies(blog)).toEqual([]);
  await write(dialog.getByLabel("E-mail"), one.email);
  await write(dialog.getByLabel("Password"), PASSWORD);
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>Mine alone</p>"]);
  expect((await published(app, blog))[0]!.authors).toMatchObject([{ name: one.name }]);
});

pageTest("a browser that keeps nothing says so, and still publishes", async () => {
  const blog = await app.blog();
  const reporter = await app.person("reporter");
  const page = await browser.open(`/desk/blogs/${blog.slug}`, {}, async (page) => {
    await page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: undefined }));
    await signIn(app, page, reporter);
  });
  const composer = new ComposerPage(page);
  await composer.ready();
  await composer.at("not-kept").getByText("This browser keeps nothing on this device").waitFor();
  await composer.type("All the same");
  await sendNow(composer);
  await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>All the same</p>"]);
});

for (const [size, options] of SIZES)
  pageTest(
    `when somebody else changed the post meanwhile, both texts are shown and one is chosen, at ${size}`,
    async () => {
      const blog = await app.blog();
      const post = await app.post(blog, { headline: "Before" });
      const composer = await open(blog, undefined, options);
      const { page } = composer;
      await composer.edit(post);
      await write(page.getByLabel("Headline", { exact: true }), "Mine");
      await newsroom(app, blog).edit(post, { headline: "Theirs" });
      await press(composer.button("Save changes"));
      const dialog = page.getByRole("dialog", { name: "Somebody changed this post meanwhile" });
      await dialog.getByText("Theirs", { exact: true }).last().waitFor();
      expect(await findings(page)).toEqual([]);
      await press(dialog.getByRole("button", { name: "Keep mine" }));
      await press(composer.button("Save changes"));
      await composer.at("sent").getByText("Changed: Mine").waitFor();
      expect((await published(app, blog))[0]!.headline).toBe("Mine");
    },
  );

pageTest("whoever saves in the same moment as choosing one of two texts saves that one", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Before" });
  const composer = await open(blog);
  const { page } = composer;
  await composer.edit(post);
  await write(page.getByLabel("Headline", { exact: true }), "Mine");
  await newsroom(app, blog).edit(post, { headline: "Theirs" });
  await press(composer.button("Save changes"));
  const save = await composer.button("Save changes").elementHandle();
  await page.getByRole("button", { name: "Keep mine" }).evaluate((keep: HTMLElement, save) => {
    keep.click();
    (save as HTMLElement).click();
  }, save);
  await expect.poll(async () => (await published(app, blog))[0]!.headline).toBe("Mine");
});

/** The server gets these requests and does what they say; what it answers is lost so many times. */
async function loseAnswers(to: Page | BrowserContext, method: string, url: string, times: number): Promise<void> {
  await to.route(url, async (route) => {
    if (route.request().method() !== method || times-- <= 0) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
}

/** The seconds that are left to call the latest post back. */
async function secondsLeft(composer: ComposerPage): Promise<number> {
  const words = composer.at("sent").getByText(/Out in \d+ s/);
  return Number(/\d+/.exec((await words.textContent())!)![0]);
}

for (const [size, options] of SIZES)
  pageTest(
    `what was just published can be called back after a reload as well, in the time that is left, at ${size}`,
    async () => {
      const blog = await app.blog();
      const composer = await open(blog, undefined, options);
      const { page } = composer;
      await composer.type("Too early");
      await page.keyboard.press("Control+Enter");
      await composer.at("sent").getByText("Out in 9 s").waitFor();
      // Where words are kept by account, and not in the clear for whoever opens the browser next.
      expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain("Too early");
      await page.reload();
      await composer.ready();
      expect(await secondsLeft(composer)).toBeLessThanOrEqual(9);
      expect(await composer.text.textContent()).toBe("");
      await page.keyboard.press("u");
      await composer.text.getByText("Too early").waitFor();
      await composer.at("notice").getByText("Called back").waitFor();
      await page.reload();
      await composer.ready();
      expect(await composer.at("sent").locator("li").count()).toBe(0);
      expect(await bodies(blog)).toEqual([]);
    },
  );

pageTest("a tab shows again what another one sent for it, and the other one does not", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  const { page } = composer;
  await page.route("**/api/blogs/*/posts", (route) => route.abort());
  await composer.type("Sent by the other");
  await page.keyboard.press("Control+Enter");
  await composer.at("outbox").getByText("Waiting for a connection: 1 post").waitFor();
  const other = await composer.another();
  // Each waits ever longer between its tries, and it is chance whose turn is next.
  await expect
    .poll(
      async () => {
        await other.page.evaluate(() => dispatchEvent(new Event("online")));
        return composer.at("sent").locator("li").count();
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  await Promise.all([page.reload(), other.page.reload()]);
  await Promise.all([composer.ready(), other.ready()]);
  await composer
    .at("sent")
    .getByText(/Out in \d+ s/)
    .waitFor();
  expect(await other.at("sent").locator("li").count()).toBe(0);
});

pageTest("when the answer was lost, the seconds are those that the server still waits", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  await loseAnswers(composer.page, "POST", "**/api/blogs/*/posts", 2);
  await composer.type("Once");
  await composer.page.keyboard.press("Control+Enter");
  // The third try comes more than two seconds after the first.
  await composer
    .at("sent")
    .getByText(/Out in \d+ s/)
    .waitFor();
  expect(await secondsLeft(composer)).toBeLessThanOrEqual(8);
  await press(composer.at("sent").getByRole("button", { name: "Undo" }));
  await composer.text.getByText("Once").waitFor();
  expect(await bodies(blog)).toEqual([]);
});

pageTest("the same of a draft that is published, whose edit has no key", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Once", status: "draft" });
  const composer = await open(blog);
  const { page } = composer;
  await composer.edit(post);
  await composer.at("editing").waitFor();
  await loseAnswers(page, "PATCH", `**/posts/${post.id}`, 2);
  await reach(composer.text);
  await page.keyboard.press("Control+Enter");
  await composer
    .at("sent")
    .getByText(/Out in \d+ s/)
    .waitFor();
  expect(await secondsLeft(composer)).toBeLessThanOrEqual(8);
  await press(composer.at("sent").getByRole("button", { name: "Undo" }));
  await composer.at("notice").getByText("Called back").waitFor();
});

for (const [size, options] of SIZES)
  pageTest(`a post that is edited in this tab is led back to when it is edited again, at ${size}`, async () => {
    const blog = await app.blog();
    const post = await app.post(blog, { headline: "Before" });
    const composer = await open(blog, undefined, options);
    const { page } = composer;
    const edit = async () => {
      await lead(page, "posts");
      await press(page.locator(`#post-${post.id} [data-action=edit]`));
    };
    await edit();
    await composer.at("editing").getByText("Editing what readers see: Before").waitFor();
    await write(page.getByLabel("Headline", { exact: true }), "After");
    await edit();
    await page.waitForFunction(() => document.activeElement?.closest("#composer"));
    expect(await page.getByLabel("Headline", { exact: true }).inputValue()).toBe("After");
    expect(await composer.at("notice").textContent()).not.toContain("open in another tab");
    // Another tab has it; that one is not written over.
    const other = await composer.another();
    await lead(other.page, "posts");
    await press(other.page.locator(`#post-${post.id} [data-action=edit]`));
    await other.at("notice").getByText("That one is open in another tab.").waitFor();
  });

pageTest("an edit whose answer was lost is not taken for somebody else's", async () => {
  const blog = await app.blog();
  const post = await app.post(blog, { headline: "Before" });
  const composer = await open(blog);
  const { page } = composer;
  await composer.edit(post);
  await write(page.getByLabel("Headline", { exact: true }), "After");
  await loseAnswers(page, "PATCH", `**/posts/${post.id}`, 1);
  await press(composer.button("Save changes"));
  await composer.at("sent").getByText("Changed: After").waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);
});

pageTest("an edit that did not arrive is not taken for done because somebody else's did", async () => {
  const blog = await app.blog();
  const attribution = { name: "Jonas Reed" };
  const post = await app.post(blog, { kind: "quote", quote: { text: "Before", attribution } });
  const composer = await open(blog);
  const { page } = composer;
  await composer.edit(post);
  await write(page.getByRole("textbox", { name: "What was said" }), "Mine");
  let cut = 1;
  await page.route(`**/posts/${post.id}`, async (route) => {
    if (route.request().method() !== "PATCH" || cut-- <= 0) return route.continue();
    await newsroom(app, blog).edit(post, { quote: { text: "Theirs", attribution } });
    await route.abort("connectionreset");
  });
  await press(composer.button("Save changes"));
  await page.getByRole("dialog", { name: "Somebody changed this post meanwhile" }).waitFor();
});

pageTest("what waits is taken back, unless another tab has sent it since this one said that it waits", async () => {
  const blog = await app.blog();
  const composer = await open(blog);
  const { page } = composer;
  await page.context().setOffline(true);
  // The first in the queue is tried and keeps the others waiting.
  for (const words of ["First", "Second", "Third"]) {
    await composer.type(words);
    await sendNow(composer);
  }
  await composer.at("outbox").getByText("Waiting for a connection: 3 posts").waitFor();
  const rows = composer.at("outbox").locator("li");
  await press(rows.filter({ hasText: "Second" }).getByRole("button", { name: "Take back" }));
  await composer.text.getByText("Second").waitFor();
  // As another tab keeps it when it sends it.
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        indexedDB.open("dateline-desk").addEventListener("success", ({ target }) => {
          const db = (target as IDBOpenDBRequest).result;
          const transaction = db.transaction("outbox", "readwrite");
          const outbox = transaction.objectStore("outbox");
          outbox.getAll().addEventListener("success", ({ target }) => {
            const third = (target as IDBRequest<{ tries: number; body: string | null }[]>).result.at(-1)!;
            outbox.put({ ...third, body: '{"kind":"entry","body":"<p>Third</p>","status":"published"}' });
          });
          transaction.addEventListener("complete", () => {
            db.close();
            done();
          });
        });
      }),
  );
  await press(rows.filter({ hasText: "Third" }).getByRole("button", { name: "Take back" }));
  await page.context().setOffline(false);
  await expect.poll(() => bodies(blog), { timeout: 20_000 }).toEqual(["<p>First</p>", "<p>Third</p>"]);
  expect(await composer.text.textContent()).toBe("Second");
});
