import { setTimeout as pause } from "node:timers/promises";
import { command, readArguments, withDatabase } from "../command.ts";
import { readConfig, type Config } from "../config.ts";
import { DEMO_PASSWORD, makeDemo } from "../demo/demo.ts";
import { LiveReporter, RefusedError } from "../demo/live-reporter.ts";
import { openPictureStore } from "../media/store.ts";
import { UsageError } from "../start-errors.ts";

const USAGE = "npm run demo [-- --live [--every <seconds>]]";

/** Makes the demo, or keeps its story going on the server that runs here. */
await command(async () => {
  const given = readArguments(USAGE, { live: { type: "boolean" }, every: { type: "string" } });
  const seconds = Number(given.every ?? 10);
  if (!(seconds >= 0.1 && seconds <= 3_600)) throw new UsageError(`"${given.every}" is not a number of seconds.`);
  const config = readConfig(process.env);
  if (config.databaseUrl)
    throw new UsageError(
      "The demo's passwords are public, so it is made in the embedded database only; unset DATABASE_URL.",
    );
  if (given.live) return report(config, seconds);
  await withDatabase(async (db) => {
    const pictures = await openPictureStore(config, console.error);
    const made = await makeDemo({ db, pictures });
    console.log(made ? "The demo is in the newsroom." : "The demo was in the newsroom already.");
  });
});

async function report(config: Config, seconds: number): Promise<void> {
  const host = ["0.0.0.0", "::"].includes(config.host) ? "127.0.0.1" : config.host;
  const url = `http://${host}:${config.port}`;
  const up = await fetch(`${url}/healthz`).catch(() => null);
  if (!up?.ok)
    throw new UsageError(`No Dateline answers at ${url}; start it with npm start, and set PORT here as there.`);
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopping.abort());
  const { signal } = stopping;
  const account = { email: "reporter@demo.example", password: DEMO_PASSWORD };
  const reporter = new LiveReporter({ url, origin: config.publicUrl ?? url, ...account, signal });
  console.log(`Reporting at ${url}/blogs/demo every ${seconds} seconds; Ctrl-C ends it.`);
  try {
    for (;;) {
      console.log(await reporter.step());
      await pause(seconds * 1000, undefined, { signal });
    }
  } catch (error) {
    if (error instanceof RefusedError) throw new UsageError(error.message, { cause: error });
    if (!signal.aborted) throw error;
  }
}
