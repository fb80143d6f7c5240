/*
 * What is copied from a word processor, a mail or a web page is mostly wrapping. The schema drops what a post cannot
 * hold; this turns into its elements what those programs say in ways of their own.
 */

/** Elements whose content was never meant to be read as text. */
const NOT_TEXT =
  "style,script,xml,head,title,meta,link,template,noscript,svg,canvas,object,iframe,button,select,input,textarea,nav,del,img,video,audio";
/** Elements that stand on lines of their own. */
const BLOCKS = "div,section,article,main,header,footer,aside,figure,figcaption,address,center,pre,dl,dt,dd";
const TABLE_PARTS = "caption,thead,tbody,tfoot,tr,td,th";
const HAS_BLOCKS = `p,ul,ol,li,blockquote,h1,h2,h3,h4,h5,h6,hr,table,${TABLE_PARTS},${BLOCKS}`;

/** @returns HTML of what was copied, without what came along with it */
export function cleanPaste(html: string): string {
  // Word's own markup stands in comments, some of them left open: "<![if !supportLists]>".
  const source = html
    .replace(/<!--\[if[\s\S]*?<!\[endif\]-->/gi, "")
    .replace(/<!\[(if|endif)[^>]*>/gi, "")
    .replace(/<\/?o:p[^>]*>/gi, "");
  const { body } = new DOMParser().parseFromString(source, "text/html");
  dropQuotedMail(body);
  makeWordLists(body);
  for (const element of body.querySelectorAll(NOT_TEXT)) element.remove();
  for (const element of body.querySelectorAll<HTMLElement>("[style], [hidden], [aria-hidden='true']"))
    if (element.hidden || element.ariaHidden === "true" || /display:\s*none/i.test(styleOf(element))) element.remove();
  sayStylesInElements(body);
  dropComments(body);
  for (const link of body.querySelectorAll("a")) cleanLink(link);
  keepTables(body);
  makeParagraphs(body);
  for (const block of body.querySelectorAll("p,h1,h2,h3,h4,h5,h6,li")) dropWhenEmpty(block);
  dropSpaceBetweenBlocks(body);
  return body.innerHTML;
}

/** Below the line that mail programs draw stands what was answered to. */
function dropQuotedMail(body: HTMLElement): void {
  const line = body.querySelector("#divRplyFwdMsg, #appendonsend, .gmail_quote, blockquote[type='cite']");
  if (!line || !textBefore(line, body)) return;
  for (let node: Node | null = line; node && node !== body; node = node.parentNode)
    while (node.nextSibling) node.nextSibling.remove();
  line.remove();
}

function textBefore(line: Element, body: HTMLElement): boolean {
  const range = document.createRange();
  range.setStart(body, 0);
  range.setEndBefore(line);
  return range.toString().trim() !== "";
}

/** Word writes the items of its lists as paragraphs, with the bullet or number as text. */
function makeWordLists(body: HTMLElement): void {
  const items = body.querySelectorAll<HTMLElement>("p[class*='MsoListParagraph'], p[style*='mso-list' i]");
  const open: { level: number; list: HTMLElement }[] = [];
  let last: Element | null = null;
  for (const item of items) {
    if (!/mso-list:\s*(?!none)/i.test(styleOf(item)) && !markerOf(item)) continue;
    if (item.previousElementSibling !== last || !last) open.length = 0;
    const level = Number(/level(\d)/i.exec(styleOf(item))?.[1] ?? 1);
    const marker = takeMarker(item);
    while (open.length && open.at(-1)!.level > level) open.pop();
    if (open.at(-1)?.level !== level) open.push({ level, list: beginList(item, marker, open.at(-1)?.list) });
    const entry = document.createElement("li");
    entry.append(...item.childNodes);
    open.at(-1)!.list.append(entry);
    item.remove();
    last = open[0]!.list;
  }
}

function beginList(item: Element, marker: string, outer: Element | undefined): HTMLElement {
  const list = document.createElement(/^\(?(\d+|[a-z]|[ivx]+)[.)]/i.test(marker) ? "ol" : "ul");
  if (outer?.lastElementChild) outer.lastElementChild.append(list);
  else item.before(list);
  return list;
}

const MARKER = /^[\s\u00a0]*([·•§o▪–-]|\(?\d+[.)]|[a-zA-Z][.)])[\s\u00a0]+/;

const markerOf = (item: Element): string => MARKER.exec(item.textContent)?.[1] ?? "";

function takeMarker(item: HTMLElement): string {
  const marked = item.querySelector("[style*='mso-list:Ignore' i], [style*='mso-list: Ignore' i]");
  if (marked) {
    const marker = marked.textContent.trim();
    marked.remove();
    return marker;
  }
  const marker = markerOf(item);
  let rest = MARKER.exec(item.textContent)?.[0].length ?? 0;
  const texts = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode() as Text | null; text && rest > 0; text = texts.nextNode() as Text | null) {
    const cut = Math.min(rest, text.data.length);
    text.deleteData(0, cut);
    rest -= cut;
  }
  return marker;
}

