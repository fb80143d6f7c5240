import type { Wording } from "../i18n/i18n.ts";

/**
 * Puts each table of a body into a frame that scrolls sideways by itself, that the keyboard reaches and that is named
 * by the caption; and marks what is numbers, so that they stand under one another.
 * @param html that posts/body.ts reduced
 */
export function framedTables(html: string, { say }: Pick<Wording, "say">): string {
  if (!html.includes("<table>")) return html;
  return html.replace(/<table>.*?<\/table>/gs, (table) => {
    const caption = /<caption>(.*?)<\/caption>/s.exec(table)?.[1]?.replaceAll("<br />", " ");
    const name = (caption ?? say("post.table")).replaceAll('"', "&quot;");
    // Whoever takes the text of a page without its elements finds the cells apart.
    const apart = withNumbers(table).replace(/<\/(?:caption|t[dhr])>/g, "$&\n");
    return `<div class="table-frame" role="group" aria-label="${name}" tabindex="0">${apart}</div>`;
  });
}

const CELL = /<(t[dh])([^>]*)>(.*?)(?=<\/t[dh]>)/gs;
const NUMBER = /^\p{Lu}{0,3}[^\p{L}\p{N}]{0,3}\p{N}[\p{N}\s.,:’'/–-]*(?:[^\p{L}\p{N}]|\p{L}{1,3}\.?)?$/u;
/** What stands for a number that there is not. */
const NONE = /^(?:[–—−-]|n\/a|\?)?$/i;

/** Whole columns with their headers; where cells span several, each number for itself. */
function withNumbers(table: string): string {
  const rows = table.split("<tr>");
  const columns = table.includes("span=") ? null : columnsOfNumbers(rows);
  const marked = rows.map((row) => {
    let x = 0;
    return row.replace(CELL, (cell, tag: string, attributes: string, html: string) => {
      const isNumber = columns ? columns.has(x++) : tag === "td" && NUMBER.test(wordsOf(html));
      return isNumber && !attributes.includes("row") ? `<${tag} class="number"${attributes}>${html}` : cell;
    });
  });
  return marked.join("<tr>");
}

function columnsOfNumbers(rows: string[]): Set<number> {
  const cells = rows.map((row) => [...row.matchAll(CELL)].map(([, tag, , html]) => ({ tag, words: wordsOf(html!) })));
  const body = cells.filter((row) => row.some(({ tag, words }) => tag === "td" && words));
  const columns = [...(body[0] ?? []).keys()].filter((x) => {
    const column = body.flatMap((row) => (row[x]?.tag === "td" ? row[x].words : []));
    return (
      column.some((words) => NUMBER.test(words)) && column.every((words) => NUMBER.test(words) || NONE.test(words))
    );
  });
  return new Set(columns);
}

const wordsOf = (html: string): string => html.replace(/<[^>]*>/g, "").trim();
