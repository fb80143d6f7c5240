import type { Change } from "../../../server/realtime/protocol.ts";
import { applyChange, partIds } from "../changes.ts";
import { follow } from "../following.ts";
import { become } from "../morph.ts";
import { tickTimes } from "../relative-times.ts";

/** Keeps the newest posts in a frame as a fresh load would show them: what is new comes at once, the oldest goes. */
export function followInFrame(list: HTMLElement): void {
  const { blog } = list.dataset;
  follow(
    list,
    { stream: `blog:${blog}`, updates: `/blogs/${blog}/updates` },
    { apply, refresh, missed: () => {}, connected: () => {} },
  );

  function apply(changes: Change[]): void {
    for (const change of changes) applyChange(change, list);
    for (const item of list.querySelectorAll<HTMLElement>(":scope > li[hidden]")) item.hidden = false;
    const most = Number(list.dataset.most);
    while (list.childElementCount > most) {
      list.lastElementChild!.remove();
      list.dataset.end = list.lastElementChild!.querySelector("article")!.dataset.place!;
    }
    tickTimes();
    // One was taken away, and there are older ones to show in its place; if that fails, there is one less.
    if (list.childElementCount < most && list.dataset.end) refresh().catch(() => {});
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
