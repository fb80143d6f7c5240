import { call } from "../desk/api.ts";
import { say } from "../words.ts";
import { articlesIn, itemOf } from "./list.ts";

/** A comment as the API tells its author. */
export interface OwnComment {
  id: string;
  parentId: string | null;
  author: { id: string | null; name: string };
  body: string;
  html: string;
  status: "published" | "approved" | "pending" | "held" | "rejected";
  rejection?: { code: string | null; text: string | null };
  version: number;
  createdAt: string;
}

interface OwnPart {
  me: { id: string; name: string };
  comments: OwnComment[];
  liked: string[];
  muted: string[];
}

export interface Own {
  /** null: not signed in, or not known yet. */
  me(): OwnPart["me"] | null;
  comments(): OwnComment[];
  comment(id: string): OwnComment | undefined;
  muted: Set<string>;
  liked: Set<string>;
  /** Seconds after which one's own words stay as they are. */
  editWindow(): number;
  /** Asks the server. @returns whether somebody is signed in */
  load(): Promise<boolean>;
  keep(comment: OwnComment): void;
  drop(id: string): void;
  /** Lays it over one comment of the page, which is the same for everybody. */
  lay(article: HTMLElement): void;
  layAll(list: HTMLElement): void;
}

/** What the page does not say of its reader: their own comments, likes and mutes. */
export function ownPart(slug: string): Own {
  let me: OwnPart["me"] | null = null;
  let comments: OwnComment[] = [];
  let editWindow = 0;
  /** Counts what is asked for, kept and dropped: an answer that any of it overtook is old. */
  let turn = 0;
  let asked = 0;
  const muted = new Set<string>();
  const liked = new Set<string>();

  return {
    me: () => me,
    comments: () => comments,
    comment: (id) => comments.find((comment) => comment.id === id),
    muted,
    liked,
    editWindow: () => editWindow,
    load,
    keep(comment) {
      turn++;
      comments = [comment, ...comments.filter(({ id }) => id !== comment.id)];
    },
    drop(id) {
      turn++;
      comments = comments.filter((comment) => comment.id !== id);
    },
    lay,
    layAll: (list) => articlesIn(list).forEach(lay),
  };

  async function load(): Promise<boolean> {
    const mine = (asked = ++turn);
    const own = await call<OwnPart>("GET", `/api/blogs/${slug}/comments/own`, { asAnybody: me === null });
    if (mine !== asked) return me !== null;
    if (mine !== turn) return load();
    if (own.kind === "signed-out") me = null;
    if (own.kind === "done") {
      ({ me, comments } = own.body);
      replace(muted, own.body.muted);
      replace(liked, own.body.liked);
      document.getElementById("main")!.dataset.myId = me.id;
      const path = `/api/blogs/${slug}/comment-settings`;
      const settings = await call<{ editWindowSeconds: number }>("GET", path, { asAnybody: true });
      if (settings.kind === "done") editWindow = settings.body.editWindowSeconds;
    }
    document.documentElement.classList.toggle("takes-part", me !== null);
    return me !== null;
  }

  function lay(article: HTMLElement): void {
    const item = itemOf(article);
    const id = article.id.slice("comment-".length);
    const { author = "" } = article.dataset;
    item.classList.toggle("is-own", me !== null && author === me.id);
    item.classList.toggle("is-muted", author !== "" && muted.has(author));
    article.querySelector(".comment-like")?.setAttribute("aria-pressed", String(liked.has(id)));
    const note = item.querySelector<HTMLButtonElement>(":scope > .muted-note");
    if (!item.matches(".is-muted")) note?.remove();
    else if (!note) item.prepend(mutedNote(item));
  }
}

/** Stands for a comment of somebody whom the reader does not want to hear; it shows it all the same. */
function mutedNote(item: HTMLElement): HTMLButtonElement {
  const note = document.createElement("button");
  note.type = "button";
  note.className = "muted-note";
  note.textContent = say("talk.muted-show");
  note.setAttribute("aria-expanded", "false");
  note.addEventListener("click", () => {
    const isOpen = item.classList.toggle("is-peeked");
    note.textContent = say(isOpen ? "talk.muted-hide" : "talk.muted-show");
    note.setAttribute("aria-expanded", String(isOpen));
  });
  return note;
}

function replace(set: Set<string>, values: string[]): void {
  set.clear();
  values.forEach((value) => set.add(value));
}
