import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Db, NewPicture, Picture, Trx } from "../database.ts";
import { unavailable } from "../errors.ts";
import type { Size, Sizes } from "./sizes.ts";
import type { PictureStore } from "./store.ts";

export type KeptFiles = Pick<Picture, "id" | "width" | "height" | "sources">;

const EXTENSIONS: Record<string, string> = { "image/avif": "avif", "image/webp": "webp", "image/jpeg": "jpg" };
/** How a file may be called. The id is random and tells nothing. */
export const FILE_NAME = /^([0-9a-f]{32})-\d+\.(avif|webp|jpg)$/;
/** After which an upload that is not done never will be. */
const GIVEN_UP_HOURS = 1;

/**
 * Writes the files of a picture that is to be. Until keepPicture() they are only on trial: should this process end
 * now, sweepFiles() knows what it leaves behind.
 */
export async function keepFiles(db: Db, store: PictureStore, { width, height, sizes }: Sizes): Promise<KeptFiles> {
  const id = randomBytes(16).toString("hex");
  const nameOf = (size: Size) => `${id}-${size.width}.${EXTENSIONS[size.type]}`;
  const sources = sizes.map((size) => ({ url: `/media/${nameOf(size)}`, type: size.type, width: size.width }));
  await db
    .insertInto("pictures_being_kept")
    .values({ id, files: sizes.map(nameOf) })
    .execute();
  const written = await Promise.allSettled(sizes.map((size) => store.put(nameOf(size), size.bytes, size.type)));
  const failed = written.find(({ status }) => status === "rejected");
  if (failed) {
    // Not before all have ended, or one could still be written after it was removed.
    await discardUnkept(db, store, id);
    throw (failed as PromiseRejectedResult).reason;
  }
  return { id, width, height, sources };
}

/** From here on the picture is there; what its files were on trial for ends with the same transaction. */
export async function keepPicture(trx: Trx, picture: NewPicture): Promise<Picture> {
  const { numDeletedRows } = await trx
    .deleteFrom("pictures_being_kept")
    .where("id", "=", picture.id)
    .executeTakeFirstOrThrow();
  if (!numDeletedRows) throw unavailable("The upload took too long; send it again.");
  return trx.insertInto("media").values(picture).returningAll().executeTakeFirstOrThrow();
}

/**
 * Takes back the files of a picture, if it was not kept after all. It never fails: what cannot be removed or known at
 * the moment, sweepFiles() will remove.
 */
export async function discardUnkept(db: Db, store: PictureStore, id: string): Promise<void> {
  try {
    // The lock waits for a transaction that may still be keeping it.
    const unkept = await db
      .selectFrom("pictures_being_kept")
      .selectAll()
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirst();
    if (!unkept) return;
    await store.remove(unkept.files);
    await db.deleteFrom("pictures_being_kept").where("id", "=", id).execute();
  } catch {
    return;
  }
}

/** Removes what uploads left behind that a crash or an outage cut off. Called now and then by the server. */
export async function sweepFiles(db: Db, store: PictureStore): Promise<void> {
  const given_up = await db
    .selectFrom("pictures_being_kept")
    .select("id")
    .where("begun_at", "<", sql<Date>`now() - make_interval(hours => ${GIVEN_UP_HOURS})`)
    .execute();
  for (const { id } of given_up) await discardUnkept(db, store, id);
}
