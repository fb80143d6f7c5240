import type { LiveSocket } from "../following.ts";
import { openSettings } from "./blog-settings.ts";
import { openChat } from "./chat.ts";
import { openClaims } from "./claims.ts";
import { showCount } from "./counts.ts";
import { keepOverview } from "./overview.ts";
import { keepRights } from "./own-rights.ts";
import type { PostsList } from "./posts-list.ts";
import { openPresence } from "./presence.ts";
import { showReaders } from "./readers.ts";
import { keepsSingleKeys } from "./settings.ts";
import { openTabs } from "./tabs.ts";

/** The column beside the posts, and on a phone the bar that leads to its parts. */
export function openAside(desk: HTMLElement, posts: PostsList, socket: LiveSocket): void {
  const announcements = document.getElementById("announcements")!;
  const tabs = openTabs(desk, posts, keepsSingleKeys);
  openPresence(desk);
  openClaims(desk);
  openChat(desk, tabs, (words) => (announcements.textContent = words));
  showReaders(desk, socket);
  keepOverview(desk);
  openSettings(desk);
  keepRights(desk, posts);
  desk.addEventListener("dateline:applied", countWaiting);
  countWaiting();

  /** What waits for somebody else to let it go out. */
  function countWaiting(): void {
    showCount("posts", desk.querySelectorAll("#pending .is-submitted").length, "waiting for approval");
  }
}
