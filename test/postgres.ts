import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildScripts } from "../server/build.ts";
import { connect, openDatabase } from "../server/connection.ts";
import { startEmbeddedPostgres } from "../server/embedded-postgres.ts";
import { migrate } from "../server/migrate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** URL of a database from which others may be made. */
    adminUrl: string;
  }
}

/** One Postgres for the run (or the one in TEST_DATABASE_URL), with a migrated template that each file's database is copied from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildScripts();
  const directory = await mkdtemp(join(tmpdir(), "dateline-test-"));
  const given = process.env.TEST_DATABASE_URL;
  const postgres = given ? null : await startEmbeddedPostgres(directory, { fsync: false, connections: 300 });
  const adminUrl = given ?? postgres!.url;
  await makeTemplate(adminUrl);
  project.provide("adminUrl", adminUrl);
  return async () => {
    await postgres?.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

async function makeTemplate(adminUrl: string): Promise<void> {
  const admin = connect(adminUrl, { max: 1 });
  await admin`drop database if exists dateline_template`;
  await admin`create database dateline_template`;
  await admin.end();
  const { db } = openDatabase(databaseUrl(adminUrl, "dateline_template"), 2);
  await migrate(db);
  await db.destroy();
}

export function databaseUrl(adminUrl: string, name: string): string {
  return Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
}
