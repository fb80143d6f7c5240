import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openAssets } from "./assets.ts";
import { openAuth } from "./auth/auth.ts";
import { accountRoutes } from "./auth/routes.ts";
import { blogRoutes } from "./blogs/routes.ts";
import { currentHistory, epochOf } from "./blogs/streams.ts";
import { forgetOldAddresses } from "./comments/addresses.ts";
import { ownRoutes } from "./comments/own-routes.ts";
import { commentRoutes } from "./comments/routes.ts";
import { commentSettingsRoutes } from "./comments/settings-routes.ts";
import { closeDueDiscussions } from "./comments/settings.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import { openDatabase, type Database, type PoolUse, WIRE_CONNECTIONS } from "./connection.ts";
import { sweepPresence } from "./desk/presence.ts";
import { forgetOldReadership } from "./desk/readership.ts";
import { deskRoutes } from "./desk/routes.ts";
import { openFetcher } from "./embeds/fetcher.ts";
import { embedRoutes } from "./embeds/routes.ts";
import { expressApp, headersOfReaders } from "./express-app.ts";
import { openHub } from "./feeds/hub.ts";
import { type AnyRoute } from "./http.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { openLog } from "./log.ts";
import { openMailer } from "./mail/mailer.ts";
import { sweepFiles } from "./media/keeping.ts";
import { mediaRoutes } from "./media/routes.ts";
import { openPictureStore } from "./media/store.ts";
import { memberRoutes } from "./members/routes.ts";
import { openMetrics } from "./metrics.ts";
import { checkMigrated, migrate } from "./migrate.ts";
import { moderationRoutes } from "./moderation/routes.ts";
import { readerPages } from "./pages/reader-pages.ts";
import { previewRoutes } from "./posts/preview.ts";
import { postRoutes } from "./posts/routes.ts";
import { startScheduler, type Scheduler } from "./posts/schedule.ts";
import { privacyRoutes } from "./privacy/routes.ts";
import { forgetSentDeliveries } from "./push/listing.ts";
import { startPusher } from "./push/pusher.ts";
import { openPushService } from "./push/push-service.ts";
import { pushRoutes } from "./push/routes.ts";
import { vapidOf } from "./push/vapid.ts";
import { openRates } from "./rates.ts";
import { fanOut } from "./realtime/fan-out.ts";
import { startLive, type Live } from "./realtime/live.ts";
import { noticeRoutes } from "./notices/routes.ts";
import { loadViews } from "./rendering/views.ts";
import { searchRoutes } from "./search/routes.ts";
import { startReadingWords } from "./search/words.ts";

const root = join(import.meta.dirname, "..");
/** Milliseconds. */
const HOUSEKEEPING_EVERY = 60 * 60 * 1000;
const SWEEP_EVERY = 10_000;
const LOOK_AT_TIMERS_EVERY = 1_000;
const STOP_WITHIN = 25_000;
const SWEEP_IDLE_EVERY = 100;
/** Without an answer from the database for this long, the server says that it is not ready. */
const UNREADY_AFTER = 15_000;
/**
 * Connections that may wait to be accepted. After a restart everybody comes at once, and whom the kernel turns away
 * tries again after 1, 3, 7 and 15 s only. The kernel has the last word (net.core.somaxconn, 4,096 on most).
 */
const BACKLOG = 4_096;

/** What app.ts needs to know beyond the settings: where the database turned out to be, and the secret. */
export interface Resources {
  readonly databaseUrl: string;
  readonly authSecret: string;
}

export interface App {
  /** Where this process answers. */
  readonly url: string;
  readonly context: Context;
  readonly routes: AnyRoute[];
  /** Lets readers go over config.drainSeconds, finishes what was begun, and closes everything. */
  stop(): Promise<void>;
}

/** Wires the whole application together; main.ts and every test start it through here. */
export async function startApp(config: Config, { databaseUrl, authSecret }: Resources): Promise<App> {
  const database = openDatabase(databaseUrl, config.databasePool);
  const wire = openDatabase(databaseUrl, WIRE_CONNECTIONS);
  try {
    await (config.migrate ? migrate(database.db) : checkMigrated(database.db));
    return await serve(config, { databaseUrl, authSecret }, database, wire);
  } catch (error) {
    await Promise.all([database.db.destroy(), wire.db.destroy()]);
    throw error;
  }
}