// The page's policy lets no style attribute be read as a style.
const styleOf = (element: Element): string => element.getAttribute("style") ?? "";

/** Google Docs says bold and italic in styles, and wraps all that is copied from it in a <b> of normal weight. */
function sayStylesInElements(body: HTMLElement): void {
  for (const element of body.querySelectorAll("b[style], strong[style], i[style], em[style]")) {
    const isBold = /^(B|STRONG)$/.test(element.tagName);
    const normal = isBold ? /font-weight:\s*(normal|[1-4]00)/i : /font-style:\s*normal/i;
    if (normal.test(styleOf(element))) element.replaceWith(...element.childNodes);
  }
  for (const element of body.querySelectorAll("span[style], font[style], a[style]")) {
    if (/font-weight:\s*(bold|[6-9]00)/i.test(styleOf(element))) wrapContent(element, "strong");
    if (/font-style:\s*(italic|oblique)/i.test(styleOf(element))) wrapContent(element, "em");
  }
}

function wrapContent(element: Element, tag: string): void {
  const wrapper = document.createElement(tag);
  wrapper.append(...element.childNodes);
  element.append(wrapper);
}

function dropComments(body: HTMLElement): void {
  const comments = document.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const found: Node[] = [];
  while (comments.nextNode()) found.push(comments.currentNode);
  for (const comment of found) comment.parentNode!.removeChild(comment);
}

/** What newsletters and social networks hang on addresses to know who followed them. */
const TRACKING =
  /^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|igsh|_hsenc|_hsmi|mkt_tok|yclid|twclid|ttclid)$/i;

function cleanLink(link: HTMLAnchorElement): void {
  const href = unwrapped(link.getAttribute("href") ?? "");
  // Bookmarks and footnotes of the document that this was copied from lead nowhere here.
  if (!/^(https?|mailto):/i.test(href)) return link.replaceWith(...link.childNodes);
  link.setAttribute("href", withoutTracking(href));
}

/** Google Docs and Outlook put an address of their own before that of a link. */
function unwrapped(href: string): string {
  if (!URL.canParse(href)) return href;
  const { hostname, pathname, searchParams } = new URL(href);
  const inner =
    /(^|\.)google\.\w+$/.test(hostname) && pathname === "/url"
      ? (searchParams.get("q") ?? searchParams.get("url"))
      : hostname.endsWith(".safelinks.protection.outlook.com")
        ? searchParams.get("url")
        : null;
  return inner && URL.canParse(inner) ? inner : href;
}

export function withoutTracking(address: string): string {
  if (!address.includes("?") || !URL.canParse(address)) return address;
  const url = new URL(address);
  const names = [...url.searchParams.keys()].filter((name) => TRACKING.test(name));
  for (const name of names) url.searchParams.delete(name);
  return names.length ? url.href : address;
}

