import { htmlOf, openEditor, setHtml } from "./editor.ts";
import { el } from "./elements.ts";
import { openToolbar } from "./toolbar.ts";

export interface RichField {
  readonly element: HTMLElement;
  html(): string;
  set(html: string): void;
  close(): void;
}

/**
 * A text with the composer's editor and buttons, for places that are not posts.
 * @param id of the label, which stands elsewhere
 */
export function richField(id: string, placeholder: string, changed: () => void): RichField {
  const toolbar = el("div", { class: "composer-toolbar", role: "toolbar", "aria-label": "Format" });
  const link = el(
    "div",
    { class: "composer-link", role: "group", "aria-label": "Link", hidden: true },
    el("label", { for: `${id}-link`, class: "visually-hidden" }, "Address"),
    el("input", { id: `${id}-link`, type: "text", inputmode: "url", placeholder: "https://" }),
    el("button", { type: "button", class: "aside-button", "data-link": "apply" }, "Set link"),
    el("button", { type: "button", class: "aside-button", "data-link": "cancel" }, "Cancel"),
    el("p", { class: "field-error", role: "status" }),
  );
  const text = el("div", { class: "rich-text" });
  const element = el("div", { class: "rich" }, text, link, toolbar);
  // The editor would swallow it, and the dialog could not be left.
  text.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation(), { capture: true });
  const editor = openEditor({
    element: text,
    placeholder: () => placeholder,
    labelledBy: id,
    describedBy: id,
    suggesters: [],
    changed,
    filesDropped: () => false,
    addressPasted: () => false,
    pasted: () => {},
  });
  openToolbar(toolbar, link, editor);
  return {
    element,
    html: () => htmlOf(editor),
    set: (html) => setHtml(editor, html),
    close: () => editor.destroy(),
  };
}
