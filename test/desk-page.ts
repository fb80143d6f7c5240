import type { BrowserContextOptions, Page } from "playwright-core";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import { PASSWORD, type Person, type TestApp } from "./app.ts";
import type { useBrowser } from "./browser.ts";
import { press } from "./keyboard.ts";

type Tabs = ReturnType<typeof useBrowser>;

/**
 * The desk of a blog, open in a browser of its own in which somebody is signed in.
 * @param prepare for what has to happen before the page is loaded
 */
export function openDesk(
  app: TestApp,
  tabs: Tabs,
  person: Person,
  blog: BlogAnswer,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<Page> {
  return tabs.open(`/desk/blogs/${blog.slug}`, options, async (page) => {
    await signIn(app, page, person);
    await prepare(page);
  });
}

const SKIP = {
  posts: "Skip to the posts",
  claims: "Skip to what is to be confirmed",
  chat: "Skip to the chat",
  blog: "Skip to the blog’s settings",
};

/** Leads to a part of the desk by keyboard: with the bar of a phone, or the links at the top of a wide page. */
export async function lead(page: Page, part: keyof typeof SKIP | "write"): Promise<void> {
  const tab = page.locator(`.desk-tabs [data-tab=${part}]`);
  if (await tab.isVisible()) return press(tab);
  if (part !== "write") await press(page.getByRole("link", { name: SKIP[part] }));
}

/** Gives the tab's browser a session, without the page for it. */
export async function signIn(app: TestApp, page: Page, { email }: Person): Promise<void> {
  // All the people of a test come from one address, which may sign in only so often.
  await app.app.context.db.deleteFrom("rate_limits").execute();
  const answer = await page.request.post("/api/auth/sign-in/email", {
    data: { email, password: PASSWORD },
    // Asked for where there is a session already.
    headers: { Origin: app.url },
  });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()}`);
}
