import type { Times } from "./kept-page.ts";

/**
 * What belongs to the browser and not to the story: the worker, which keeps the page for when there is no network, and
 * notifications. After everything else.
 * @param partIds of a live page, the elements that change besides its posts
 */
export async function install(partIds: readonly string[], times: Times): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  if (document.readyState !== "complete")
    await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  const list = document.getElementById("posts");
  if (list && !location.search) await keepStory(list, partIds, times);
  const place = document.getElementById("push");
  if (!place) return;
  const { offerNotifications } = await import("./push.ts");
  await offerNotifications(place, place.dataset.blog!);
}

async function keepStory(list: HTMLElement, partIds: readonly string[], times: Times): Promise<void> {
  const { keepFirst, keepUpToDate } = await import("./kept-page.ts");
  // A page that was opened without a connection has what there is already.
  await keepFirst().catch(() => {});
  keepUpToDate(list, partIds, times);
}
