import { say } from "./words.ts";

/**
 * What readers do with a post beside reading it: they share it, look at a picture, watch a player. Each has a way without
 * a script, which stays where the script's part does not come.
 */
export function offerReadingAids(): void {
  document.addEventListener("click", (event) => {
    const { target, button, metaKey, ctrlKey, shiftKey, altKey } = event;
    if (event.defaultPrevented || button || metaKey || ctrlKey || shiftKey || altKey) return;
    const way = (target as Element).closest<HTMLAnchorElement>(".picture-way, .post-share");
    if (!way) return;
    event.preventDefault();
    const doing = way.matches(".picture-way")
      ? import("./story/lightbox.ts").then(({ openLightbox }) => openLightbox(way, say))
      : import("./story/share.ts").then(({ share }) => share(way, say("live.link-copied"), tell));
    doing.catch(() => location.assign(way.href));
  });
  // Not heard further up, so it is caught on its way down.
  document.addEventListener("toggle", playerOpened, { capture: true });
}

function playerOpened({ target }: Event): void {
  if (!(target instanceof HTMLDetailsElement) || !target.open || !target.matches(".embed-player")) return;
  void import("./story/players.ts").then(({ opened }) => opened(target)).catch(() => {});
}

function tell(words: string): void {
  const line = document.createElement("p");
  line.textContent = words;
  document.getElementById("announcements")?.replaceChildren(line);
}
