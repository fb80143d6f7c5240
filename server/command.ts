import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { readConfig } from "./config.ts";
import { openDatabase } from "./connection.ts";
import type { Db } from "./database.ts";
import { checkMigrated, migrate } from "./migrate.ts";
import { joinResources } from "./resources.ts";
import { explain, UsageError } from "./start-errors.ts";

/** Runs a command: what it prints is its result, and a failure is one sentence on standard error and exit code 1. */
export async function command(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

/** The database of the server that is running on this machine, or else opened for this command alone. */
export async function withDatabase(
  work: (db: Db) => Promise<void>,
  options: { migrate?: boolean } = {},
): Promise<void> {
  const config = readConfig(process.env);
  const resources = await joinResources(config);
  try {
    const { db } = openDatabase(resources.databaseUrl, 2);
    try {
      await ((options.migrate ?? config.migrate) ? migrate(db) : checkMigrated(db));
      await work(db);
    } finally {
      await db.destroy();
    }
  } finally {
    await resources.close();
  }
}

/** @throws UsageError for an option that is not there, or lacks its value */
export function readArguments<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  return parsed(usage, options, false).values;
}

/** For a command about one thing, which is named first. @throws UsageError also without its name */
export function readNameAndArguments<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  const { values, positionals } = parsed(usage, options, true);
  const [name] = positionals;
  if (!name || positionals.length > 1) throw new UsageError(`One name is needed; usage: ${usage}`);
  return { name, ...values };
}

function parsed<T extends ParseArgsOptionsConfig>(usage: string, options: T, allowPositionals: boolean) {
  try {
    return parseArgs({ options, strict: true, allowPositionals });
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${sentence}; usage: ${usage}`, { cause: error });
  }
}
