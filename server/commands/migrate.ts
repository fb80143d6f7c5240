import { readConfig } from "../config.ts";
import { openDatabase } from "../database.ts";
import { migrate } from "../migrate.ts";
import { joinResources } from "../resources.ts";
import { explain } from "../start-errors.ts";

try {
  const resources = await joinResources(readConfig(process.env));
  const { db } = openDatabase(resources.databaseUrl, 2);
  try {
    await migrate(db);
    console.log("The database is up to date.");
  } finally {
    await db.destroy();
    await resources.close();
  }
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
