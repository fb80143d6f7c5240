import { PAGES } from "../kept.ts";
import { keptAt, languageOf, timeOf } from "./ages.ts";

/** Under this it is kept, in the reader's language. */
export const OFFLINE = "/offline";

/** The server knows which of the reader's languages it speaks. */
export const offlineAddress = (): string =>
  `${OFFLINE}?lang=${encodeURIComponent(navigator.languages.slice(0, 8).join(","))}`;

/** For whatever is not kept: says so, and names the stories that are, with how old they are. */
export async function offlinePage(): Promise<Response> {
  const pages = await caches.open(PAGES);
  const page = await pages.match(OFFLINE);
  if (!page) return Response.error();
  const html = await page.text();
  const paths = (await pages.keys()).map(({ url }) => new URL(url).pathname).filter((path) => path !== OFFLINE);
  const kept = await Promise.all(paths.map(async (path) => ({ path, response: (await pages.match(path))! })));
  const newestFirst = kept.sort((one, other) => keptAt(other.response) - keptAt(one.response));
  const age = /data-age="([^"]*)"/.exec(html)?.[1] ?? "%";
  const items = await Promise.all(
    newestFirst.map(async ({ path, response }) => {
      const time = timeOf(new Date(keptAt(response)), languageOf(html));
      return `<li>${linkTo(path, await response.text())} <small>${age.replace("%", time)}</small></li>`;
    }),
  );
  const told = html.replace(/<ul id="kept-stories"[^>]*>/, (list) => list + items.join(""));
  const shown = items.length ? told.replace(/(<section id="kept"[^>]*?) hidden(="")?>/, "$1>") : told;
  return new Response(shown, { headers: page.headers });
}

function linkTo(path: string, story: string): string {
  // As it stands in the page, so it is escaped already.
  const title = /<h1[^>]*>([^<]+)<\/h1>/.exec(story)?.[1] ?? path;
  return `<a href="${path}" lang="${languageOf(story)}" dir="auto">${title}</a>`;
}
