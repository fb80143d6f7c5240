import { Node } from "@tiptap/core";
import type { Node as DocumentNode, NodeType } from "@tiptap/pm/model";
import { Plugin, Selection, type Command, type EditorState, type Transaction } from "@tiptap/pm/state";
import {
  addRow,
  goToNextCell,
  isInTable,
  removeRow,
  selectedRect,
  tableEditing,
  TableMap,
  tableNodeTypes,
  type TableRect,
} from "@tiptap/pm/tables";

/*
 * Tables in a text: a caption, rows and cells, as server/posts/tables.ts lays them out. What prosemirror-tables knows of
 * cells over several columns and of selecting, and keys of a spreadsheet.
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
  addKeyboardShortcuts() {
    const run = (command: Command) => () => command(this.editor.state, this.editor.view.dispatch);
    return { Tab: run(goToNextCell(1)), "Shift-Tab": run(goToNextCell(-1)), Enter: run(goToNextRow) };
  },
  addProseMirrorPlugins: () => [
    tableEditing(),
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
  if (isInTable(state)) return false;
  const { table, row, cell, header_cell: header } = tableNodeTypes(state.schema);
  const rowOf = (type: NodeType) =>
    row.create(
      null,
      Array.from({ length: 3 }, () => type.createAndFill()!),
    );
  const tr = state.tr.replaceSelectionWith(table.create(null, [header, cell, cell].map(rowOf)));
  // Before the table or at its beginning, as the text was parted.
  dispatch?.(tr.setSelection(Selection.near(tr.doc.resolve(state.selection.from + 1))).scrollIntoView());
  return true;
};

/** The same column of the next row; from the last into a new one, and out of an empty one behind the table. */
const goToNextRow: Command = (state, dispatch) => {
  if (!isInTable(state)) return false;
  const rect = selectedRect(state);
  const { tr } = state;
  if (rect.bottom < rect.map.height) goTo(tr, rect, rect.bottom, rect.left);
  else if (rect.map.height > 1 && !rect.table.lastChild!.textContent.trim()) {
    removeRow(tr, rect, rect.map.height - 1);
    const end = rect.tableStart - 1 + tr.doc.nodeAt(rect.tableStart - 1)!.nodeSize;
    tr.setSelection(Selection.near(tr.doc.resolve(end)));
  } else goTo(addRow(tr, rect, rect.bottom), rect, rect.bottom, 0);
  dispatch?.(tr.scrollIntoView());
  return true;
};

function goTo(tr: Transaction, { tableStart }: TableRect, row: number, column: number): void {
  const map = TableMap.get(tr.doc.nodeAt(tableStart - 1)!);
  const at = tableStart + map.map[row * map.width + column]! + 1;
  tr.setSelection(Selection.near(tr.doc.resolve(at)));
}

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

type Headers = "row" | "column";

/** Whether the first row, or the first column, of the table at the cursor is of headers: besides the corner of both. */
export function hasHeaders(state: EditorState, of: Headers): boolean {
  const rect = selectedRect(state);
  const { header_cell: header } = tableNodeTypes(state.schema);
  const cells = cellsOf(rect, of).slice(1);
  const said = cells.filter(({ node }) => node.textContent.trim());
  return cells.some(({ node }) => node.type === header) && said.every(({ node }) => node.type === header);
}

export const toggleHeaders =
  (of: Headers): Command =>
  (state, dispatch) => {
    if (!isInTable(state)) return false;
    const rect = selectedRect(state);
    const { cell, header_cell: header } = tableNodeTypes(state.schema);
    const isOn = !hasHeaders(state, of);
    const [corner, ...others] = cellsOf(rect, of);
    const isCorner = isOn || hasHeaders(state, of === "row" ? "column" : "row");
    const { tr } = state;
    tr.setNodeMarkup(corner!.at, isCorner ? header : cell, corner!.node.attrs);
    for (const { at, node } of others) tr.setNodeMarkup(at, isOn ? header : cell, node.attrs);
    dispatch?.(tr);
    return true;
  };

function cellsOf({ map, table, tableStart }: TableRect, of: Headers): { at: number; node: DocumentNode }[] {
  const rect = of === "row" ? { right: map.width, bottom: 1 } : { right: 1, bottom: map.height };
  return map
    .cellsInRect({ left: 0, top: 0, ...rect })
    .map((position) => ({ at: tableStart + position, node: table.nodeAt(position)! }));
}

/** What the table at the cursor shows, in a few words. */
export const captionAt = (state: EditorState): string => selectedRect(state).table.attrs.caption as string;

export const setCaption =
  (caption: string): Command =>
  (state, dispatch) => {
    if (!isInTable(state)) return false;
    dispatch?.(state.tr.setNodeMarkup(selectedRect(state).tableStart - 1, null, { caption }));
    return true;
  };

/** Each cell is one line of text, as the server has it. */
export function writeTables(holder: HTMLElement): void {
  for (const caption of holder.querySelectorAll("caption")) caption.removeAttribute("contenteditable");
  for (const paragraph of holder.querySelectorAll("td > p, th > p"))
    paragraph.replaceWith(
      ...(paragraph.previousSibling ? [document.createElement("br")] : []),
      ...paragraph.childNodes,
    );
}
