import { plainOf, type Fields } from "./composition.ts";
import { button, el } from "./elements.ts";
import { showOnce } from "./place.ts";

/** Both texts side by side, and which of them the composer goes on with. What is not chosen stays in the history. */
export function askConflict(
  root: HTMLElement,
  mine: Fields,
  theirs: Fields,
  settle: (keep: "mine" | "theirs") => void,
): void {
  const side = (title: string, fields: Fields): HTMLElement =>
    el("section", {}, el("h3", {}, title), el("pre", { class: "conflict-text", tabindex: "0" }, plainOf(fields)));
  const choose = (keep: "mine" | "theirs") => () => {
    dialog.close();
    settle(keep);
  };
  const dialog = el(
    "dialog",
    { class: "composer-dialog composer-conflict", "aria-labelledby": "composer-conflict-title" },
    el("h2", { id: "composer-conflict-title" }, "Somebody changed this post meanwhile"),
    el("div", { class: "conflict-sides" }, side("Yours", mine), side("Theirs", theirs)),
    el(
      "div",
      { class: "composer-buttons" },
      button("Take theirs", { class: "composer-plain" }, choose("theirs")),
      button("Keep mine", { class: "composer-go" }, choose("mine")),
    ),
  );
  root.append(dialog);
  showOnce(dialog);
}
