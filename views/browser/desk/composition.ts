/*
 * A composition: what somebody is writing, as the device keeps it, and how it becomes a request.
 */

export type Kind = "entry" | "quote" | "comment";
export type Verification = "unverified" | "partly-verified" | "verified" | "disputed";
export type Author = { slug: string; name: string } | { slug: null; name: string };

export interface Source {
  name: string;
  url: string;
  note: string;
  public: boolean;
}

/** A picture or an embed, in the shape that its own module gives it; the composer needs only the id. */
export interface Piece {
  id: string;
  [field: string]: unknown;
}

/** What the id of a piece begins with that the server does not know yet. */
export const NEW_PIECE = "new:";

export const isOnServer = ({ id }: Piece): boolean => !id.startsWith(NEW_PIECE);

export interface Fields {
  kind: Kind;
  headline: string;
  /** HTML. */
  body: string;
  quote: { text: string; name: string; role: string; source: string; sourceUrl: string };
  comment: { id: string; name: string; body: string } | null;
  /** null: whoever writes. */
  authors: Author[] | null;
  keyEvent: boolean;
  /** Missing in what was kept on a device before there was such a mark. */
  summary?: boolean;
  pinned: boolean;
  verification: Verification | null;
  verificationNote: string;
  sources: Source[];
  tags: string[];
  media: Piece[];
  embeds: Piece[];
  /** To the editor or back to the author; no reader sees it. */
  note: string;
  /** Of a published post: what readers are told was wrong. */
  correction: string;
}

export type Status = "draft" | "submitted" | "scheduled" | "published" | "removed";

/** The post on the server that this changes, as it was read. */
export interface Base {
  id: string;
  version: number;
  status: Status;
  publishAt: string | null;
  fields: Fields;
}

export interface Refusal {
  /** For people. */
  text: string;
  errors: { pointer: string; code: string }[];
}

export interface Composition {
  id: string;
  account: string;
  /** The blog's slug. */
  blog: string;
  fields: Fields;
  base: Base | null;
  refusal: Refusal | null;
  /** Milliseconds. */
  updatedAt: number;
  /** When somebody threw it away; it can be had back for a while. */
  discardedAt: number | null;
}

/** A post as the API shows it; the fields that came later may be missing. */
export interface PostAnswer {
  id: string;
  kind: Kind;
  headline: string | null;
  body: string;
  quote: {
    text: string;
    attribution: { name: string; role: string | null; source: string | null; sourceUrl: string | null };
  } | null;
  comment: { id: string; author: { name: string }; body: string } | null;
  media: Piece[];
  embeds?: Piece[];
  authors: Author[];
  keyEvent: boolean;
  summary?: boolean;
  pinned: boolean;
  verification: Verification | null;
  verificationNote: string | null;
  correction: { text: string } | null;
  sources?: { name: string; url?: string | null; note?: string | null; public: boolean }[];
  tags?: string[];
  note?: string | null;
  status: Status;
  publishAt?: string | null;
  version: number;
  url: string;
}

export const blankFields = (kind: Kind): Fields => ({
  kind,
  headline: "",
  body: "",
  quote: { text: "", name: "", role: "", source: "", sourceUrl: "" },
  comment: null,
  authors: null,
  keyEvent: false,
  summary: false,
  pinned: false,
  verification: null,
  verificationNote: "",
  sources: [],
  tags: [],
  media: [],
  embeds: [],
  note: "",
  correction: "",
});

export const newComposition = (account: string, blog: string, kind: Kind): Composition => ({
  id: crypto.randomUUID(),
  account,
  blog,
  fields: blankFields(kind),
  base: null,
  refusal: null,
  updatedAt: Date.now(),
  discardedAt: null,
});

/** Whether there is nothing in it that anybody would miss. */
export function isBlank({ fields, base }: Composition): boolean {
  if (base) return JSON.stringify(fields) === JSON.stringify(base.fields);
  return JSON.stringify({ ...fields, kind: "entry" }) === JSON.stringify(blankFields("entry"));
}

