import { basename } from "node:path";
import { sql } from "kysely";
import type { Actor } from "../auth/permissions.ts";
import type { Post, PostPicture, Trx } from "../database.ts";
import { forgetEmbeds, withoutFacts } from "../embeds/embeds.ts";
import { contentColumns, NOTHING } from "./content.ts";
import { savePost } from "./posts.ts";
import { removedFrom } from "./states.ts";

/**
 * A legal takedown: the post is gone as with any removal, and what it said is gone too, from its row, its history, the
 * kept answers and the texts of its pictures. The audit log keeps that it happened, and why.
 * @returns with the tombstone, the names of the files of pictures that nothing else shows, to be removed once it commits
 */
export async function erasePost(
  trx: Trx,
  actor: Actor,
  before: Post,
  reason: string,
): Promise<{ erased: Post; files: string[] }> {
  if (before.erased_at) return { erased: before, files: [] };
  const shown = await everShown(trx, before);
  const after: Post = {
    ...before,
    ...contentColumns(NOTHING),
    // Which pictures it showed is kept, since it is what keeps them from being shown; their texts are not.
    media: shown.media.map(withoutWords),
    embeds: shown.embeds.map(withoutFacts),
    ...removedFrom(before),
    erased_at: before.updated_at,
  };
  const erased = await savePost(trx, actor, before, after, "erase", { reason });
  await trx.updateTable("post_revisions").set({ content: {} }).where("post_id", "=", before.id).execute();
  await forgetEmbeds(trx, shown);
  return { erased, files: await forgetPictures(trx, shown) };
}

type Shown = Pick<Post, "id" | "media" | "embeds">;

/** The pictures and links of a post now and in its history: what was edited out of it has to go as well. */
async function everShown(trx: Trx, { id, media, embeds }: Post): Promise<Shown> {
  const revisions = await trx.selectFrom("post_revisions").select("content").where("post_id", "=", id).execute();
  const contents = [{ media, embeds }, ...revisions.map(({ content }) => content as Partial<Shown>)];
  return {
    id,
    media: [...new Map(contents.flatMap(({ media = [] }) => media.map((one) => [one.id, one]))).values()],
    embeds: [
      ...new Map(
        contents.flatMap(({ embeds = [] }) => embeds.map((one) => [`${one.id} ${one.picture}`, one])),
      ).values(),
    ],
  };
}

const withoutWords = ({ id }: PostPicture): PostPicture => ({ id, alt: "", caption: "", credit: "" });

/** A picture that another post shows keeps its texts and its files. */
async function forgetPictures(trx: Trx, { id, media, embeds }: Shown): Promise<string[]> {
  const pictures = [...media.map((picture) => picture.id), ...embeds.flatMap(({ picture }) => picture ?? [])];
  if (!pictures.length) return [];
  const forgotten = await trx
    .updateTable("media")
    .set((eb) => ({ alt: "", caption: "", credit: "", version: eb("version", "+", 1) }))
    .where("id", "in", pictures)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("posts")
            .select("posts.id")
            .where("posts.id", "<>", id)
            .where("posts.status", "<>", "removed")
            .where(
              sql<boolean>`(posts.media @> jsonb_build_array(jsonb_build_object('id', media.id))
                or posts.embeds @> jsonb_build_array(jsonb_build_object('picture', media.id)))`,
            ),
        ),
      ),
    )
    .returning("sources")
    .execute();
  return forgotten.flatMap(({ sources }) => sources.map(({ url }) => basename(url)));
}

/** Nothing is left of comments in the posts that showed them, nor in the history of those; the newsroom's answer stays. */
export async function forgetComments(trx: Trx, commentIds: readonly string[]): Promise<void> {
  const forgotten = { body: "", author: { name: "A former reader" } };
  await sql`
    update posts set comment = comment || ${forgotten}::jsonb
    where comment_id = any(${[...commentIds]}::bigint[]) and jsonb_typeof(comment) = 'object'`.execute(trx);
  await sql`
    update post_revisions set content = jsonb_set(content, '{comment}', content->'comment' || ${forgotten}::jsonb)
    where post_id in (select id from posts where comment_id = any(${[...commentIds]}::bigint[]))
      and jsonb_typeof(content->'comment') = 'object'`.execute(trx);
}
