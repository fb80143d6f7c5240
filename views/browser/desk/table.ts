import { keymap } from "@tiptap/pm/keymap";
import type { Node as DocumentNode } from "@tiptap/pm/model";
import { Selection, type Command, type EditorState, type Plugin, type Transaction } from "@tiptap/pm/state";
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

/** What prosemirror-tables knows of cells over several columns and of selecting, and keys of a spreadsheet. */
export const tablePlugins = (): Plugin[] => [
  keymap({ Tab: goToNextCell(1), "Shift-Tab": goToNextCell(-1), Enter: goToNextRow }),
  tableEditing(),
];

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