/** Its first words, for a list. */
export function summaryOf({ kind, headline, body, quote, comment, media, embeds }: Fields): string {
  const text = new DOMParser().parseFromString(body.replace(/></g, "> <"), "text/html").body.textContent;
  const words = headline || (kind === "quote" ? quote.text || quote.name : "") || text || comment?.body || "";
  const line = words.replace(/\s+/g, " ").trim();
  if (!line) return media.length ? "A picture" : embeds.length ? "A link" : "Without words";
  return line.length > 90 ? `${line.slice(0, 88).replace(/\s+\S*$/, "")} …` : line;
}

/** All of its words, for reading side by side. */
export function plainOf({ headline, body, quote, kind, verification, verificationNote }: Fields): string {
  const spaced = body
    .replace(/<br ?\/?>/g, "\n")
    .replace(/<\/t[dh]>(?=<t[dh])/g, "$& | ")
    .replace(/<\/(p|li|h3|blockquote|caption|tr)>/g, "$&\n");
  const text = new DOMParser().parseFromString(spaced, "text/html").body.textContent.trim();
  const said = kind === "quote" ? [`“${quote.text}”`, [quote.name, quote.role].filter(Boolean).join(", ")] : [];
  const known = verification ? [[verification, verificationNote].filter(Boolean).join(": ")] : [];
  return [headline, ...said, text, ...known].filter(Boolean).join("\n\n");
}

export function fieldsOf(post: PostAnswer): Fields {
  const { text = "", attribution } = post.quote ?? {};
  const { name = "", role, source, sourceUrl } = attribution ?? {};
  return {
    kind: post.kind,
    headline: post.headline ?? "",
    body: post.body,
    quote: { text, name, role: role ?? "", source: source ?? "", sourceUrl: sourceUrl ?? "" },
    comment: post.comment && { id: post.comment.id, name: post.comment.author.name, body: post.comment.body },
    authors: post.authors.map(({ name, slug }) => ({ name, slug })),
    keyEvent: post.keyEvent,
    summary: post.summary ?? false,
    pinned: post.pinned,
    verification: post.verification,
    verificationNote: post.verificationNote ?? "",
    sources: (post.sources ?? []).map((source) => ({
      name: source.name,
      url: source.url ?? "",
      note: source.note ?? "",
      public: source.public,
    })),
    tags: post.tags ?? [],
    media: post.media,
    embeds: post.embeds ?? [],
    note: post.note ?? "",
    correction: post.correction?.text ?? "",
  };
}

export const baseOf = (post: PostAnswer): Base => ({
  id: post.id,
  version: post.version,
  status: post.status,
  publishAt: post.publishAt ?? null,
  fields: fieldsOf(post),
});

/** What a post is made of, as the API takes it; without its status. */
export function requestOf(fields: Fields): Record<string, unknown> {
  const { kind, quote, comment, verification, sources, tags, media, embeds, authors } = fields;
  return {
    kind,
    headline: fields.headline.trim() || null,
    body: withoutLooseEnds(fields.body),
    ...(kind === "quote" ? { quote: quoteOf(quote) } : {}),
    ...(kind === "comment" && comment ? { commentId: comment.id } : {}),
    ...(authors ? { authors: authors.map(({ slug, name }) => (slug ? { slug } : { name })) } : {}),
    keyEvent: fields.keyEvent,
    summary: fields.summary ?? false,
    pinned: fields.pinned,
    verification,
    verificationNote: (verification && fields.verificationNote.trim()) || null,
    media: media.filter(isOnServer).map(({ id, alt, caption, credit, focalPoint }) => ({
      id,
      ...(alt === undefined ? {} : { alt }),
      ...(caption === undefined ? {} : { caption }),
      ...(credit === undefined ? {} : { credit }),
      ...(focalPoint === undefined ? {} : { focalPoint }),
    })),
    // A link that nobody has asked about yet is asked about on its way out.
    ...(embeds.length ? { embeds: embeds.map((one) => (isOnServer(one) ? { id: one.id } : { url: one.url })) } : {}),
    ...(tags.length ? { tags } : {}),
    ...(sources.length ? { sources: sources.map(sourceOf) } : {}),
    ...(fields.note.trim() ? { note: fields.note.trim() } : {}),
  };
}

