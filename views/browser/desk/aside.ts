import type { LiveSocket } from "../following.ts";
import { later } from "./later.ts";
import { showCount } from "./counts.ts";
import { keepRights } from "./own-rights.ts";
import type { PostsList } from "./posts-list.ts";
import { openPresence } from "./presence.ts";
import { keepsSingleKeys } from "./settings.ts";
import { openTabs } from "./tabs.ts";

/** The column beside the posts, and on a phone the bar that leads to its parts. */
export function openAside(desk: HTMLElement, posts: PostsList, socket: LiveSocket): void {
  const announcements = document.getElementById("announcements")!;
  const tabs = openTabs(desk, posts, keepsSingleKeys);
  openPresence(desk);
  void later(
    () => import("./claims.ts"),
    ({ openClaims }) => openClaims(desk),
  );
  const announce = (words: string): void => void (announcements.textContent = words);
  void later(
    () => import("./chat.ts"),
    ({ openChat }) => openChat(desk, tabs, announce),
  );
  void later(
    () => import("./readers.ts"),
    ({ showReaders }) => showReaders(desk, socket),
  );
  void later(
    () => import("./overview.ts"),
    ({ keepOverview }) => keepOverview(desk),
  );
  desk.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>("[data-blog-action]");
    const settings = () => import("./blog-settings.ts");
    if (pressed) void later(settings, ({ blogActions }) => blogActions(desk)[pressed.dataset.blogAction!]!());
  });
  keepRights(desk, posts);
  desk.addEventListener("dateline:applied", countWaiting);
  countWaiting();

  /** What waits for somebody else to let it go out. */
  function countWaiting(): void {
    showCount("posts", document.querySelectorAll("#pending .is-submitted").length, "waiting for approval");
  }
}
