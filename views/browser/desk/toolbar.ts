import type { Editor } from "./editor.ts";
import { el } from "./elements.ts";
import { linkAddress } from "./schema.ts";
import { insertTable } from "./table-schema.ts";

interface Tool {
  readonly label: string;
  readonly icon: string;
  readonly keys: string;
  run(editor: Editor): void;
  isOn(editor: Editor): boolean;
}

/** Paths on a grid of 20 × 20. */
const TOOLS: Tool[] = [
  {
    label: "Bold",
    icon: "M6 4h5a3 3 0 0 1 0 6H6zm0 6h6a3 3 0 0 1 0 6H6z",
    keys: "Ctrl+B",
    run: (editor) => editor.chain().focus().toggleMark("strong").run(),
    isOn: (editor) => editor.isActive("strong"),
  },
  {
    label: "Italic",
    icon: "M8 4h6M6 16h6M11.5 4l-3 12",
    keys: "Ctrl+I",
    run: (editor) => editor.chain().focus().toggleMark("em").run(),
    isOn: (editor) => editor.isActive("em"),
  },
  {
    label: "Link",
    icon: "M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2l-.9.9M11.5 8.5a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2l.9-.9",
    keys: "Ctrl+K",
    run: () => {},
    isOn: (editor) => editor.isActive("link"),
  },
  {
    label: "Bulleted list",
    icon: "M8 5h9M8 10h9M8 15h9M4 5h.01M4 10h.01M4 15h.01",
    keys: "Ctrl+Shift+8",
    run: (editor) => editor.chain().focus().toggleList("bulletList", "listItem").run(),
    isOn: (editor) => editor.isActive("bulletList"),
  },
  {
    label: "Numbered list",
    icon: "M9 5h8M9 10h8M9 15h8M3.5 4l1-.6V7M3.3 13c.2-.8 1.9-.9 1.9.2 0 .9-1.9 1.6-1.9 2.8h2",
    keys: "Ctrl+Shift+7",
    run: (editor) => editor.chain().focus().toggleList("orderedList", "listItem").run(),
    isOn: (editor) => editor.isActive("orderedList"),
  },
  {
    label: "Subhead",
    icon: "M4 4v12M12 4v12M4 10h8M15 12.2c.5-.9 2.5-.8 2.5.5 0 1-1.3 1-1.3 1s1.5 0 1.5 1.2c0 1.5-2.4 1.5-2.9.5",
    keys: "Ctrl+Alt+3",
    run: (editor) => editor.chain().focus().toggleNode("subhead", "paragraph").run(),
    isOn: (editor) => editor.isActive("subhead"),
  },
  {
    label: "Block quote",
    icon: "M4 4v12M8 6h9M8 10h9M8 14h6",
    keys: "Ctrl+Shift+B",
    run: (editor) => editor.chain().focus().toggleWrap("quotation").run(),
    isOn: (editor) => editor.isActive("quotation"),
  },
  {
    label: "Table",
    icon: "M3 4.5h14v11H3zM3 8.5h14M3 12h14M8 8.5v7M12.5 8.5v7",
    keys: "/table",
    run: (editor) =>
      editor
        .chain()
        .focus()
        .command(({ state, dispatch }) => insertTable(state, dispatch))
        .run(),
    isOn: (editor) => editor.isActive("table"),
  },
];

/** The buttons of the text: one stop for Tab, and arrow keys within. */
export function openToolbar(toolbar: HTMLElement, linkForm: HTMLElement, editor: Editor): void {
  const link = linkField(linkForm, editor);
  const buttons = TOOLS.map((tool, n) => {
    const button = el("button", {
      type: "button",
      class: "tool",
      tabindex: n ? -1 : 0,
      "aria-label": tool.label,
      "data-tool": tool.label.toLowerCase(),
      "aria-pressed": "false",
      title: `${tool.label} (${withMeta(tool.keys)})`,
      // The text keeps its selection, and a phone its keyboard.
      pointerdown: (event) => event.preventDefault(),
      click: () => (tool.label === "Link" ? link() : tool.run(editor)),
    });
    button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${tool.icon}"/></svg>`;
    return button;
  });
  toolbar.append(...buttons);
  rove(toolbar, buttons);
  // Who begins to write need not wait for it.
  void import("./table-tools.ts").then(({ openTableTools }) => editor.isDestroyed || openTableTools(editor, rove));
  editor.on("transaction", () =>
    TOOLS.forEach((tool, n) => buttons[n]!.setAttribute("aria-pressed", String(tool.isOn(editor)))),
  );
  editor.view.dom.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    link();
  });
}

/** Arrow keys, Home and End move among the buttons. */
function rove(toolbar: HTMLElement, buttons: HTMLButtonElement[]): void {
  toolbar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const last = buttons.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length]!;
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
}

/** @returns opens the small field for the address, with the address of the link that the cursor is in */
function linkField(form: HTMLElement, editor: Editor): () => void {
  const input = form.querySelector("input")!;
  const error = form.querySelector<HTMLElement>(".field-error")!;

  function close(): void {
    form.hidden = true;
    error.textContent = "";
    editor.commands.focus();
  }
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter") apply();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  form.querySelector("[data-link=apply]")!.addEventListener("click", apply);
  form.querySelector("[data-link=cancel]")!.addEventListener("click", close);

  return () => {
    input.value = (editor.getAttributes("link").href as string | undefined) ?? "";
    form.hidden = false;
    input.focus();
    input.select();
  };

  function apply(): void {
    const href = linkAddress(input.value);
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!input.value.trim()) chain.unsetMark("link").run();
    else if (!href) return void (error.textContent = "That is not an address a link can lead to.");
    else if (editor.state.selection.empty && !editor.isActive("link"))
      chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).run();
    else chain.setMark("link", { href }).run();
    close();
  }
}

const withMeta = (keys: string): string =>
  /Mac|iPhone|iPad/.test(navigator.platform) ? keys.replace("Ctrl", "⌘").replace("Alt", "⌥") : keys;