/** Tables of data stay what they are; those that only put things beside one another, as in mails, are taken apart. */
function keepTables(body: HTMLElement): void {
  const isOwn = body.querySelector("[data-pm-slice]") !== null;
  for (const columns of body.querySelectorAll("colgroup, col")) columns.remove();
  for (const table of body.querySelectorAll("table"))
    if (isOwn) continue;
    else if (isOfData(table)) guessHeaders(table);
    else {
      const parts = [...table.querySelectorAll(TABLE_PARTS)].filter((part) => part.closest("table") === table);
      for (const part of [...parts, table]) become("div", part);
    }
}

/** Characters of a cell that is a text of its own. */
const MOST_IN_CELL = 300;

function isOfData(table: HTMLTableElement): boolean {
  if (/^(presentation|none)$/.test(table.role ?? "") || table.querySelector("table,h1,h2,h3,h4,ul,ol,blockquote"))
    return false;
  const rows = wordsOf(table).filter((row) => row.some(Boolean));
  return (
    rows.length > 1 &&
    rows.some((row) => row.filter(Boolean).length > 1) &&
    rows.every((row) => row.every((words) => words.length <= MOST_IN_CELL))
  );
}

/** Spreadsheets have no headers; words above numbers are some. */
function guessHeaders(table: HTMLTableElement): void {
  const isNumber = (words: string): boolean => /^\P{L}*\p{N}\P{L}*$/u.test(words);
  const [first, ...others] = wordsOf(table);
  if (table.querySelector("th") || !first!.slice(1).every(Boolean) || first!.some(isNumber)) return;
  if (!others.some((row) => row.some(isNumber))) return;
  for (const cell of [...table.rows[0]!.cells]) become("th", cell);
}

const wordsOf = (table: HTMLTableElement): string[][] =>
  [...table.rows].map((row) => [...row.cells].map(({ textContent }) => textContent.trim()));

function become(tag: string, element: Element): void {
  const other = document.createElement(tag);
  for (const name of ["colspan", "rowspan"])
    if (element.hasAttribute(name)) other.setAttribute(name, element.getAttribute(name)!);
  other.append(...element.childNodes);
  element.replaceWith(other);
}

/** @returns HTML of the table that lines with tabs between words are, as spreadsheets on phones copy, or null */
export function tableOfLines(text: string): string | null {
  const rows = text
    .replace(/[\r\n]+$/, "")
    .split(/\r?\n/)
    .map((line) => line.split("\t"));
  const width = rows[0]!.length;
  if (rows.length < 2 || width < 2 || rows.some((row) => row.length !== width)) return null;
  const table = document.createElement("table");
  for (const row of rows)
    for (const [x, words] of row.entries())
      (x ? table.rows[table.rows.length - 1]! : table.insertRow()).insertCell().textContent = words;
  return table.outerHTML;
}

/** Containers that hold no other blocks are paragraphs; a line of dashes is not a thing that a post can hold. */
function makeParagraphs(body: HTMLElement): void {
  for (const rule of body.querySelectorAll("hr")) rule.remove();
  for (const block of [...body.querySelectorAll<HTMLElement>(BLOCKS)].reverse()) {
    if (block.querySelector(HAS_BLOCKS)) block.replaceWith(...block.childNodes);
    else {
      const paragraph = document.createElement("p");
      paragraph.append(...block.childNodes);
      block.replaceWith(paragraph);
    }
  }
}

/** Spaces and line breaks beside a block are how the source was written, and no lines of the text. */
function dropSpaceBetweenBlocks(body: HTMLElement): void {
  const isBlock = (node: Node | null): boolean => node instanceof Element && node.matches(HAS_BLOCKS);
  const nodes = document.createTreeWalker(body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const found: ChildNode[] = [];
  while (nodes.nextNode()) {
    const node = nodes.currentNode as Text | Element;
    const isSpace = node instanceof Element ? node.tagName === "BR" : !/[^\s\u00a0]/.test(node.data);
    const before = found.at(-1) === node.previousSibling && node.previousSibling !== null;
    if (isSpace && (before || isBlock(node.previousSibling) || isBlock(node.nextSibling))) found.push(node);
  }
  for (const node of found) node.remove();
}

function dropWhenEmpty(block: Element): void {
  if (!/[^\s\u00a0\u200b\ufeff]/.test(block.textContent)) block.remove();
}
