import { part, takesText } from "../desk/elements.ts";
import { keepSingleKeys, keepsSingleKeys } from "../desk/settings.ts";
import type { Act } from "./card-actions.ts";
import type { CardList } from "./card-list.ts";
import type { Selection } from "./selection.ts";

/** Keys on a card that has the focus, and the action that each is for. */
const ACTIONS: Record<string, string> = { f: "approve", d: "reject", p: "pick", b: "ban", r: "reply", h: "history" };

interface Done {
  act: Act;
  several: Selection;
  undo(): void;
}

/** The whole of the queue by single keys; with several selected, f and d decide all of them. */
export function cardKeys(main: HTMLElement, list: CardList, { act, several, undo }: Done): void {
  const help = part<HTMLDialogElement>(main, "#keys-dialog");
  const works = part<HTMLInputElement>(help, "#single-keys");
  const press = (selector: string) => main.querySelector<HTMLElement>(selector)?.click();
  const keys: Record<string, () => void> = {
    j: () => list.step(1),
    k: () => list.step(-1),
    u: undo,
    n: () => list.letIn(),
    s: () => press("#pause"),
    t: () => list.tidy(),
    "?": () => help.showModal(),
  };
  works.checked = keepsSingleKeys();
  works.addEventListener("change", () => keepSingleKeys(works.checked));
  part(help, "[data-cancel]").addEventListener("click", () => help.close());
  main.querySelector("#help")?.addEventListener("click", () => help.showModal());

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
    if (!keepsSingleKeys() || document.querySelector("dialog[open]")) return;
    if (!keys[event.key] && !ACTIONS[event.key] && event.key !== "x") return;
    event.preventDefault();
    if (event.repeat && event.key !== "j" && event.key !== "k") return;
    if (keys[event.key]) return keys[event.key]!();
    onCard(event.key);
  });

  function onCard(key: string): void {
    const current = list.current();
    if (!several.isEmpty() && (key === "f" || key === "d"))
      return void several.decide(key === "f" ? "approve" : "reject");
    // Nothing is decided that nobody has chosen.
    if (!current) return list.step(1);
    if (key === "x") several.toggle(current);
    else void act(current, ACTIONS[key]!);
  }
}
