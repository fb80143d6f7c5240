import { el } from "../desk/elements.ts";

/** What can be done, and how. */
export type Item = [words: string, act: () => void];

/** Opens a small menu below a comment: arrows move in it, Escape and a press elsewhere close it. */
export function openMenu(opener: HTMLElement, items: Item[]): void {
  const isOpen = opener.getAttribute("aria-expanded") === "true";
  document.querySelector<HTMLElement>(".comment-menu")?.dispatchEvent(new Event("dismiss"));
  if (isOpen || !items.length) return;
  const buttons = items.map(([words, act]) =>
    el("button", { type: "button", role: "menuitem", tabindex: "-1", click: () => close(act) }, words),
  );
  const menu = el("div", { class: "comment-menu", role: "menu" }, ...buttons);
  menu.addEventListener("dismiss", () => close());
  menu.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", onPress);
  opener.setAttribute("aria-expanded", "true");
  opener.closest("article")!.after(menu);
  buttons[0]!.focus({ preventScroll: true });
  menu.scrollIntoView({ block: "nearest" });

  function close(act?: () => void): void {
    document.removeEventListener("pointerdown", onPress);
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    act?.();
  }

  function onPress({ target }: Event): void {
    if (target instanceof Node && !menu.contains(target) && !opener.contains(target)) close();
  }

  function onKey(event: KeyboardEvent): void {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close(() => opener.focus({ preventScroll: true }));
    if (to !== undefined) buttons.at(to % buttons.length)!.focus({ preventScroll: true });
    if (to !== undefined || event.key === "Escape") event.preventDefault();
  }
}
