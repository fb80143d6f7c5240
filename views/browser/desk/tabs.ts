import { isDialogOpen, part, takesText } from "./elements.ts";
import type { PostsList } from "./posts-list.ts";
import { tell } from "./tell.ts";

export type Tab = "write" | "posts" | "claims" | "chat" | "blog";

export interface Tabs {
  show(tab: Tab): void;
  /** Whether that part of the desk can be seen at this width. */
  shows(tab: Tab): boolean;
}

/** Keys that lead to a part of the desk, from anywhere on it. */
const KEYS: Record<string, { tab: Tab; focus?: string }> = {
  n: { tab: "write" },
  q: { tab: "write" },
  c: { tab: "write" },
  m: { tab: "chat", focus: "#chat-text" },
};

/**
 * On a narrow screen one part of the desk at a time, chosen from the bar at its bottom; on a wide one they stand beside
 * each other. Whatever leads to a place (a link, a key, an edit) shows the part that it is in.
 */
export function openTabs(desk: HTMLElement, posts: PostsList, keysWork: () => boolean): Tabs {
  const nav = part(desk, ".desk-tabs");
  const wide = matchMedia("(min-width: 62rem)");
  const parts = (...selectors: string[]) => selectors.map((selector) => part(desk, selector));
  const dependent = parts(".composer", ".desk-aside");
  const around = parts(".desk-columns", ".desk-work");
  const lists = parts(".desk-pending", ".desk-published");
  const links = nav.querySelectorAll<HTMLElement>("[data-tab]");
  let shown: Tab = "write";
  desk.classList.add("has-tabs");
  show("write");

  document.addEventListener("click", (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('a[href^="#"]');
    if (link) lead(link.hash.slice(1), event);
  });
  // Before the composer, which cannot have the focus while it is out of sight.
  addEventListener("keydown", key, { capture: true });
  desk.addEventListener("dateline:edit-post", () => show("write"));
  giveWayToKeyboard(nav);
  const { hash } = location;
  if (hash.startsWith("#post-")) void leadToPost(hash.slice(1));

  return { show, shows: (tab) => wide.matches || shown === tab };

  /** Each part is told by itself: what is above the posts would have the style of all of them found again. */
  function show(tab: Tab): void {
    shown = tab;
    for (const element of dependent) element.dataset.tab = tab;
    for (const element of around) element.classList.toggle("is-single", tab !== "write");
    for (const element of lists) element.classList.toggle("is-behind", tab !== "write" && tab !== "posts");
    for (const link of links)
      if (link.dataset.tab === tab) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    if (!wide.matches) scrollTo({ top: 0 });
    desk.dispatchEvent(new CustomEvent("dateline:tab", { detail: tab }));
  }

  function key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || takesText(event.target) || !keysWork()) return;
    const way = KEYS[event.key];
    if (!way || isDialogOpen()) return;
    show(way.tab);
    if (!way.focus) return;
    part(desk, way.focus).focus();
    event.preventDefault();
  }

  function lead(id: string, event: Event): void {
    if (id.startsWith("post-")) {
      event.preventDefault();
      return void leadToPost(id);
    }
    const target = document.getElementById(id);
    if (!target || !desk.contains(target)) return;
    event.preventDefault();
    show(tabOf(target));
    if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    if (wide.matches) target.scrollIntoView({ block: "start" });
  }

  async function leadToPost(id: string): Promise<void> {
    show("posts");
    if (await posts.reach(id)) return;
    document.getElementById("posts-title")!.focus();
    tell("That post is not on the desk any more.");
  }
}

function tabOf(target: HTMLElement): Tab {
  const panel = target.closest<HTMLElement>("[data-panel]")?.dataset.panel as Tab | undefined;
  return panel ?? (target.closest(".composer") ? "write" : "posts");
}

/** A phone's keyboard takes half the screen; the bar leaves it the rest. */
function giveWayToKeyboard(nav: HTMLElement): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const place = (): void => {
    const covered = innerHeight - viewport.height - viewport.offsetTop;
    nav.classList.toggle("is-away", viewport.scale <= 1 && covered > 100);
  };
  viewport.addEventListener("resize", place);
  viewport.addEventListener("scroll", place);
}
