import { command, readArguments, withDatabase } from "../command.ts";

await command(async () => {
  readArguments("npm run migrate", {});
  await withDatabase(async () => {}, { migrate: true });
  console.log("The database is up to date.");
});
