import type { Change } from "../../../server/realtime/protocol.ts";
import { applyChange, partIds } from "../changes.ts";
import { follow } from "../following.ts";
import { GroupedList } from "../grouped-list.ts";
import { become } from "../morph.ts";
import { tickTimes } from "../relative-times.ts";

/** Keeps the newest posts in a frame as a fresh load would show them: what is new comes at once, the oldest goes. */
export function followInFrame(list: HTMLElement): void {
  const { blog } = list.dataset;
  const posts = new GroupedList(list.parentElement!, { full: Infinity });
  follow(
    list,
    { stream: `blog:${blog}`, updates: `/blogs/${blog}/updates` },
    { apply, refresh, missed: () => {}, connected: () => {} },
  );

  function apply(changes: Change[]): void {
    for (const change of changes) applyChange(change, posts, list.dataset);
    const most = Number(list.dataset.most);
    const { items } = posts;
    for (const item of items.slice(0, most)) item.hidden = false;
    for (const item of items.slice(most)) posts.remove(item);
    if (items.length > most) list.dataset.end = posts.last!.dataset.place!;
    tickTimes();
    // One was taken away, and there are older ones to show in its place; if that fails, there is one less.
    if (items.length < most && list.dataset.end) refresh().catch(() => {});
  }

  async function refresh(): Promise<void> {
    const response = await fetch(location.href, { cache: "no-cache" });
    if (!response.ok) throw new Error(`The frame answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of partIds) {
      const [part, next] = [document.getElementById(id), fresh.getElementById(id)];
      if (part && next) become(part, next);
    }
    become(list, document.importNode(fresh.getElementById("posts")!, true));
    tickTimes();
  }
}
