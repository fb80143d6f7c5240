import { sql } from "kysely";
import { z } from "zod";
import { withdrawAnswers } from "../idempotency.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Db, Embed, Post, PostEmbed, Trx } from "../database.ts";
import { invalid, notFound } from "../errors.ts";
import type { PicturesById } from "../media/media.ts";
import type { Resolved } from "./resolve.ts";
import { PROVIDERS } from "./providers.ts";

/** Characters of a link, in the form in which it is sent. */
const LONGEST = 2_000;

export const embedAnswer = z.object({
  id: z.string(),
  kind: z.enum(["player", "card", "link"]),
  provider: z.string(),
  providerId: z.string().nullable(),
  url: z.string(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  author: z.string().nullable(),
  picture: z.object({ url: z.string(), width: z.int(), height: z.int() }).nullable(),
  siteName: z.string().nullable(),
});

export type EmbedAnswer = z.output<typeof embedAnswer>;

/**
 * The address under which a link is kept: without what only tells who shared it and where, which is nobody's business.
 * @throws AppError 422 for a link with a name and password in it
 */
export function cleanUrl(given: string): URL {
  const url = new URL(given);
  if (url.username || url.password)
    throw invalid([{ pointer: "/url", code: "has-password" }], "This link has a name and a password in it.");
  for (const name of [...url.searchParams.keys()]) if (isSharingMark(name, url)) url.searchParams.delete(name);
  if (url.href.length > LONGEST) throw invalid([{ pointer: "/url", code: "too-big" }]);
  return url;
}

const SHARING_MARKS = /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|igsh|igshid|mc_cid|mc_eid|ref_src|ref_url)$/;
const PROVIDERS_MARKS = /^(?:si|s|_r|_t|feature|mibextid|rdid|is_from_webapp|sender_device)$/;

/** Whether a parameter only tells who shared the link, or where. */
function isSharingMark(parameter: string, { hostname }: URL): boolean {
  if (SHARING_MARKS.test(parameter)) return true;
  return PROVIDERS_MARKS.test(parameter) && Object.values(PROVIDERS).some(({ hosts }) => hosts.test(hostname));
}

export async function findEmbed(db: Db, id: string): Promise<Embed> {
  const embed = await db.selectFrom("embeds").selectAll().where("id", "=", id).executeTakeFirst();
  if (!embed) throw notFound("embed");
  return embed;
}

export async function findEmbedByUrl(db: Db, url: string): Promise<Embed | null> {
  return (await db.selectFrom("embeds").selectAll().where("url", "=", url).executeTakeFirst()) ?? null;
}

/**
 * Keeps what was found out about a link. Of two who ask at once the second gets what the first one kept.
 * @returns `isNews`: whether it was this that was kept
 */
export async function keepEmbed(
  trx: Trx,
  actor: Actor,
  url: string,
  { providerId, siteName, picture: _picture, ...found }: Resolved,
): Promise<{ embed: Embed; isNews: boolean }> {
  const row = { ...found, provider_id: providerId, site_name: siteName };
  const kept = await trx
    .insertInto("embeds")
    .values({ ...row, url, created_by: actor.userId })
    .onConflict((clash) =>
      clash
        .column("url")
        .doUpdateSet({ ...row, asked_at: new Date() })
        .where((at) => at.or([at("embeds.title", "is", null), at("embeds.picture_id", "is", null)])),
    )
    .returningAll()
    .executeTakeFirst();
  return kept ? { embed: kept, isNews: true } : { embed: (await findEmbedByUrl(trx, url))!, isNews: false };
}

export async function setPicture(trx: Trx, embed: Embed, pictureId: string): Promise<Embed> {
  return trx
    .updateTable("embeds")
    .set({ picture_id: pictureId })
    .where("id", "=", embed.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Whether asking again could tell more: its site may have been away, or too slow. */
export const isBare = ({ title, picture_id }: Embed): boolean => title === null || picture_id === null;

/** A post's embeds as it will keep them. @throws AppError 422 */
export async function requireEmbeds(db: Db, given: { id: string }[]): Promise<PostEmbed[]> {
  if (!given.length) return [];
  const ids = given.map(({ id }) => id);
  const rows = await db.selectFrom("embeds").selectAll().where("id", "in", ids).execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  return given.map(({ id }, n) => {
    const found = known.get(id);
    if (!found) throw invalid([{ pointer: `/embeds/${n}/id`, code: "unknown-embed" }]);
    return asPostEmbed(found);
  });
}

export const asPostEmbed = (row: Embed): PostEmbed => ({
  id: row.id,
  kind: row.kind,
  provider: row.provider,
  providerId: row.provider_id,
  url: row.url,
  title: row.title,
  description: row.description,
  author: row.author,
  siteName: row.site_name,
  picture: row.picture_id,
});

/** What a legal takedown leaves of one: which picture it showed, since that keeps it from being shown. */
export const withoutFacts = ({ id, picture }: PostEmbed): PostEmbed => ({
  ...{ id, picture, kind: "link", provider: "web", providerId: null, url: "about:blank" },
  ...{ title: null, description: null, author: null, siteName: null },
});

/** Forgets the links of an erased post that no other post shows. */
export async function forgetEmbeds(trx: Trx, { id, embeds }: Pick<Post, "id" | "embeds">): Promise<void> {
  if (!embeds.length) return;
  const forgotten = await trx
    .deleteFrom("embeds")
    .where(
      "id",
      "in",
      embeds.map((embed) => embed.id),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("posts")
            .select("posts.id")
            .where("posts.id", "<>", id)
            .where("posts.status", "<>", "removed")
            .where(sql<boolean>`posts.embeds @> jsonb_build_array(jsonb_build_object('id', embeds.id::text))`),
        ),
      ),
    )
    .returning("id")
    .execute();
  for (const embed of forgotten) await withdrawAnswers(trx, `/api/embeds/${embed.id}`);
}

export function presentEmbeds(shown: PostEmbed[], known: PicturesById): EmbedAnswer[] {
  return shown.map((embed) => {
    const found = embed.picture === null ? undefined : known.get(embed.picture);
    const file = found?.sources.filter(({ type, width }) => type === "image/jpeg" && width <= 1280).at(-1);
    return { ...embed, picture: found && file ? { url: file.url, width: found.width, height: found.height } : null };
  });
}
