import { createDocument, Editor, Extension } from "@tiptap/core";
import { history, redo, undo } from "@tiptap/pm/history";
import { DOMSerializer } from "@tiptap/pm/model";
import { EditorState, Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { cleanPaste, tableOfLines, withoutTracking } from "./paste.ts";
import { bodySchema } from "./schema.ts";
import { suggestions, type Suggester } from "./suggestions.ts";
import { writeTables } from "./table-schema.ts";

export type { Editor } from "@tiptap/core";

export interface EditorOptions {
  readonly element: HTMLElement;
  /** Words in the empty text. */
  placeholder(): string;
  /** Ids of the label and of the message that belongs to the text. */
  readonly labelledBy: string;
  readonly describedBy: string;
  readonly suggesters: Suggester[];
  changed(): void;
  /** Whether somebody took the files. */
  filesDropped(files: File[]): boolean;
  /** An address pasted on its own; whether somebody took it. */
  addressPasted(address: string): boolean;
  /** Plain words that are pasted. */
  pasted(text: string): void;
}

/** The text field of the composer. Its HTML is what `server/posts/body.ts` lets through, which only lays out tables anew. */
export function openEditor(options: EditorOptions): Editor {
  const editor: Editor = new Editor({
    element: options.element,
    injectCSS: false,
    enablePasteRules: false,
    extensions: [...bodySchema, undoing, placeholder(() => options.placeholder()), suggestions(options.suggesters)],
    onUpdate: () => options.changed(),
    editorProps: {
      attributes: {
        class: "post-body composer-text",
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": options.labelledBy,
        "aria-describedby": options.describedBy,
        autocapitalize: "sentences",
        spellcheck: "true",
      },
      transformPastedHTML: cleanPaste,
      handlePaste: (_view, { clipboardData }) => clipboardData !== null && paste(editor, clipboardData, options),
      handleDrop: (_view, { dataTransfer }, _slice, moved) => !moved && takeFiles(dataTransfer, options),
    },
  });
  return editor;
}

/** @returns whether nothing is left to do */
function paste(editor: Editor, data: DataTransfer, options: EditorOptions): boolean {
  // Word puts a picture of the text beside the text; a picture that is copied from a page has markup and no words.
  if (!/\S/.test(data.getData("text/plain")) && takeFiles(data, options)) return true;
  const text = data.getData("text/plain").trim();
  if (/^https?:\/\/\S+$/i.test(text) && URL.canParse(text))
    return pasteAddress(editor, withoutTracking(text), options.addressPasted);
  const table = data.getData("text/html") ? null : tableOfLines(data.getData("text/plain"));
  if (table !== null) return editor.view.pasteHTML(table);
  if (text) options.pasted(text);
  return false;
}

function takeFiles(data: DataTransfer | null, { filesDropped }: EditorOptions): boolean {
  const files = [...(data?.files ?? [])];
  return files.length > 0 && filesDropped(files);
}

function pasteAddress(editor: Editor, href: string, taken: EditorOptions["addressPasted"]): boolean {
  if (!editor.state.selection.empty) return editor.commands.setMark("link", { href });
  const isAlone = editor.state.selection.$from.parent.content.size === 0;
  if (isAlone && taken(href)) return true;
  const link = { type: "text", text: href, marks: [{ type: "link", attrs: { href } }] };
  return editor.commands.insertContent([link, { type: "text", text: " " }]);
}

const undoing = Extension.create({
  name: "undoing",
  addProseMirrorPlugins: () => [history()],
  addKeyboardShortcuts() {
    const run = (command: typeof undo) => () => command(this.editor.state, this.editor.view.dispatch);
    return { "Mod-z": run(undo), "Shift-Mod-z": run(redo), "Mod-y": run(redo) };
  },
});

/** Words in the empty text, by a class and an attribute on its first paragraph. */
const placeholder = (words: () => string) =>
  Extension.create({
    name: "placeholder",
    addProseMirrorPlugins: () => [
      new Plugin({
        props: {
          decorations({ doc }) {
            const isEmpty = doc.childCount === 1 && doc.firstChild!.isTextblock && doc.firstChild!.content.size === 0;
            if (!isEmpty) return null;
            const attributes = { class: "is-empty", "data-placeholder": words() };
            return DecorationSet.create(doc, [Decoration.node(0, doc.firstChild!.nodeSize, attributes)]);
          },
        },
      }),
    ],
  });

/** The text as HTML; "" when it says nothing. */
export function htmlOf(editor: Editor): string {
  const { doc, schema } = editor.state;
  if (!/\S/.test(doc.textContent)) return "";
  const holder = document.createElement("div");
  holder.append(DOMSerializer.fromSchema(schema).serializeFragment(doc.content));
  writeTables(holder);
  return holder.innerHTML;
}

/** Replaces the text, as another composition is opened: what was undone in the last one is not of this one. */
export function setHtml(editor: Editor, html: string): void {
  const { schema, plugins } = editor.state;
  const doc = createDocument(html, schema, { preserveWhitespace: false });
  editor.view.updateState(EditorState.create({ doc, plugins }));
  // The buttons look at the text with each transaction.
  editor.view.dispatch(editor.state.tr);
}
