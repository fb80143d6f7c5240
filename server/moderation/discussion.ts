import { advanceDiscussions } from "../blogs/streams.ts";
import type { Actor } from "../auth/permissions.ts";
import { note } from "../comments/log.ts";
import { discussionOf } from "../comments/settings.ts";
import type { Trx } from "../database.ts";
import { conflict } from "../errors.ts";

export interface Discussion {
  readonly disabled: boolean;
  /** Shown to readers while they are. */
  readonly message: string;
  readonly version: number;
}

/**
 * Turns the discussions of all blogs off, or on again, so that every open page shows it. A comment that is being handed
 * in at this moment is judged by one state or the other.
 * @throws AppError 409 when somebody else changed it since this version
 */
export async function changeDiscussion(
  trx: Trx,
  actor: Actor,
  version: number,
  changes: Partial<Omit<Discussion, "version">>,
): Promise<Discussion> {
  const before = await trx
    .selectFrom("discussion")
    .select(["disabled", "message", "version"])
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (before.version !== version)
    throw conflict("version-conflict", "Somebody else changed these settings meanwhile.", { current: before });
  const after = { ...before, ...changes };
  if (after.disabled === before.disabled && after.message === before.message) return before;
  await trx
    .updateTable("discussion")
    .set({ ...after, version: version + 1 })
    .execute();
  const { version: next, ...saved } = await discussionOf(trx);
  const { version: _, ...was } = before;
  await note(trx, actor, { kind: "settings", blogId: null, version: next, details: { before: was, after: saved } });
  await advanceDiscussions(trx, "comments-state");
  return { ...saved, version: next };
}
