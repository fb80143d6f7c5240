import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { ADMIN, type Dateline } from "./dateline.ts";

export const NO_CHROMIUM = "Chromium is not installed (Debian: chromium): left out";

/** The desk of a blog in a browser of its own, its composer ready. @param prepare before anything is loaded */
export async function openDesk(
  browser: Browser,
  server: Dateline,
  slug: string,
  { prepare, ...options }: BrowserContextOptions & { prepare?: () => void } = {},
): Promise<Page> {
  const page = await openPage(browser, server, options);
  if (prepare) await page.addInitScript(prepare);
  const signedIn = await page.request.post("/api/auth/sign-in/email", { data: ADMIN, headers: { Origin: server.url } });
  if (!signedIn.ok()) throw new Error(`sign-in: ${signedIn.status()} ${await signedIn.text()}`);
  await page.goto(`/desk/blogs/${slug}`);
  await page.locator(".composer-form:not([inert])").waitFor();
  return page;
}

export async function openPage(
  browser: Browser,
  { url }: Dateline,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 }, ...options });
  return context.newPage();
}
