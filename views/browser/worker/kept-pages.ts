import { FILES, keptResponse, PAGES } from "../kept.ts";
import { keptAt, languageOf, timeOf } from "./ages.ts";
import { OFFLINE, offlineAddress } from "./offline-page.ts";

/** Milliseconds for which a page that is kept lets the network try first. */
const PATIENCE = 4_000;
const MOST_PAGES = 30;
/** Milliseconds after which a page that nobody opened again is forgotten. */
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;

/** The page that stands for those that are not kept, and what it looks like. */
export async function keepOffline(): Promise<void> {
  const response = await fetch(offlineAddress(), { cache: "no-cache" });
  if (response.status !== 200) throw new Error(`The server answered ${response.status}`);
  const html = await response.text();
  const looks = [...html.matchAll(/(?:href|src)="(\/(?:css|fonts|icons|js)\/[^"]+)"/g)].map(([, address]) => address!);
  await (await caches.open(FILES)).addAll([...new Set(looks)]);
  const kept = keptResponse(html, response.headers.get("Content-Security-Policy"));
  await (await caches.open(PAGES)).put(OFFLINE, kept);
}

/**
 * A story as it is now, or where that cannot be had in time, as it was when it was kept, saying so.
 * @param otherwise what is shown of one that was never opened
 */
export async function storyOr(otherwise: () => Promise<Response>, event: FetchEvent): Promise<Response> {
  const { pathname } = new URL(event.request.url);
  const kept = await (await caches.open(PAGES)).match(pathname);
  const fresh = fetch(event.request).then((response) => keep(pathname, response));
  event.waitUntil(fresh.catch(() => {}));
  try {
    const response = await (kept ? Promise.race([fresh, late()]) : fresh);
    if (kept && response.status >= 500) return await aged(kept);
    return response;
  } catch {
    return kept ? aged(kept) : otherwise();
  }
}

/** Pages of long ago, and whatever former workers kept. */
export async function forgetOld(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith("dateline-") && name !== PAGES && name !== FILES) await caches.delete(name);
  const pages = await caches.open(PAGES);
  const kept = await Promise.all(
    (await pages.keys()).map(async (request) => ({ request, at: keptAt(await pages.match(request)) })),
  );
  const stories = kept.filter(({ request }) => new URL(request.url).pathname !== OFFLINE);
  const newestFirst = stories.sort((one, other) => other.at - one.at);
  for (const [n, { request, at }] of newestFirst.entries())
    if (n >= MOST_PAGES || Date.now() - at > KEPT_FOR) await pages.delete(request);
}

async function keep(pathname: string, response: Response): Promise<Response> {
  const pages = await caches.open(PAGES);
  if (response.status === 404 || response.status === 410) await pages.delete(pathname);
  if (response.status !== 200) return response;
  const copy = response.clone();
  await pages.put(pathname, keptResponse(await copy.text(), copy.headers.get("Content-Security-Policy")));
  await forgetOld();
  return response;
}

async function late(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  throw new Error("The network takes too long");
}

/** Shows the note that the page carries, with the time at which it was so. */
async function aged(kept: Response): Promise<Response> {
  const html = await kept.text();
  const time = timeOf(new Date(keptAt(kept)), languageOf(html));
  const said = html
    .replace(/(<p id="kept-note"[^>]*?) hidden(="")?>/, "$1>")
    .replace(/(<span id="kept-at">)/, `$1${time}`);
  return new Response(said, { headers: kept.headers });
}
