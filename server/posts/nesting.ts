import { layOutTable, type Token } from "./tables.ts";

/** Lists and quotations in one another; deeper ones are flattened. */
const DEEPEST = 6;
const TOKEN = /<(\/?)([a-z0-9]+)[^>]*>|[^<]+/g;

/**
 * Puts clean HTML of the few elements that a post may hold into the order that a browser would keep: text and inline
 * elements in a paragraph, a heading, a list item or a cell of a table, lists of items only, tables in nothing else,
 * nothing empty. So every reader's browser builds the same tree of it, wherever on a page it is put.
 * @param html from the sanitiser: only allowed elements, and no stray angle brackets
 */
export function nestWell(html: string): string {
  const tokens = [...html.matchAll(TOKEN)].map(([text, slash, tag]): Token => ({ text, slash: slash === "/", tag }));
  const writer = new Writer();
  blocks(writer, tokens);
  writer.leave(null);
  return writer.html;
}

function blocks(writer: Writer, tokens: Token[]): void {
  for (let n = 0; n < tokens.length; n++) {
    const end = tokens[n]!.tag === "table" ? endOfTable(tokens, n) : n;
    if (end === n) block(writer, tokens[n]!);
    else table(writer, tokens.slice(n + 1, end));
    n = end;
  }
}

/** Where the table ends that begins here, or here where it does not. */
function endOfTable(tokens: Token[], from: number): number {
  for (let n = from, depth = 0; n < tokens.length; n++) {
    const { tag, slash } = tokens[n]!;
    if (tag === "table") depth += slash ? -1 : 1;
    if (depth === 0) return n;
  }
  return from;
}

function table(writer: Writer, content: Token[]): void {
  const { html, strays } = layOutTable(content, line);
  blocks(writer, html === null ? content : strays);
  if (html !== null) writer.whole(html);
}

function block(writer: Writer, { text, slash, tag }: Token): void {
  if (tag === undefined) writer.text(text);
  else if (tag === "br") writer.break();
  else if (tag === "p" || tag === "h3") writer.leaf(slash ? null : tag);
  else if (OF_TABLES.has(tag)) writer.leaf(null);
  else if (!CONTAINERS.has(tag)) inline(writer, text, tag);
  else if (slash) writer.leave(tag);
  else writer.enter(tag);
}

function inline(writer: Writer, text: string, tag: string): void {
  if (text.startsWith("</")) writer.unformat(tag);
  else if (tag !== "a" || text.includes(" href=")) writer.format(tag, text);
}

const CONTAINERS = new Set(["ul", "ol", "li", "blockquote"]);
const OF_TABLES = new Set(["table", "caption", "thead", "tbody", "tr", "td", "th"]);
const isList = (tag: string | undefined): boolean => tag === "ul" || tag === "ol";

/** What may be several blocks as one line, with a break where a block begins or ends. */
function line(content: Token[]): string {
  const writer = new Writer();
  writer.leaf("");
  let atStart = true;
  for (const { text, tag } of content) {
    if (tag === undefined) {
      const words: string = atStart ? text.trimStart() : text;
      writer.text(words);
      atStart &&= !words;
    } else if (tag === "p" || tag === "h3" || CONTAINERS.has(tag) || OF_TABLES.has(tag)) {
      if (!atStart) writer.break();
      atStart = true;
    } else if (tag === "br") {
      writer.break();
      atStart = true;
    } else inline(writer, text, tag);
  }
  writer.leave(null);
  return writer.html.trimEnd();
}

/** Writes a start tag only once there is something to put behind it. */
class Writer {
  html = "";
  /** Open containers, outermost first; the first `written` of them are written. */
  #containers: string[] = [];
  #written = 0;
  #leaf: string | null = null;
  #leafWritten = false;
  /** Inline elements in force, outermost first; the first `formatted` of them are written. */
  #inline: { tag: string; start: string }[] = [];
  #formatted = 0;
  #breaks = 0;

  text(text: string): void {
    const words = this.#leafWritten ? text : text.trimStart();
    if (!words) return;
    this.#begin();
    this.html += "<br />".repeat(this.#breaks);
    this.#breaks = 0;
    for (const { start } of this.#inline.slice(this.#formatted)) this.html += start;
    this.#formatted = this.#inline.length;
    this.html += words;
  }

  break(): void {
    if (this.#leafWritten) this.#breaks++;
  }

  /** What follows stands in such an element, in none for "", in whatever it needs for null. */
  leaf(tag: string | null): void {
    this.#endLeaf();
    this.#leaf = tag;
  }

  /** Writes something that stands by itself, in nothing else. */
  whole(html: string): void {
    this.leave(null);
    this.html += html;
  }

  enter(tag: string): void {
    this.#endLeaf();
    const inside = this.#containers.at(-1);
    if (tag === "li") {
      if (inside === "li") this.leave("li");
      if (!isList(this.#containers.at(-1))) return;
    } else {
      if (this.#containers.filter((open) => open !== "li").length >= DEEPEST) return;
      if (isList(inside)) this.#containers.push("li");
    }
    this.#containers.push(tag);
  }

  /** Closes the innermost such container, or all for null. */
  leave(tag: string | null): void {
    const depth = tag === null ? 0 : this.#containers.lastIndexOf(tag);
    // An item's end says nothing about a list inside of which it stands.
    if (depth < 0 || (tag === "li" && this.#containers.slice(depth + 1).some(isList))) return;
    this.#endLeaf();
    while (this.#containers.length > depth) {
      const closed = this.#containers.pop()!;
      if (this.#written <= this.#containers.length) continue;
      this.html += `</${closed}>`;
      this.#written = this.#containers.length;
    }
  }

  format(tag: string, start: string): void {
    if (!this.#inline.some((open) => open.tag === tag)) this.#inline.push({ tag, start });
  }

  unformat(tag: string): void {
    const at = this.#inline.findIndex((open) => open.tag === tag);
    if (at < 0) return;
    this.#unwrite(at);
    this.#inline.splice(at, 1);
  }

  /** Writes whatever has to stand open around a text. */
  #begin(): void {
    if (this.#leafWritten) return;
    if (isList(this.#containers.at(-1))) this.#containers.push("li");
    for (const container of this.#containers.slice(this.#written)) this.html += `<${container}>`;
    this.#written = this.#containers.length;
    this.#leaf ??= this.#containers.at(-1) === "li" ? "" : "p";
    if (this.#leaf) this.html += `<${this.#leaf}>`;
    this.#leafWritten = true;
  }

  #unwrite(from: number): void {
    while (this.#formatted > from) this.html += `</${this.#inline[--this.#formatted]!.tag}>`;
  }

  #endLeaf(): void {
    this.#breaks = 0;
    this.#unwrite(0);
    if (this.#leafWritten && this.#leaf) this.html += `</${this.#leaf}>`;
    this.#leaf = null;
    this.#leafWritten = false;
  }
}
