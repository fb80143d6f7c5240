import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Resources } from "./app.ts";
import type { Config } from "./config.ts";
import { joinEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from "./embedded-postgres.ts";

export interface OpenResources extends Resources {
  readonly embedded: boolean;
  /** Where the data is, for people. */
  readonly place: string;
  close(): Promise<void>;
}

/** Connections to the embedded Postgres beside the server's own pool: LISTEN, commands, and what Postgres reserves. */
const SPARE_CONNECTIONS = 20;

/** The operator's database, or the embedded one, started here; and the secret that goes with it. */
export async function openResources(config: Config, onTrouble: (message: string) => void): Promise<OpenResources> {
  if (config.databaseUrl) return operators(config, config.databaseUrl);
  const connections = config.databasePool + SPARE_CONNECTIONS;
  return embedded(config, await startEmbeddedPostgres(config.dataDir, { connections, onTrouble }));
}

/** For commands: the database of a server that is running, or else the same as for the server. */
export async function joinResources(config: Config): Promise<OpenResources> {
  if (config.databaseUrl) return operators(config, config.databaseUrl);
  return embedded(config, await joinEmbeddedPostgres(config.dataDir));
}

function operators({ authSecret, mediaDir, bucket }: Config, databaseUrl: string): OpenResources {
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  return {
    databaseUrl,
    authSecret: authSecret!,
    embedded: false,
    place: `the database ${name}, and pictures in ${bucket ? `the bucket ${bucket.bucket}` : mediaDir}`,
    close: async () => {},
  };
}

async function embedded({ authSecret, dataDir }: Config, postgres: EmbeddedPostgres): Promise<OpenResources> {
  try {
    return {
      databaseUrl: postgres.url,
      authSecret: authSecret ?? (await keptSecret(dataDir)),
      embedded: true,
      place: dataDir,
      close: () => postgres.stop(),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** The secret of this data directory, made at the first start and readable by its owner only. */
async function keptSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, "secret");
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const secret = randomBytes(32).toString("base64url");
    await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
    return secret;
  }
}
