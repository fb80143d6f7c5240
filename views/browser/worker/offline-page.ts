import { PAGES } from "../kept.ts";

export const OFFLINE = "/offline";

/** For whatever is not kept: says so, and names the stories that are. */
export async function offlinePage(): Promise<Response> {
  const pages = await caches.open(PAGES);
  const page = await pages.match(OFFLINE);
  if (!page) return Response.error();
  const stories = (await pages.keys()).map(({ url }) => new URL(url).pathname).filter((path) => path !== OFFLINE);
  const items = await Promise.all(
    stories.map(async (path) => {
      const html = (await (await pages.match(path))?.text()) ?? "";
      // As it stands in the page, so it is escaped already.
      const title = /<title>([^<]*?)( – Dateline)?<\/title>/.exec(html)?.[1] ?? path;
      return `<li><a href="${path}">${title}</a></li>`;
    }),
  );
  const html = (await page.text()).replace(/<ul id="kept-stories"[^>]*>/, (list) => list + items.join(""));
  return new Response(html, { headers: page.headers });
}
