/** What a table in a post may have at most. */
const MAX_ROWS = 100;
const MAX_COLUMNS = 20;
/** What is laid out before empty rows and columns are left out; of a table beyond it, a part that is too big as well. */
const ROOM = { rows: 3 * MAX_ROWS, columns: 3 * MAX_COLUMNS };

/** A tag or a text of clean HTML. */
export interface Token {
  readonly text: string;
  readonly slash: boolean;
  /** Undefined for a text. */
  readonly tag: string | undefined;
}

/** HTML of one line, of what stands in a cell. */
type Line = (content: Token[]) => string;

interface Cell {
  readonly html: string;
  readonly isHeader: boolean;
  readonly colspan: number;
  readonly rowspan: number;
}

/** Rows of slots; a cell stands in each slot that it covers. */
type Grid = (Cell | undefined)[][];

/**
 * A table as every post has it: a caption of words alone, rows of headers on top in a `thead` and the others in a
 * `tbody`, all equally wide, none empty; each header says by `scope` what it is for.
 * @param tokens of what is between the tags of the table
 * @returns html null for what is no table, but one cell at most; strays: what stands in a table beside its cells
 */
export function layOutTable(tokens: Token[], line: Line): { html: string | null; strays: Token[] } {
  const { caption, rows, strays } = read(tokens, line);
  const grid = gridOf(rows);
  const width = grid[0]?.length ?? 0;
  if (grid.length * width < 2) return { html: null, strays: [] };
  const head = headRows(grid);
  const written = grid.map((_row, y) => writeRow(grid, y, y < head));
  const top = head ? `<thead>${written.slice(0, head).join("")}</thead>` : "";
  const said = caption ? `<caption>${caption}</caption>` : "";
  return { html: `<table>${said}${top}<tbody>${written.slice(head).join("")}</tbody></table>`, strays };
}

/** @param html of a whole body, reduced */
export const tablesFit = (html: string): boolean =>
  [...html.matchAll(/<table>.*?<\/table>/gs)].every(([table]) => {
    const [first, ...others] = table.split("<tr>").slice(1);
    return others.length < MAX_ROWS && widthOf(first!) <= MAX_COLUMNS;
  });

/** Columns, by the first row of a table: every other is as wide. */
const widthOf = (row: string): number =>
  [...row.matchAll(/<t[dh]\b([^>]*)>/g)].reduce((sum, [, attributes]) => sum + span(attributes!, "colspan"), 0);

const span = (attributes: string, name: "colspan" | "rowspan"): number =>
  Math.max(1, Number(new RegExp(`\\b${name}="(\\d{1,4})"`).exec(attributes)?.[1] ?? 1));

const PARTS = new Set(["table", "caption", "thead", "tbody", "tr", "td", "th"]);

function read(tokens: Token[], line: Line): { caption: string; rows: Cell[][]; strays: Token[] } {
  const rows: { start: string; isHeader: boolean; content: Token[] }[][] = [];
  const caption: Token[] = [];
  const strays: Token[] = [];
  let into = strays;
  let inHead = false;
  let depth = 0;
  for (const token of tokens) {
    const { text, slash, tag } = token;
    if (tag === "table") depth += slash ? -1 : 1;
    // A table within a cell is lines of that cell.
    if (depth > 0 || tag === undefined || tag === "table" || !PARTS.has(tag)) {
      into.push(token);
      continue;
    }
    into = strays;
    if (tag === "thead" || tag === "tbody") inHead = tag === "thead" && !slash;
    else if (slash) continue;
    else if (tag === "caption") into = caption;
    else if (tag === "tr") rows.push([]);
    else {
      if (!rows.length) rows.push([]);
      rows.at(-1)!.push({ start: text, isHeader: tag === "th" || inHead, content: (into = []) });
    }
  }
  const cells = rows.map((row) =>
    row.map(({ start, isHeader, content }) => ({
      html: line(content),
      isHeader,
      colspan: Math.min(span(start, "colspan"), MAX_COLUMNS),
      rowspan: span(start, "rowspan"),
    })),
  );
  return { caption: line(caption.filter(({ tag }) => tag === undefined || tag === "br")), rows: cells, strays };
}

/** Where nothing but empty cells begins, there is no row and no column. */
function gridOf(rows: Cell[][]): Grid {
  const { grid, width, isWhole } = place(rows);
  const columns = [...Array(width).keys()];
  if (!isWhole) return grid.slice(0, MAX_ROWS + 1).map((row) => columns.slice(0, MAX_COLUMNS + 1).map((x) => row[x]));
  const begins = (cell: Cell | undefined, before: Cell | undefined): boolean => Boolean(cell?.html) && cell !== before;
  const kept = columns.filter((x) => grid.some((row) => begins(row[x], row[x - 1])));
  return grid
    .filter((row, y) => columns.some((x) => begins(row[x], grid[y - 1]?.[x])))
    .map((row) => kept.map((x) => row[x]));
}

/** As a browser places cells, but that none covers another. */
function place(rows: Cell[][]): { grid: Grid; width: number; isWhole: boolean } {
  const grid: Grid = rows.slice(0, ROOM.rows).map(() => []);
  let isWhole = rows.length <= ROOM.rows;
  for (const [y, row] of grid.entries()) {
    let x = 0;
    for (const cell of rows[y]!) {
      while (row[x]) x++;
      if (x >= ROOM.columns) {
        isWhole = false;
        break;
      }
      const end = Math.min(x + cell.colspan, ROOM.columns);
      const below = Math.min(y + cell.rowspan, grid.length);
      for (; x < end && !row[x]; x++) for (let at = y; at < below; at++) grid[at]![x] = cell;
    }
  }
  return { grid, width: Math.max(0, ...grid.map((row) => row.length)), isWhole };
}

const isHeaders = (row: Grid[number]): boolean =>
  row.some((cell) => cell?.html) && row.every((cell) => !cell?.html || cell.isHeader);

/** How many rows from the top are headers; no cell reaches from these into the others, and one row is always left. */
function headRows(grid: Grid): number {
  let head = 0;
  while (head < grid.length - 1 && isHeaders(grid[head]!)) head++;
  while (head > 0 && grid[head]!.some((cell, x) => cell && cell === grid[head - 1]![x])) head--;
  return head;
}

function writeRow(grid: Grid, y: number, isHead: boolean): string {
  const row = grid[y]!;
  const scope = isHead || isHeaders(row) ? "col" : "row";
  let html = "";
  for (const [x, cell] of row.entries()) {
    if (cell && (cell === row[x - 1] || cell === grid[y - 1]?.[x])) continue;
    let [right, below] = [x + 1, y + 1];
    while (cell && row[right] === cell) right++;
    while (cell && grid[below]?.[x] === cell) below++;
    // An empty header would be read out as one that says nothing.
    const tag = cell?.html && (cell.isHeader || isHead) ? "th" : "td";
    const spans = `${right - x > 1 ? ` colspan="${right - x}"` : ""}${below - y > 1 ? ` rowspan="${below - y}"` : ""}`;
    html += `<${tag}${tag === "th" ? ` scope="${scope}"` : ""}${spans}>${cell?.html ?? ""}</${tag}>`;
  }
  return `<tr>${html}</tr>`;
}
