import type { Page } from "playwright-core";
import { expect } from "vitest";
import { useApp, type Person } from "./app.ts";
import { findings, pageTest, useBrowser } from "./browser.ts";
import { signIn } from "./desk-page.ts";
import { press } from "./keyboard.ts";

const app = useApp();
const browser = useBrowser(app);

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const field = (page: Page) => page.getByLabel("Your comment", { exact: true });
const card = (page: Page, words: string) => page.locator(".card").filter({ hasText: words });
const seen = (page: Page, words: string) => page.locator("#comments article").filter({ hasText: words });

const open = (path: string, person: Person | null, options = {}): Promise<Page> =>
  browser.open(path, options, async (page) => {
    if (person) await signIn(app, page, person);
  });

for (const [width, options] of [
  ["390 px", PHONE],
  ["1280 px", {}],
] as const)
  pageTest(
    `two moderators and three readers share one discussion, by keyboard alone, at ${width}`,
    async () => {
      const blog = await app.discussion({ moderation: "pre" });
      const [ada, bo] = [await app.newPerson(), await app.newPerson()];
      const discussion = `/blogs/${blog.slug}/comments`;
      const queue = `/moderation?queue=pending&blog=${blog.slug}`;
      const [first, second, anybody] = [
        await open(discussion, ada, options),
        await open(discussion, bo, options),
        await open(discussion, null, options),
      ];
      const [nora, milo] = [
        await open(queue, await app.newPerson({ role: "moderator" }), options),
        await open(queue, await app.newPerson({ role: "moderator" }), options),
      ];
      await Promise.all([first, second].map((page) => page.locator(":root.takes-part").waitFor()));

      const write = async (page: Page, words: string) => {
        await field(page).focus();
        await page.keyboard.type(words);
        await press(page.getByRole("button", { name: "Publish" }));
        await page.locator("#own").getByText(words).waitFor();
      };
      await write(first, "The pier is gone");
      await write(second, "Somebody should say so");
      for (const page of [nora, milo]) {
        await card(page, "The pier is gone").waitFor();
        await card(page, "Somebody should say so").waitFor();
      }
      for (const page of [first, second, anybody]) expect(await page.locator("#comments article").count()).toBe(0);

      // One decides, and the other sees it done; both decide, each another.
      await nora.keyboard.press("j");
      await nora.keyboard.press("f");
      await card(milo, "The pier is gone")
        .getByText(/Approved by .* just now/)
        .waitFor();
      for (const page of [first, second, anybody]) await seen(page, "The pier is gone").waitFor({ state: "attached" });
      await milo.keyboard.press("j");
      await milo.keyboard.press("j");
      await milo.locator(".card:focus").filter({ hasText: "Somebody should say so" }).waitFor();
      await milo.keyboard.press("f");
      for (const page of [first, second, anybody])
        await seen(page, "Somebody should say so").waitFor({ state: "attached" });

      // What is taken away again is gone for all three, and its author is told.
      await nora.goto(`/moderation?queue=approved&blog=${blog.slug}`);
      await card(nora, "The pier is gone").waitFor();
      await nora.keyboard.press("j");
      await nora.locator(".card:focus").filter({ hasText: "The pier is gone" }).waitFor();
      await nora.keyboard.press("d");
      await nora.getByRole("dialog").waitFor();
      await nora.keyboard.press("4");
      await nora.keyboard.press("Enter");
      for (const page of [first, second, anybody]) await seen(page, "The pier is gone").waitFor({ state: "detached" });
      await first.getByRole("link", { name: /notice/ }).waitFor();
      for (const page of [first, anybody, nora, milo]) expect(await findings(page)).toEqual([]);
    },
    120_000,
  );
