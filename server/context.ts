import type postgres from "postgres";
import type { Assets } from "./assets.ts";
import type { Auth } from "./auth/auth.ts";
import type { Config } from "./config.ts";
import type { PoolUse } from "./connection.ts";
import type { Db } from "./database.ts";
import type { Log } from "./log.ts";
import type { Mailer } from "./mail/mailer.ts";
import type { PictureStore } from "./media/store.ts";
import type { Metrics } from "./metrics.ts";
import type { Rates } from "./rates.ts";
import type { Views } from "./rendering/views.ts";

/** Everything a route or a socket may reach for; built once in app.ts and passed down. */
export interface Context {
  readonly config: Config;
  readonly db: Db;
  readonly sql: postgres.Sql;
  readonly pool: PoolUse;
  readonly auth: Auth;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly views: Views;
  readonly assets: Assets;
  /** How often people may do what others see. */
  readonly rates: Rates;
  readonly mailer: Mailer;
  /** Where the files of pictures are. */
  readonly pictures: PictureStore;
  /** What browsers that want to be told of key events are to trust; base64url. */
  readonly pushKey: string;
  /** Where readers reach this server, without a slash at the end. */
  readonly publicUrl: string;
  /** The epoch that a blog's versions belong to now; see epochOf() in blogs/streams.ts. */
  epoch(blogId: string): string;
}
