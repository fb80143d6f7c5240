import { FILES, isFile, keptResponse, PAGES } from "./kept.ts";

/** What the page has added to its times; given, so that this file shares none with the page's own. */
export type Times = Pick<typeof import("./relative-times.ts"), "forgetTimes" | "sayTimes">;

/** Milliseconds between two times that an open page is kept as it has become; a takedown does not wait. */
const EVERY = 15_000;

/**
 * Has the page that the worker keeps for when its reader is offline follow what happens: it becomes the page as the
 * server sent it, with the posts and parts as they are now.
 * @param partIds the elements that change besides the list
 */
export function keepUpToDate(list: HTMLElement, partIds: readonly string[], times: Times): void {
  const groups = list.parentElement!;
  let timer = 0;
  let isBehind = false;
  const update = (): void => {
    const hasChanged = isBehind;
    clearTimeout(timer);
    timer = 0;
    isBehind = false;
    void keep(
      groups,
      partIds.flatMap((id) => document.getElementById(id) ?? []),
      times,
      hasChanged,
    );
  };
  const observer = new MutationObserver((records) => {
    isBehind = true;
    if (records.some(takesAway)) update();
    else timer ||= setTimeout(update, EVERY);
  });
  /** A post from its group, or a group with its last post. */
  const takesAway = ({ target, removedNodes }: MutationRecord): boolean =>
    removedNodes.length > 0 && (target === groups || target.parentNode === groups || !target.isConnected);
  observer.observe(groups, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-version"] });
  // Something may have come, or gone, before anybody watched. But a page that is shown because there is no network is as
  // old as it says.
  if (document.getElementById("kept-note")?.hidden !== false) update();
  document.addEventListener("visibilitychange", () => document.hidden && isBehind && update());
  addEventListener("pagehide", () => isBehind && update());
}

/** The first page that a reader opens was there before the worker, and so was what it looks like. */
export async function keepFirst(): Promise<void> {
  const pages = await caches.open(PAGES);
  if (!(await pages.match(location.pathname))) {
    // As the browser has it from a moment ago, without asking anybody again.
    const response = await fetch(location.pathname, { cache: "force-cache" });
    if (response.status !== 200) return;
    const policy = response.headers.get("Content-Security-Policy");
    await pages.put(location.pathname, keptResponse(await response.text(), policy));
  }
  const files = await caches.open(FILES);
  const used = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  for (const url of used.filter((url) => url.origin === location.origin && isFile(url)))
    if (!(await files.match(url))) await files.add(url);
}

/** Only where the worker keeps it already. */
async function keep(groups: HTMLElement, parts: HTMLElement[], times: Times, hasChanged: boolean): Promise<void> {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(location.pathname);
  if (!kept) return;
  const text = await kept.text();
  // To read and write a page takes a slow phone a tenth of a second, and most have just been kept as they are.
  const { epoch, version, build } = groups.querySelector<HTMLElement>("#posts")!.dataset;
  if (!hasChanged && text.includes(`data-epoch="${epoch}" data-version="${version}" data-build="${build}"`)) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  // What is there for searches and other sites says the same once more, as it was.
  page.querySelectorAll('script[type="application/ld+json"], meta[property]').forEach((element) => element.remove());
  for (const part of parts) page.getElementById(part.id)?.replaceWith(asSent(page, part, times));
  page.getElementById("posts")?.replaceWith(inOneGroup(asSent(page, groups, times)));
  const html = `<!doctype html>\n${page.documentElement.outerHTML}`;
  await pages.put(location.pathname, keptResponse(html, kept.headers.get("Content-Security-Policy")));
}

/** Without what the script of the page has added for this reader. */
function asSent(page: Document, part: HTMLElement, { forgetTimes, sayTimes }: Times): HTMLElement {
  forgetTimes(part);
  const copy = page.importNode(part, true);
  sayTimes([part]);
  return copy;
}

function inOneGroup(groups: HTMLElement): HTMLElement {
  const items = groups.querySelectorAll<HTMLElement>(":scope > ol > li");
  for (const item of items) {
    const isShownAbove = item.classList.contains("is-shown-above");
    for (const name of item.getAttributeNames()) item.removeAttribute(name);
    if (isShownAbove) item.className = "is-shown-above";
  }
  const list = groups.querySelector<HTMLElement>("#posts")!;
  list.replaceChildren(...items);
  list.classList.remove("is-full");
  return list;
}
