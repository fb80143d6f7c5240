import type { Command } from "@tiptap/pm/state";
import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  deleteColumn,
  deleteRow,
  deleteTable,
  isInTable,
} from "@tiptap/pm/tables";
import type { Editor } from "./editor.ts";
import { button, el } from "./elements.ts";
import { captionAt, hasHeaders, setCaption, tablePlugins, toggleHeaders } from "./table.ts";

const TOOLS: { label: string; command: Command; headers?: "row" | "column" }[] = [
  { label: "Row above", command: addRowBefore },
  { label: "Row below", command: addRowAfter },
  { label: "Column before", command: addColumnBefore },
  { label: "Column after", command: addColumnAfter },
  { label: "Header row", command: toggleHeaders("row"), headers: "row" },
  { label: "Header column", command: toggleHeaders("column"), headers: "column" },
  { label: "Delete row", command: deleteRow },
  { label: "Delete column", command: deleteColumn },
  { label: "Delete table", command: deleteTable },
];

/** What can be done with the table that the cursor is in; shown while it is in one. Alt+F10 leads here. */
export function openTableTools(
  editor: Editor,
  rove: (toolbar: HTMLElement, buttons: HTMLButtonElement[]) => void,
): void {
  for (const plugin of tablePlugins().toReversed()) editor.registerPlugin(plugin, (one, others) => [one, ...others]);
  const run = (command: Command): boolean => command(editor.state, editor.view.dispatch, editor.view);
  const back = (): void => void editor.commands.focus();
  const caption = el("input", { type: "text", maxlength: 200, placeholder: "What it shows, from where" });
  const buttons = TOOLS.map(({ label, command, headers }, n) => {
    const made = button(
      label,
      { class: "table-tool", tabindex: n ? -1 : 0, "aria-pressed": headers && "false" },
      () => {
        run(command);
        back();
      },
    );
    // The text keeps its selection, and a phone its keyboard.
    made.addEventListener("pointerdown", (event) => event.preventDefault());
    return made;
  });
  const tools = el("div", { class: "table-buttons", role: "toolbar", "aria-label": "Rows and columns" }, ...buttons);
  const bar = el(
    "div",
    { class: "composer-table", role: "group", "aria-label": "Table", hidden: true },
    el("label", { class: "table-caption" }, "Caption ", caption),
    tools,
  );
  rove(tools, buttons);
  editor.view.dom.parentElement!.after(bar);

  caption.addEventListener("input", () => run(setCaption(caption.value)));
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && (event.key !== "Enter" || event.target !== caption || event.ctrlKey || event.metaKey))
      return;
    event.preventDefault();
    event.stopPropagation();
    back();
  });
  editor.view.dom.addEventListener("keydown", (event) => {
    if (event.key !== "F10" || !event.altKey || bar.hidden) return;
    event.preventDefault();
    buttons.find(({ tabIndex }) => tabIndex === 0)!.focus();
  });
  editor.on("transaction", ({ editor: { state } }) => {
    bar.hidden = !isInTable(state);
    if (bar.hidden) return;
    if (caption !== document.activeElement) caption.value = captionAt(state);
    for (const [n, { headers }] of TOOLS.entries())
      if (headers) buttons[n]!.setAttribute("aria-pressed", String(hasHeaders(state, headers)));
  });
}
