import { Node } from "@tiptap/core";
import type { NodeType } from "@tiptap/pm/model";
import { Plugin, Selection, type Command, type EditorState, type Transaction } from "@tiptap/pm/state";

/*
 * Tables in a text: a caption, rows and cells, as server/posts/tables.ts lays them out. What is done in one comes a
 * moment later, with table-tools.ts.
 */

const ROLES: Record<string, string> = {
  table: "table",
  tableRow: "row",
  tableCell: "cell",
  tableHeader: "header_cell",
};

const Table = Node.create({
  name: "table",
  content: "tableRow+",
  isolating: true,
  addAttributes: () => ({
    caption: {
      default: "",
      rendered: false,
      parseHTML: (element: HTMLElement) => element.querySelector("caption")?.textContent.trim() ?? "",
    },
  }),
  extendNodeSchema: ({ name }) => (name in ROLES ? { tableRole: ROLES[name] } : {}),
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }],
  renderHTML({ node }) {
    const caption = node.attrs.caption as string;
    return caption
      ? ["table", ["caption", { contenteditable: "false" }, caption], ["tbody", 0]]
      : ["table", ["tbody", 0]];
  },
  addProseMirrorPlugins: () => [
    new Plugin({ appendTransaction: (done, _, state) => (done.some((tr) => tr.docChanged) ? withLines(state) : null) }),
  ],
});

const TableRow = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: () => ["tr", 0],
});

const cell = (name: string, tag: "td" | "th") =>
  Node.create({
    name,
    content: "paragraph+",
    isolating: true,
    addAttributes: () => ({ colspan: span("colspan"), rowspan: span("rowspan") }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ node }) => {
      const { colspan, rowspan } = node.attrs as { colspan: number; rowspan: number };
      return [tag, { ...(colspan > 1 && { colspan }), ...(rowspan > 1 && { rowspan }) }, 0];
    },
  });

const span = (name: string) => ({
  default: 1,
  rendered: false,
  parseHTML: (element: HTMLElement) => Math.max(1, Number(element.getAttribute(name)) || 1),
});

export const tableSchema = [Table, TableRow, cell("tableCell", "td"), cell("tableHeader", "th")];

/** Puts an empty table where the cursor is, with a row of headers, and the cursor into it. */
export const insertTable: Command = (state, dispatch) => {
  const { $from } = state.selection;
  if (Array.from({ length: $from.depth }, (_, n) => $from.node(n + 1)).some(({ type }) => type.name === "table"))
    return false;
  const { table, tableRow: row, tableCell: cell, tableHeader: header } = state.schema.nodes;
  const rowOf = (type: NodeType) =>
    row!.create(
      null,
      Array.from({ length: 3 }, () => type.createAndFill()!),
    );
  const tr = state.tr.replaceSelectionWith(table!.create(null, [header!, cell!, cell!].map(rowOf)));
  // Before the table or at its beginning, as the text was parted.
  dispatch?.(tr.setSelection(Selection.near(tr.doc.resolve(state.selection.from + 1))).scrollIntoView());
  return true;
};

/** Around each table there is a line to write in; what stays empty is not kept. */
function withLines({ doc, schema, tr }: EditorState): Transaction | null {
  const isTable = (n: number): boolean => doc.maybeChild(n)?.type.name === "table";
  const line = schema.nodes.paragraph!;
  let at = doc.content.size;
  for (let n = doc.childCount - 1; n >= 0; n--) {
    if (isTable(n) && (n === doc.childCount - 1 || isTable(n + 1))) tr.insert(at, line.create());
    at -= doc.child(n).nodeSize;
    if (n === 0 && isTable(n)) tr.insert(at, line.create());
  }
  return tr.docChanged ? tr : null;
}

/** Each cell is one line of text, as the server has it. */
export function writeTables(holder: HTMLElement): void {
  for (const caption of holder.querySelectorAll("caption")) caption.removeAttribute("contenteditable");
  for (const paragraph of holder.querySelectorAll("td > p, th > p"))
    paragraph.replaceWith(
      ...(paragraph.previousSibling ? [document.createElement("br")] : []),
      ...paragraph.childNodes,
    );
}
