import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Resources } from "./app.ts";
import type { Config } from "./config.ts";
import { runningEmbeddedUrl, startEmbeddedPostgres } from "./embedded-postgres.ts";

export interface OpenResources extends Resources {
  readonly embedded: boolean;
  /** Where the data is, for people. */
  readonly place: string;
  close(): Promise<void>;
}

/** The operator's database, or the embedded one, started here; and the secret that goes with it. */
export async function openResources(config: Config): Promise<OpenResources> {
  if (config.databaseUrl)
    return {
      databaseUrl: config.databaseUrl,
      authSecret: config.authSecret!,
      embedded: false,
      place: `the database ${new URL(config.databaseUrl).pathname.slice(1)}, and pictures in ${config.mediaDir}`,
      close: async () => {},
    };
  const postgres = await startEmbeddedPostgres(config.dataDir);
  return {
    databaseUrl: postgres.url,
    authSecret: config.authSecret ?? (await keptSecret(config.dataDir)),
    embedded: true,
    place: config.dataDir,
    close: () => postgres.stop(),
  };
}

/** For commands beside a running server: its database, or else the same as for the server. */
export async function joinResources(config: Config): Promise<OpenResources> {
  const running = config.databaseUrl ? null : await runningEmbeddedUrl(config.dataDir);
  if (!running) return openResources(config);
  return {
    databaseUrl: running,
    authSecret: config.authSecret ?? (await keptSecret(config.dataDir)),
    embedded: true,
    place: config.dataDir,
    close: async () => {},
  };
}

/** The secret of this data directory, made at the first start and readable by its owner only. */
async function keptSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, "secret");
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    const secret = randomBytes(32).toString("base64url");
    await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
    return secret;
  }
}
