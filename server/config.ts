import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { z } from "zod";

const address = z.string().refine(isAddressOrRange, "it must be IP addresses or CIDR ranges, separated by commas");
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `it must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((n) => n >= least && n <= most, `it must be a whole number from ${least} to ${most}`);
const database = z.url({ protocol: /^postgres(ql)?$/, error: "it must be like postgres://user:password@host/name" });
const choice = z.enum(["on", "off"], { error: "it must be on or off" });
const list = (item: z.ZodString) =>
  z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(item));

/** Every setting there is, with its default; docs/operating.md explains each at more length. */
export const settings = z.object({
  /** TCP port to listen on; 0 takes any free one. */
  PORT: whole(0, 65_535).default(3000),
  /** Address to listen on. The default reaches this machine only, since the demo's passwords are public. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** Where the embedded Postgres, uploaded pictures and the generated secret live. */
  DATA_DIR: z.string().min(1).default("data"),
  /** A PostgreSQL ≥ 15 of your own, instead of the embedded one. */
  DATABASE_URL: database.optional(),
  /** A direct connection for LISTEN, where DATABASE_URL leads through a transaction pooler. */
  DATABASE_LISTEN_URL: database.optional(),
  /** Connections this process may hold open for queries. */
  DATABASE_POOL: whole(2, 200).default(10),
  /** `off` leaves migrations to `npm run migrate`. */
  MIGRATE: choice.default("on"),
  /** `off` leaves an empty embedded database empty. */
  DEMO: choice.default("on"),
  /** Keeps pictures in this bucket of any S3-compatible store, instead of in DATA_DIR. */
  S3_BUCKET: z.string().min(1).max(255).optional(),
  /** Where the store is, such as https://s3.example.org; without it, Amazon's own. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: "it must be like https://s3.example.org" }).optional(),
  /** As the store calls it. */
  S3_REGION: z.string().min(1).default("us-east-1"),
  /** Without keys, those that the machine is given, such as an instance's role. */
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** `off` puts the bucket's name into the host's name. */
  S3_PATH_STYLE: choice.default("on"),
  /** Signs sessions; at least 32 characters. Needed with DATABASE_URL, generated and kept in DATA_DIR otherwise. */
  AUTH_SECRET: z.string().min(32, "it must have 32 characters or more").optional(),
  /** Where the public reaches this server, for links and the origin check, such as https://live.example.org. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: "it must be like https://live.example.org" })
    .refine((url) => !URL.canParse(url) || new URL(url).href === `${new URL(url).origin}/`, "it must have no path")
    .optional(),
  /** What the newsroom is called in feeds, in search engines and where links are shared. */
  SITE_NAME: z.string().trim().min(1).max(100).default("Dateline"),
  /** A WebSub hub that tells those who subscribe to feeds of what is new, such as https://hub.example.org/. */
  WEBSUB_HUB: z.url({ protocol: /^https?$/, error: "it must be like https://hub.example.org/" }).optional(),
  /** Of the pages that belong to no blog, as far as they are translated. */
  LANGUAGE: z
    .enum(["en", "de", "fr", "es", "uk", "ar"], { error: "it must be en, de, fr, es, uk or ar" })
    .default("en"),
  /** `closed`: only an admin makes accounts. */
  SIGN_UP: z.enum(["open", "closed"], { error: "it must be open or closed" }).default("open"),
  /** Where mails go out; without it they are written to the log. */
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: "it must be like smtp://user:password@mail.example.org:587" })
    .refine(isMailServer, "it must name a host, with no path or options, and % written as %25")
    .optional(),
  /** Who mails are from: an address, or a name and an address in angle brackets. */
  MAIL_FROM: z
    .string()
    .max(300)
    .refine(isSender, "it must be like live@example.org, or The Harbour Post <live@example.org>")
    .optional(),
  /** Proxies whose X-Forwarded-* headers are believed, comma-separated addresses or ranges. */
  TRUST_PROXY: list(address).default([]),
  /** Who may read /metrics, comma-separated addresses or ranges. */
  METRICS_ALLOW: list(address).default(["127.0.0.1", "::1"]),
  /** Servers that link cards may be fetched from although they are not public: address:port, comma-separated. */
  EMBED_ALLOW_HOSTS: list(
    z.string().refine(isSocketAddress, "it must be like 10.0.0.7:8080, several separated by commas"),
  ).default([]),
  /**
   * Seconds for which a CDN may keep the pages of a blog that has ended. As long as that they may show what was taken
   * down, unless the CDN is told to purge.
   */
  ARCHIVE_CDN_SECONDS: whole(0, 31_536_000).default(60),
  /** The private key that push services know this newsroom by, in base64url; without it, one that follows from AUTH_SECRET. */
  VAPID_PRIVATE_KEY: z
    .string()
    .regex(/^[\w-]{43}$/, "it must be 32 bytes in base64url")
    .optional(),
  /** Whom push services may turn to; without it, MAIL_FROM's address or PUBLIC_URL. */
  VAPID_SUBJECT: z
    .string()
    .regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, "it must be like mailto:live@example.org or https://example.org")
    .optional(),
  /** Push services that may be asked although they are not public or not encrypted: address:port, comma-separated. For tests. */
  PUSH_ALLOW_HOSTS: list(
    z.string().refine(isSocketAddress, "it must be like 10.0.0.7:8080, several separated by commas"),
  ).default([]),
  /** `off` lets everybody comment as often as they like; for tests, and where something in front keeps count. */
  RATE_LIMITS: choice.default("on"),
  /** A Redis or Valkey that counts, over all servers, how often people comment; without it, Postgres does. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "it must be like redis://host:6379" }).optional(),
  /** The newsroom's own check of comments: where each is sent before it is published. */
  COMMENT_CHECK_URL: z.url({ protocol: /^https?$/, error: "it must be like https://check.example.org" }).optional(),
  /** Signs what is sent there; at least 32 characters. */
  COMMENT_CHECK_SECRET: z.string().min(32, "it must have 32 characters or more").optional(),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], { error: "it must be debug, info, warn, error or silent" })
    .default("info"),
  /** Seconds over which readers are let go on SIGTERM. */
  DRAIN_SECONDS: whole(0, 20).default(5),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly mediaDir: string;
  /** null: pictures are in mediaDir. */
  readonly bucket: BucketSettings | null;
  /** null: the embedded Postgres in dataDir. */
  readonly databaseUrl: string | null;
  readonly databaseListenUrl: string | null;
  readonly databasePool: number;
  readonly migrate: boolean;
  readonly demo: boolean;
  readonly authSecret: string | null;
  readonly publicUrl: string | null;
  readonly siteName: string;
  /** null: feeds are asked for by whoever reads them. */
  readonly webSubHub: string | null;
  readonly language: "en" | "de" | "fr" | "es" | "uk" | "ar";
  readonly signUp: "open" | "closed";
  /** null: mails are written to the log. */
  readonly smtp: MailSettings | null;
  readonly trustProxy: string[];
  readonly metricsAllow: string[];
  readonly embedAllowHosts: string[];
  readonly vapid: {
    /** null: one that follows from the secret. */
    readonly privateKey: string | null;
    readonly subject: string;
  };
  readonly pushAllowHosts: string[];
  readonly archiveCdnSeconds: number;
  readonly rateLimits: boolean;
  readonly redisUrl: string | null;
  /** null: comments are checked here only. */
  readonly commentCheck: { readonly url: string; readonly secret: string } | null;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  readonly drainSeconds: number;
}

interface BucketSettings {
  readonly bucket: string;
  /** null: Amazon's, by region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  readonly pathStyle: boolean;
}

interface MailSettings {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTls: boolean;
  readonly login: { readonly user: string; readonly pass: string } | null;
  readonly from: string;
}

/** A setting that cannot be used; its message is one sentence for the operator. */
export class ConfigError extends Error {
  name = "ConfigError";
}

/**
 * Reads the environment once, at start; nothing else in server/ may touch process.env.
 * @throws ConfigError naming the first bad setting.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const stray = Object.keys(env).find((name) => name.startsWith("DATELINE_"));
  if (stray) throw new ConfigError(`There is no setting called ${stray}; docs/operating.md lists them all.`);
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const result = settings.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ConfigError(`The setting ${String(issue!.path[0])} cannot be used: ${issue!.message}.`);
  }
  const values = result.data;
  if (values.DATABASE_LISTEN_URL && !values.DATABASE_URL)
    throw new ConfigError("DATABASE_LISTEN_URL is of use only with DATABASE_URL.");
  if (values.DATABASE_URL && !values.AUTH_SECRET)
    throw new ConfigError(
      "AUTH_SECRET (32 characters or more, the same for every process) is needed with DATABASE_URL.",
    );
  if (!values.COMMENT_CHECK_URL !== !values.COMMENT_CHECK_SECRET)
    throw new ConfigError("COMMENT_CHECK_URL and COMMENT_CHECK_SECRET are of use only together.");
  const dataDir = resolve(values.DATA_DIR);
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir,
    mediaDir: join(dataDir, "media"),
    bucket: bucketOf(values),
    databaseUrl: values.DATABASE_URL ?? null,
    databaseListenUrl: values.DATABASE_LISTEN_URL ?? null,
    databasePool: values.DATABASE_POOL,
    migrate: values.MIGRATE === "on",
    demo: values.DEMO === "on",
    authSecret: values.AUTH_SECRET ?? null,
    publicUrl: values.PUBLIC_URL ? new URL(values.PUBLIC_URL).origin : null,
    siteName: values.SITE_NAME,
    webSubHub: values.WEBSUB_HUB ?? null,
    language: values.LANGUAGE,
    signUp: values.SIGN_UP,
    smtp: smtpOf(values),
    trustProxy: values.TRUST_PROXY,
    metricsAllow: values.METRICS_ALLOW,
    embedAllowHosts: values.EMBED_ALLOW_HOSTS,
    vapid: { privateKey: values.VAPID_PRIVATE_KEY ?? null, subject: vapidSubject(values) },
    pushAllowHosts: values.PUSH_ALLOW_HOSTS,
    archiveCdnSeconds: values.ARCHIVE_CDN_SECONDS,
    rateLimits: values.RATE_LIMITS === "on",
    redisUrl: values.REDIS_URL ?? null,
    commentCheck: values.COMMENT_CHECK_URL
      ? { url: values.COMMENT_CHECK_URL, secret: values.COMMENT_CHECK_SECRET! }
      : null,
    logLevel: values.LOG_LEVEL,
    drainSeconds: values.DRAIN_SECONDS,
  };
}

function bucketOf(values: z.output<typeof settings>): BucketSettings | null {
  const { S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_PATH_STYLE } = values;
  if (!S3_BUCKET) {
    if (S3_ENDPOINT || S3_ACCESS_KEY_ID || S3_SECRET_ACCESS_KEY)
      throw new ConfigError("S3_BUCKET is needed with the other S3 settings.");
    return null;
  }
  if (!S3_ACCESS_KEY_ID !== !S3_SECRET_ACCESS_KEY)
    throw new ConfigError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are of use only together.");
  const keys =
    S3_ACCESS_KEY_ID && S3_SECRET_ACCESS_KEY
      ? { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY }
      : null;
  return {
    bucket: S3_BUCKET,
    endpoint: S3_ENDPOINT ?? null,
    region: S3_REGION,
    keys,
    pathStyle: S3_PATH_STYLE === "on",
  };
}

function smtpOf({ SMTP_URL, MAIL_FROM }: z.output<typeof settings>): MailSettings | null {
  if (!SMTP_URL) {
    if (MAIL_FROM) throw new ConfigError("MAIL_FROM is of use only with SMTP_URL.");
    return null;
  }
  if (!MAIL_FROM) throw new ConfigError("MAIL_FROM (such as live@example.org) is needed with SMTP_URL.");
  const url = new URL(SMTP_URL);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "smtps:";
  const login = url.username
    ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
    : null;
  // A password goes over the network in TLS only.
  const requireTls = !secure && login !== null && !/^(localhost|127\..*|::1)$/.test(host);
  return { host, port: Number(url.port) || (secure ? 465 : 587), secure, requireTls, login, from: MAIL_FROM };
}

function vapidSubject({ VAPID_SUBJECT, MAIL_FROM, PUBLIC_URL }: z.output<typeof settings>): string {
  if (VAPID_SUBJECT) return VAPID_SUBJECT;
  if (MAIL_FROM) return `mailto:${/<([^<>]+)>$/.exec(MAIL_FROM)?.[1] ?? MAIL_FROM}`;
  return PUBLIC_URL?.startsWith("https:") ? new URL(PUBLIC_URL).origin : "mailto:nobody@localhost.invalid";
}

function isMailServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname, username, password, pathname, search } = new URL(text);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return hostname !== "" && ["", "/"].includes(pathname) && search === "";
}

/** No quotes, commas or line breaks: one name, one address. */
function isSender(text: string): boolean {
  const [, name, bracketed] = /^([^<>"',;:@\\\p{Cc}]*)<([^<>]+)>$/u.exec(text) ?? [];
  const address = name === undefined ? text : bracketed;
  return z.email().max(254).safeParse(address).success;
}

function isAddressOrRange(text: string): boolean {
  const [address, bits, ...more] = text.split("/") as [string, string?, ...string[]];
  const family = isIP(address);
  if (!family || more.length) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function isSocketAddress(text: string): boolean {
  const colon = text.lastIndexOf(":");
  return isIP(text.slice(0, colon)) !== 0 && /^\d{1,5}$/.test(text.slice(colon + 1));
}
