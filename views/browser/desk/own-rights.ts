import { holdPlace } from "./place.ts";
import type { PostsList } from "./posts-list.ts";
import { tell } from "./tell.ts";

/**
 * Shows beside the posts only what this person may do, and keeps it so: a role that is given or taken while the desk is
 * open counts at once. `dateline:rights` on the desk tells the composer.
 */
export function keepRights(desk: HTMLElement, posts: PostsList): void {
  let roles = ownRoles();
  desk.addEventListener("dateline:applied", (event) => {
    allowBeside();
    if (!(event as CustomEvent<string[]>).detail.includes("desk-settings") || roles === ownRoles()) return;
    roles = ownRoles();
    void read();
  });
  allowBeside();
  setTimeout(tellComposer);

  function ownRoles(): string {
    const own = document.querySelector(`#desk-settings .member-list [data-person="${desk.dataset.me}"] .member-roles`);
    return own?.textContent.trim() ?? "";
  }

  async function read(): Promise<void> {
    const response = await fetch(`/desk/blogs/${desk.dataset.blog}`, { headers: { Accept: "text/html" } }).catch(
      () => null,
    );
    if (!response?.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const rights = page.querySelector<HTMLElement>(".desk")?.dataset.rights;
    if (rights === undefined || rights === desk.dataset.rights) return;
    desk.dataset.rights = rights;
    posts.allowAll();
    allowBeside();
    tellComposer();
    tell(`Your part in this blog is another now: ${roles}.`);
  }

  function allowBeside(): void {
    const back = holdPlace();
    const held = new Set((desk.dataset.rights ?? "").split(" "));
    const isLive = document.getElementById("desk-header")!.dataset.state === "live";
    for (const element of document.querySelectorAll<HTMLElement>("#aside [data-needs]")) {
      const { needs, onDuty, blogAction } = element.dataset;
      const may = held.has(needs!) || (held.has(`${needs}-own`) && onDuty === desk.dataset.me);
      const fits = blogAction === "close" ? isLive : blogAction === "reopen" ? !isLive : true;
      element.hidden = !may || !fits;
    }
    back();
    if (desk.dataset.live !== String(isLive)) {
      desk.dataset.live = String(isLive);
      tellComposer();
    }
  }

  function tellComposer(): void {
    desk.dispatchEvent(new CustomEvent("dateline:rights"));
  }
}
