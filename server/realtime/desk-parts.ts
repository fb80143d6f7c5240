import { findWhatWeKnow } from "../blogs/what-we-know.ts";
import type { Context } from "../context.ts";
import type { Blog, BlogPart, Db, Post } from "../database.ts";
import { messagesOf, RECENT_MESSAGES } from "../desk/chat.ts";
import { openClaims } from "../desk/claims.ts";
import { dutyOf } from "../desk/duty.ts";
import { presentAt } from "../desk/presence.ts";
import { wordingFor } from "../i18n/i18n.ts";
import { membersOf } from "../members/members.ts";
import { isPrivate } from "../posts/states.ts";
import { titleOf } from "../posts/title.ts";
import { stamp } from "../rendering/times.ts";

/** Parts of the desk's page that are neither its header nor a post; each is the element with the part's name for an id. */
export type DeskPart = Extract<BlogPart, "desk-chat" | "desk-presence" | "desk-claims" | "desk-settings">;

/** What changes for everybody on a desk, rendered as everybody sees it. */
export async function renderDeskPart({ db, views }: Context, blog: Blog, part: DeskPart): Promise<string> {
  const [name, model] = await MODELS[part](db, blog);
  return views.fragment(name, model);
}

const MODELS: Record<DeskPart, (db: Db, blog: Blog) => Promise<[partial: string, model: object]>> = {
  "desk-chat": async (db, blog) => ["desk/chat", await chatModel(db, blog)],
  "desk-presence": async (db, blog) => ["desk/presence", await presenceModel(db, blog)],
  "desk-claims": async (db, blog) => ["desk/claims", await claimsModel(db, blog)],
  "desk-settings": async (db, blog) => ["desk/settings", await settingsModel(db, blog)],
};

/** Oldest first, as talk is read; `oldest` leads to what was said before. */
async function chatModel(db: Db, blog: Blog) {
  const rows = await messagesOf(db, blog.id, RECENT_MESSAGES + 1);
  const shown = rows.slice(0, RECENT_MESSAGES);
  return {
    oldest: rows.length > RECENT_MESSAGES ? shown.at(-1)!.id : "",
    messages: shown.toReversed().map((row) => ({
      id: row.id,
      author: { name: row.author_name ?? "A former colleague", slug: row.author_slug ?? "" },
      body: row.body,
      at: stamp(row.created_at, blog),
    })),
  };
}

/** What a private draft is about is its author's to tell, and what was taken down is told to nobody. */
async function presenceModel(db: Db, blog: Blog) {
  const people = await presentAt(db, blog.id);
  const ids = people.flatMap(({ editing }) => editing);
  const posts = ids.length
    ? await db.selectFrom("posts").selectAll().where("blog_id", "=", blog.id).where("id", "in", ids).execute()
    : [];
  const known = new Map(posts.map((post) => [post.id, post]));
  return {
    people: people.map(({ name, slug, editing }) => ({
      name,
      slug,
      editing: editing.flatMap((id) => editedModel(known.get(id))),
    })),
  };
}

function editedModel(post: Post | undefined) {
  if (!post) return [];
  const isTold = !isPrivate(post) && post.status !== "removed";
  const instead = isPrivate(post) ? "a draft" : "a post that was taken down";
  return [{ id: post.id, title: isTold ? titleOf(post) || "a picture" : null, instead }];
}

/** The desk speaks English. */
const DESK = wordingFor("en");

async function claimsModel(db: Db, blog: Blog) {
  const posts = await openClaims(db, blog.id);
  return {
    claims: posts.map((post) => ({
      id: post.id,
      title: titleOf(post),
      state: post.verification,
      label: DESK.say(`verification.${post.verification!}`),
      note: post.verification_note,
      since: stamp(post.claim_since, blog),
    })),
  };
}

async function settingsModel(db: Db, blog: Blog) {
  const [{ at, ...duty }, members, box] = await Promise.all([
    dutyOf(db, blog.id),
    membersOf(db, blog.id),
    findWhatWeKnow(db, blog.id),
  ]);
  return {
    duty: { ...duty, at: at && stamp(new Date(at), blog) },
    members,
    box: box?.body ? { title: box.title, at: stamp(box.updated_at, blog) } : null,
  };
}