/** @param wire for what is pushed to readers, so that it never waits behind those who post */
async function serve(
  config: Config,
  { databaseUrl, authSecret }: Resources,
  database: Database,
  wire: Database,
): Promise<App> {
  let history = await currentHistory(database.db);
  const log = openLog(config);
  const pictures = await openPictureStore(config, (sentence) => log.error(sentence));
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 });
  server.listen({ port: config.port, host: config.host, backlog: BACKLOG });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const publicUrl = config.publicUrl ?? `http://localhost:${port}`;
  const mailer = openMailer(config, log);
  if (!config.smtp && config.publicUrl) log.warn("there is no SMTP_URL: mails to readers are written to this log");
  const vapid = vapidOf(authSecret, config.vapid.privateKey, config.vapid.subject);
  const assets = await openAssets();
  const context: Context = {
    config,
    ...database,
    pool: together(database.pool, wire.pool),
    auth: openAuth({
      db: database.db,
      secret: authSecret,
      baseUrl: publicUrl,
      siteName: config.siteName,
      trustedOrigins: config.publicUrl ? [] : [`http://127.0.0.1:${port}`],
      mailer,
    }),
    log,
    mailer,
    pictures,
    metrics: openMetrics(),
    rates: await openRates(database.sql, config.redisUrl, log),
    assets,
    views: loadViews(join(root, "views"), assets, config.siteName),
    publicUrl,
    pushKey: vapid.publicKey,
    epoch: (blogId) => epochOf(history, blogId),
  };
  let scheduler: Scheduler | null = null as Scheduler | null;
  const hub = config.webSubHub === null ? null : openHub(context, config.webSubHub);
  const live = await startLive({ ...context, ...wire }, server, {
    listenUrl: config.databaseListenUrl ?? databaseUrl,
    configure: (io) => fanOut(io, context.metrics),
    history: () => history,
    onHistory: (next) => (history = next),
    onSchedule: () => scheduler?.wake(),
    onStory: (blogId) => hub?.changed(blogId),
  });
  scheduler = startScheduler(context.db, context.log);
  const words = startReadingWords(context.db, context.log);
  const pusher = startPusher(context, openPushService(vapid, config.pushAllowHosts));
  let stopping = false;
  const links = openFetcher({ allow: config.embedAllowHosts });
  const routes = [
    ...accountRoutes(context),
    ...blogRoutes(context),
    ...postRoutes(context),
    ...previewRoutes(context),
    ...commentRoutes(context),
    ...commentSettingsRoutes(context),
    ...ownRoutes(context),
    ...moderationRoutes(context),
    ...privacyRoutes(context),
    ...noticeRoutes(context),
    ...pushRoutes(context),
    ...mediaRoutes(context),
    ...memberRoutes(context),
    ...deskRoutes(context),
    ...searchRoutes(context),
    ...embedRoutes(context, links.fetch),
  ];
  const others = expressApp(context, routes, () => {
    if (stopping) return "stopping";
    const answered = Math.min(live.answered, scheduler.answered);
    return Date.now() - answered < UNREADY_AFTER ? null : "no answer from the database";
  });
  const reader = readerPages(context, headersOfReaders(context));
  server.on("request", (request, response) => {
    if (!reader(request, response)) others(request, response);
  });
  const keepHouse = () =>
    void Promise.all([
      forgetOldKeys(context.db),
      forgetOldReadership(context.db),
      forgetOldAddresses(context.db),
      forgetSentDeliveries(context.db),
      context.rates.sweep(),
      sweepFiles(context.db, pictures),
    ]).catch(() => {});
  keepHouse();
  const housekeeping = [
    setInterval(keepHouse, HOUSEKEEPING_EVERY),
    setInterval(() => void sweepPresence(context.db).catch(() => {}), SWEEP_EVERY),
    setInterval(() => void closeDueDiscussions(context.db).catch(() => {}), LOOK_AT_TIMERS_EVERY),
  ];

  return {
    url: `http://${config.host === "0.0.0.0" || config.host === "::" ? "localhost" : config.host}:${port}`,
    context,
    routes,
    async stop() {
      stopping = true;
      housekeeping.forEach((timer) => clearInterval(timer));
      hub?.stop();
      await scheduler?.stop();
      await words.stop();
      await pusher.stop();
      await shutDown(server, live, config.drainSeconds);
      await links.close();
      await context.rates.close();
      await mailer.close();
      for (const { sql, db } of [database, wire]) {
        await sql.end({ timeout: 5 });
        await db.destroy();
      }
    },
  };
}

/** For the metrics: whoever waits, waits, whichever pool it is for. */
const together = (one: PoolUse, other: PoolUse): PoolUse => ({
  get inUse() {
    return one.inUse + other.inUse;
  },
  get waiting() {
    return one.waiting + other.waiting;
  },
});

/** New connections are refused first; requests under way have until the readers are gone, and then some. */
async function shutDown(server: Server, live: Live, drainSeconds: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_WITHIN - 5_000);
  // A browser keeps its connection after the answer that was on its way when the server closed, and all wait for it.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_IDLE_EVERY);
  await live.drain(drainSeconds);
  await live.stop();
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
