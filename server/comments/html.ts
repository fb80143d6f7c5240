import { findLinks } from "../rules/links.ts";

/** A comment's plain text as HTML: its paragraphs and lines, and its web addresses as links that say where they lead. */
export const commentHtml = (text: string): string =>
  text
    .split(/\n{2,}/)
    .map((paragraph) => `<p dir="auto">${linked(paragraph).replaceAll("\n", "<br>")}</p>`)
    .join("");

/** Escaped text with its web addresses as links. */
export function linked(text: string): string {
  const parts: string[] = [];
  let end = 0;
  for (const { start, end: linkEnd, address } of findLinks(text)) {
    const shown = escape(address);
    parts.push(escape(text.slice(end, start)), `<a href="${shown}" rel="noopener nofollow ugc">${shown}</a>`);
    end = linkEnd;
  }
  parts.push(escape(text.slice(end)));
  return parts.join("");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };

export const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
