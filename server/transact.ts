import { AppError, unavailable } from "./errors.ts";
import type { Db, Trx } from "./database.ts";

/** Postgres undid these without harm and asks for another try: serialization failure, deadlock. */
const RETRY = new Set(["40001", "40P01"]);
/** Nothing is wrong with the request: connection trouble, shutdown, no connection free, a lock or a statement that took too long. */
const UNAVAILABLE =
  /^(08...|57P0.|57014|53300|55P03|25P03|25P04|CONNECTION_.*|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND)$/;
const DISK_FULL = "53100";
const TRIES = 3;

/**
 * Runs the work in one READ COMMITTED transaction, again when Postgres asks for it.
 * @throws AppError 503 when the database went away; if that was during COMMIT the outcome is unknown, and only a
 * retry under the same Idempotency-Key tells.
 */
export async function transact<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (RETRY.has(codeOf(error)) && tries < TRIES) continue;
      throw error;
    }
  }
}

/** What the caller is told of a database failure; null for anything else. */
export function databaseFailure(error: unknown): AppError | null {
  const code = codeOf(error);
  if (code === DISK_FULL) return new AppError(507, "disk-full", "The server's disk is full; nothing was saved.");
  return UNAVAILABLE.test(code) || RETRY.has(code) ? unavailable() : null;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
