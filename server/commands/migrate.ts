import { sql } from "kysely";
import { command, readArguments, withDatabase } from "../command.ts";

/**
 * Runs the migrations. `--restored` says that the data was put back from a copy of its files, which Postgres cannot
 * tell by itself: a new history begins, and pages that are open load afresh instead of believing they know more.
 */
await command(async () => {
  const { restored } = readArguments("npm run migrate [-- --restored]", { restored: { type: "boolean" } });
  await withDatabase(
    async (db) => {
      if (restored)
        await db
          .updateTable("history")
          .set({ epoch: sql<string>`gen_random_uuid()` })
          .execute();
    },
    { migrate: true },
  );
  console.log(restored ? "The database is up to date, and begins a new history." : "The database is up to date.");
});
