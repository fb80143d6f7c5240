import { sql } from "kysely";
import { createAccount, grantRole } from "../auth/accounts.ts";
import { OPERATOR } from "../auth/actors.ts";
import { hashPassword } from "../auth/passwords.ts";
import type { Actor } from "../auth/permissions.ts";
import type { Context } from "../context.ts";
import type { Role, Trx } from "../database.ts";
import { discardUnkept } from "../media/keeping.ts";
import { makeArchive } from "./archive.ts";
import type { Cast } from "./cast.ts";
import { furnishDesk } from "./desk-talk.ts";
import { holdDiscussion } from "./discussion.ts";
import { drawPictures } from "./pictures.ts";
import { STORY_SLUG } from "./story.ts";
import { beginStory, tellStory } from "./telling.ts";

export const DEMO_PASSWORD = "dateline-demo";

export const DEMO_ACCOUNTS: readonly { email: string; name: string; role: Role }[] = [
  { email: "editor@demo.example", name: "Ines Calder", role: "editor" },
  { email: "reporter@demo.example", name: "Tomas Brandt", role: "reporter" },
  { email: "contributor@demo.example", name: "Ruth Okafor", role: "contributor" },
  { email: "moderator@demo.example", name: "Milo Haas", role: "moderator" },
  { email: "reader@demo.example", name: "Ada Lindqvist", role: "reader" },
  { email: "admin@demo.example", name: "Noor Vance", role: "admin" },
];

/** Any number that no other lock of ours uses. */
const DEMO_LOCK = 20_261_122;

/** Fills an empty newsroom with the demo; leaves one that has blogs alone. @returns whether the demo is there */
export async function ensureDemo(context: Pick<Context, "db" | "pictures">): Promise<boolean> {
  const existing = await context.db.selectFrom("blogs").select("slug").execute();
  if (existing.length) return existing.some(({ slug }) => slug === STORY_SLUG);
  await makeDemo(context);
  return true;
}

/**
 * Makes the demo beside whatever else there is, in one transaction: all of it or nothing.
 * @returns false when it was there already
 */
export async function makeDemo({ db, pictures: store }: Pick<Context, "db" | "pictures">): Promise<boolean> {
  const there = db.selectFrom("blogs").select("id").where("slug", "=", STORY_SLUG);
  if (await there.executeTakeFirst()) return false;
  const pictures = await drawPictures(db, store, new Date());
  try {
    return await db.transaction().execute(async (trx) => {
      // Two that start at once make it once.
      await sql`select pg_advisory_xact_lock(${DEMO_LOCK})`.execute(trx);
      if (await trx.selectFrom("blogs").select("id").where("slug", "=", STORY_SLUG).executeTakeFirst()) return false;
      const now = new Date();
      const cast = await gatherCast(trx);
      await makeArchive(trx, cast, now);
      const blog = await beginStory(trx, cast);
      const comments = await holdDiscussion(trx, cast, blog.id, now);
      await tellStory(trx, cast, { blogId: blog.id, pictures, comments, now });
      await furnishDesk(trx, cast, blog.id, now);
      return true;
    });
  } finally {
    await Promise.all([...pictures.values()].map(({ id }) => discardUnkept(db, store, id)));
  }
}

async function gatherCast(trx: Trx): Promise<Cast> {
  const cast = new Map<string, Actor>();
  const hash = await hashPassword(DEMO_PASSWORD);
  for (const { email, name, role } of DEMO_ACCOUNTS) {
    const known = await trx.selectFrom("users").select(["id", "slug"]).where("email", "=", email).executeTakeFirst();
    const { id, slug } = known ?? (await createAccount(trx, OPERATOR, { email, name, hash }));
    await grantRole(trx, OPERATOR, id, role, null);
    cast.set(name, { ...OPERATOR, userId: id, name, slug, grants: [{ role, blogId: null }] });
  }
  return cast;
}
