import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { sql, type Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import type { Db } from "./database.ts";

const OLDEST_POSTGRES = 150_000;
const folder = join(import.meta.dirname, "..", "migrations");

/** The database cannot be brought to the shape that this version needs; one sentence for the operator. */
export class MigrationError extends Error {
  name = "MigrationError";
}

/**
 * Brings the database up to date. Kysely takes an advisory lock for it, so several servers may start together.
 * @throws MigrationError when a migration fails, or Postgres is older than 15.
 */
export async function migrate(db: Db): Promise<void> {
  await checkPostgres(db);
  const { error, results } = await new Migrator({ db, provider: { getMigrations } }).migrateToLatest();
  if (!error) return;
  const failed = results?.find((result) => result.status === "Error")?.migrationName;
  throw new MigrationError(`The migration ${failed ?? ""} failed: ${(error as Error).message}.`, { cause: error });
}

/** @throws MigrationError when a migration of this version has not been run. */
export async function checkMigrated(db: Db): Promise<void> {
  await checkPostgres(db);
  const migrations = await new Migrator({ db, provider: { getMigrations } }).getMigrations();
  const missing = migrations.find((migration) => !migration.executedAt);
  if (missing) throw new MigrationError(`The migration ${missing.name} has not been run; run npm run migrate first.`);
}

async function checkPostgres(db: Db): Promise<void> {
  const { rows } = await sql<{ number: string; name: string }>`
    select current_setting('server_version_num') as number, current_setting('server_version') as name`.execute(db);
  if (Number(rows[0]!.number) < OLDEST_POSTGRES)
    throw new MigrationError(`Dateline needs PostgreSQL 15 or newer, and this is ${rows[0]!.name}.`);
}

async function getMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).sort();
  const loaded = files.map(async (file) => {
    const { up, ...others } = (await import(join(folder, file))) as Migration;
    return [basename(file, ".ts"), { ...others, up: (db: Kysely<unknown>) => patiently(db, up) }] as const;
  });
  return Object.fromEntries(await Promise.all(loaded));
}

/** A migration may rewrite a large table: the limits that requests have are not for it. */
async function patiently(db: Kysely<unknown>, up: Migration["up"]): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(db);
  await up(db);
}