/** What differs from the post as it was read; marks are set by requests of their own. */
export function changesOf(fields: Fields, base: Base): Record<string, unknown> {
  const now: Record<string, unknown> = { ...emptied(requestOf(fields)), correction: correctionOf(fields.correction) };
  const then: Record<string, unknown> = {
    ...emptied(requestOf(base.fields)),
    correction: correctionOf(base.fields.correction),
  };
  const {
    kind: _kind,
    commentId: _commentId,
    keyEvent: _keyEvent,
    summary: _summary,
    pinned: _pinned,
    ...changed
  } = Object.fromEntries(
    Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(then[name])),
  );
  // A note belongs to one state; the server drops it with a new one unless it is said again.
  if ("verification" in changed && now.verificationNote) changed.verificationNote = now.verificationNote;
  return changed;
}

/** The end of the address at which a post is given it. */
export type Mark = "key-event" | "summary" | "pin";

/** The marks that differ. */
export function marksOf(fields: Fields, base: Base): { name: Mark; on: boolean }[] {
  return [
    { name: "key-event" as const, on: fields.keyEvent, was: base.fields.keyEvent },
    { name: "summary" as const, on: fields.summary ?? false, was: base.fields.summary ?? false },
    { name: "pin" as const, on: fields.pinned, was: base.fields.pinned },
  ].flatMap(({ name, on, was }) => (on === was ? [] : [{ name, on }]));
}

/** A request in which what is not there can be told from what was taken away. */
const emptied = (request: Record<string, unknown>): Record<string, unknown> => ({
  embeds: [],
  tags: [],
  sources: [],
  note: null,
  ...request,
});

const correctionOf = (text: string): { text: string } | null => (text.trim() ? { text: text.trim() } : null);

function quoteOf({ text, name, role, source, sourceUrl }: Fields["quote"]): object {
  return {
    text: text.trim(),
    attribution: {
      name: name.trim(),
      role: role.trim() || null,
      source: source.trim() || null,
      sourceUrl: sourceUrl.trim() || null,
    },
  };
}

const sourceOf = ({ name, url, note, public: isPublic }: Source): object => ({
  name: name.trim(),
  ...(url.trim() ? { url: url.trim() } : {}),
  ...(note.trim() ? { note: note.trim() } : {}),
  public: isPublic,
});

/** Spaces and empty paragraphs at the end are left over from typing. */
const withoutLooseEnds = (html: string): string =>
  html.replace(/\s+(?=<\/(?:p|h3)>)/g, "").replace(/(<p>(?:<br>)*<\/p>)+$/, "");

/** What has to be there before it can go out; the same the server would say. */
export function missingFrom({ kind, headline, body, quote, comment, media, embeds }: Fields): Refusal | null {
  const missing = (pointer: string, text: string): Refusal => ({ text, errors: [{ pointer, code: "required" }] });
  if (kind === "quote" && !quote.text.trim()) return missing("/quote/text", "A quote needs what was said.");
  if (kind === "quote" && !quote.name.trim())
    return missing("/quote/attribution/name", "A quote needs the name of whoever said it.");
  if (kind === "comment" && !comment) return missing("/commentId", "Choose the comment first.");
  if (kind === "entry" && !headline.trim() && !body && !media.length && !embeds.length)
    return missing("/body", "A post needs a headline, a text or a picture.");
  return null;
}
