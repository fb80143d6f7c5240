import type { ColumnType, Generated, GeneratedAlways, Insertable, Kysely, Selectable, Transaction } from "kysely";

/** The whole data model on one page; constraints, indexes and triggers live in migrations/. Ids are bigints, as text. */
export interface Schema {
  users: UserTable;
  sessions: SessionTable;
  accounts: AccountTable;
  rate_limits: RateLimitTable;
  roles: RoleTable;
  api_tokens: ApiTokenTable;
  blogs: BlogTable;
  streams: StreamTable;
  blog_parts: BlogPartTable;
  what_we_know: WhatWeKnowTable;
  what_we_know_revisions: WhatWeKnowRevisionTable;
  duties: DutyTable;
  desk_messages: DeskMessageTable;
  desk_presence: DeskPresenceTable;
  reader_counts: ReaderCountTable;
  readership: ReadershipTable;
  history: HistoryTable;
  posts: PostTable;
  post_revisions: PostRevisionTable;
  comments: CommentTable;
  comment_revisions: CommentRevisionTable;
  comment_settings: CommentSettingsTable;
  comment_reactions: CommentReactionTable;
  comment_reports: CommentReportTable;
  comment_addresses: CommentAddressTable;
  address_salts: AddressSaltTable;
  commenter_restrictions: CommenterRestrictionTable;
  commenter_notes: CommenterNoteTable;
  commenter_mutes: CommenterMuteTable;
  word_lists: WordListTable;
  discussion: DiscussionTable;
  moderation_log: ModerationLogTable;
  media: MediaTable;
  pictures_being_kept: PictureBeingKeptTable;
  embeds: EmbedTable;
  idempotency_keys: IdempotencyKeyTable;
  audit_log: AuditLogTable;
  notices_seen: NoticesSeenTable;
  push_subscriptions: PushSubscriptionTable;
  push_jobs: PushJobTable;
  push_deliveries: PushDeliveryTable;
}

export const ROLES = ["reader", "contributor", "reporter", "moderator", "editor", "admin"] as const;
export type Role = (typeof ROLES)[number];
/** "moderation" is one stream for all blogs; see MODERATION in blogs/streams.ts. */
export type StreamKind = "blog" | "desk" | "comments" | "moderation";
/**
 * A part of the reader's page that is not a post; of the desk's, which changes with the desk's stream; or of the
 * discussion's, with that one. A "document" is all of a page.
 */
export type BlogPart =
  | "document"
  | "header"
  | "what-we-know"
  | "pinned"
  | "key-events"
  | "desk-document"
  | "desk-header"
  | "desk-chat"
  | "desk-presence"
  | "desk-claims"
  | "desk-settings"
  | "comments-document"
  | "comments-state";
export type PostKind = "entry" | "quote" | "comment";
export type PostStatus = "draft" | "submitted" | "scheduled" | "published" | "removed";
export type Verification = "unverified" | "partly-verified" | "verified" | "disputed";
/** Readers see those that are "published" (no moderator has looked) and "approved". */
export type CommentStatus = "published" | "approved" | "pending" | "held" | "rejected";
/** What readers see of a comment: nothing, itself, or that something stood there which others answered. */
export type CommentFace = "none" | "comment" | "tombstone";
export type RestrictionKind = "ban" | "suspend" | "warn" | "premoderate";

type Json<T> = ColumnType<T, T, T>;
type Timestamp = ColumnType<Date, Date | undefined, Date>;

interface UserTable {
  id: string;
  name: string;
  /** What names that look alike have in common; null for a colleague whose name is another's too, and for accounts of old. */
  name_skeleton: string | null;
  /** Names the person in bylines and links. */
  slug: string;
  email: string;
  email_verified: Generated<boolean>;
  image: string | null;
  two_factor_enabled: Generated<boolean>;
  created_at: Timestamp;
  updated_at: Timestamp;
}

interface SessionTable {
  id: string;
  user_id: string;
  token: string;
  expires_at: Date;
}

/** A way to sign in; better-auth's name for it. Ours are all passwords. */
interface AccountTable {
  id: string;
  user_id: string;
  account_id: string;
  provider_id: "credential";
  password: string | null;
}

interface RateLimitTable {
  id: string;
  key: string;
  count: number;
  /** Milliseconds since 1970. */
  last_request: number;
}

interface RoleTable {
  id: GeneratedAlways<string>;
  user_id: string;
  role: Role;
  /** null: everywhere. */
  blog_id: string | null;
  granted_by: string | null;
  created_at: Timestamp;
}

interface ApiTokenTable {
  id: string;
  user_id: string;
  name: string;
  /** SHA-256 of the secret part. */
  hash: Buffer;
  scopes: string[];
  /** null: wherever the account may act. */
  blog_id: string | null;
  created_at: Timestamp;
  expires_at: Date | null;
  last_used_at: Date | null;
}

interface BlogTable {
  id: GeneratedAlways<string>;
  slug: string;
  title: string;
  standfirst: string;
  /** BCP 47. */
  language: string;
  /** IANA name; the newsroom's clock, in which times are shown. */
  time_zone: string;
  state: Generated<"live" | "closed">;
  /** Counts the edits of this row; its ETag. */
  revision: Generated<number>;
  created_by: string | null;
  created_at: Timestamp;
  closed_at: Date | null;
  /** HTML, reduced; shown while the blog is closed. */
  closing_summary: string | null;
}

interface StreamTable {
  blog_id: string;
  kind: StreamKind;
  /** Counts the visible changes; see advance() in blogs/streams.ts. */
  version: Generated<number>;
  /** When that was; never runs backwards within a stream. */
  changed_at: Timestamp;
  /** How many posts were ever published; decides the archive page of the next. */
  published: Generated<number>;
  /** How many posts readers can see now. */
  visible: Generated<number>;
}

interface BlogPartTable {
  blog_id: string;
  part: BlogPart;
  /** The version of its stream at which this part last changed. */
  version: number;
}

/** The standing box on top of a blog's page; empty where it was taken off. */
interface WhatWeKnowTable {
  blog_id: string;
  title: Generated<string>;
  /** HTML, reduced. */
  body: Generated<string>;
  /** Counts the edits; its ETag, and the number of its newest revision. */
  version: Generated<number>;
  updated_at: Timestamp;
}

interface WhatWeKnowRevisionTable {
  blog_id: string;
  version: number;
  by_id: string | null;
  at: Date;
  title: string;
  body: string;
}

/** One handing over of a blog; the latest says who is on duty. */
interface DutyTable {
  id: GeneratedAlways<string>;
  blog_id: string;
  /** null: nobody. */
  user_id: string | null;
  by_id: string | null;
  note: Generated<string>;
  at: Timestamp;
}

/** What a colleague said to the others on a blog's desk. */
interface DeskMessageTable {
  id: GeneratedAlways<string>;
  blog_id: string;
  author_id: string | null;
  body: string;
  created_at: Timestamp;
}

/** A browser tab that is on a blog's desk. */
interface DeskPresenceTable {
  blog_id: string;
  user_id: string;
  /** Made up by the browser. */
  tab: string;
  /** The post whose text is being changed there. */
  editing: string | null;
  seen_at: Timestamp;
}

/** What one server process said last of its readers. */
interface ReaderCountTable {
  process: string;
  blog_id: string;
  readers: number;
  at: Timestamp;
}

/** The most readers, over all processes, that a minute had. */
interface ReadershipTable {
  blog_id: string;
  minute: Date;
  readers: number;
}

interface HistoryTable {
  only_row: Generated<boolean>;
  epoch: Generated<string>;
  identity: string | null;
}

export interface Quote {
  text: string;
  attribution: { name: string; role: string | null; source: string | null; sourceUrl: string | null };
}

/** A reader's comment as it was when it was promoted. */
export interface PromotedComment {
  id: string;
  author: { name: string };
  body: string;
  createdAt: string;
}

export interface Author {
  name: string;
  /** null: a guest without an account here. */
  slug: string | null;
  avatar: string | null;
}

/** A picture as one post shows it; sizes come from `media`. */
export interface PostPicture {
  id: string;
  /** May be empty until the post is published. */
  alt: string;
  caption: string;
  credit: string;
  /** Not there in posts from before it existed. */
  focalPoint?: FocalPoint | null;
}

/** Fractions of width and height from the top left, 0 to 1. */
export interface FocalPoint {
  x: number;
  y: number;
}

/** Where a post's facts come from. */
export interface PostSource {
  name: string;
  url: string | null;
  note: string | null;
  /** Shown to readers, note and all; otherwise for the newsroom alone. */
  public: boolean;
}

/** A link as one post shows it: what was known of it when the post was last changed. */
export interface PostEmbed {
  id: string;
  kind: "player" | "card" | "link";
  provider: string;
  providerId: string | null;
  url: string;
  title: string | null;
  description: string | null;
  author: string | null;
  siteName: string | null;
  /** Its id in `media`. */
  picture: string | null;
}

interface PostTable {
  id: GeneratedAlways<string>;
  blog_id: string;
  kind: PostKind;
  status: PostStatus;
  headline: string | null;
  /** HTML, reduced to the allow-list of posts/body.ts. */
  body: Generated<string>;
  quote: Json<Quote | null>;
  comment: Json<PromotedComment | null>;
  comment_id: string | null;
  media: Json<PostPicture[]>;
  embeds: ColumnType<PostEmbed[], PostEmbed[] | undefined, PostEmbed[]>;
  authors: Json<Author[]>;
  key_event: Generated<boolean>;
  /** It sums up what has happened, and stands among the key events. */
  summary: Generated<boolean>;
  pinned_at: Date | null;
  verification: Verification | null;
  verification_note: string | null;
  correction: string | null;
  corrected_at: Date | null;
  /** When a scheduled post is to be published; null in any other state. */
  publish_at: Date | null;
  /** Who is answerable for that, and must be allowed to publish when the time comes. */
  scheduled_by: string | null;
  /** Of a draft: whether the desk sees it, or its author alone. */
  shared: Generated<boolean>;
  tags: Generated<string[]>;
  sources: ColumnType<PostSource[], PostSource[] | undefined, PostSource[]>;
  /** From editor to author and back; for the newsroom alone. */
  note: string | null;
  /** Counts the edits of this row; its ETag, and the number of its newest revision. */
  version: Generated<number>;
  /** The blog version at which what readers see of this post last changed; null while they never saw it. */
  position: number | null;
  /** When that was. */
  shown_at: Date | null;
  /** The same for the desk. */
  desk_position: number;
  /** The archive page it belongs to, counted from the blog's beginning; set when it is published and then kept. */
  page: number | null;
  created_by: string | null;
  /** Whoever changed it last; null for the server itself. */
  updated_by: string | null;
  created_at: Timestamp;
  /** Its place in the story. A post that was taken back keeps it until it is published again. */
  published_at: Date | null;
  /** Any change, such as a pin. */
  updated_at: Timestamp;
  /** The last change of its words or pictures since it was published. */
  edited_at: Date | null;
  removed_at: Date | null;
  /** When a legal takedown erased what it said, from its history too. */
  erased_at: Date | null;
  /** Since when it has been a published claim that nobody confirmed; kept by a trigger. */
  claim_since: Date | null;
}

interface PostRevisionTable {
  post_id: string;
  version: number;
  by_id: string | null;
  at: Timestamp;
  action: string;
  content: Json<object>;
}

interface CommentTable {
  id: GeneratedAlways<string>;
  blog_id: string;
  author_id: string | null;
  parent_id: string | null;
  /** The first comment of the thread; its own id for that one. */
  root_id: string;
  /** Plain text; empty once its author deleted it. */
  body: string;
  status: CommentStatus;
  /** As the checks left it when it was handed in. */
  initial_status: CommentStatus;
  /** What the checks found, by the codes of rules/checks.ts. */
  reasons: Generated<string[]>;
  /** Where in the body listed words stand; for moderators. */
  matches: ColumnType<WordMatch[], WordMatch[] | undefined, WordMatch[]>;
  /** Equal for texts that say the same; for finding repeats. */
  text_key: string | null;
  /** Whether its author held a newsroom role when writing it. */
  is_staff: Generated<boolean>;
  /** Follows from the thread's statuses; see comments/faces.ts. */
  face: Generated<CommentFace>;
  /** The discussion's version at which its face last changed; null while readers never saw it. */
  position: number | null;
  /** The same for the moderators' queues. */
  queue_position: Generated<number>;
  /** Counts the changes of text and status; what a decision must name. */
  version: Generated<number>;
  /** How many people liked it; kept by a trigger. */
  reactions: Generated<number>;
  featured_at: Date | null;
  featured_by: string | null;
  reason_code: string | null;
  reason_text: string | null;
  created_at: Timestamp;
  edited_at: Date | null;
  decided_at: Date | null;
  decided_by: string | null;
  deleted_at: Date | null;
}

/** Where a listed word stands in a comment, in UTF-16 units. */
export interface WordMatch {
  list: "banned" | "suspect";
  start: number;
  end: number;
}

interface CommentRevisionTable {
  comment_id: string;
  number: number;
  body: string;
  status: CommentStatus;
  at: Timestamp;
}

interface CommentSettingsTable {
  blog_id: string;
  state: Generated<"open" | "closed" | "disabled">;
  moderation: Generated<"pre" | "post">;
  /** Between two comments of one person. 0: none. */
  slow_mode_seconds: Generated<number>;
  /** Comments are held until so many of a person's were published. 0: none is. */
  new_commenter_hold: Generated<number>;
  hold_links: Generated<boolean>;
  /** Hosts to which links are not held. */
  allowed_domains: Generated<string[]>;
  edit_window_seconds: Generated<number>;
  closes_at: Date | null;
  version: Generated<number>;
}

interface CommentReactionTable {
  comment_id: string;
  user_id: string;
  at: Timestamp;
}

interface CommentReportTable {
  id: GeneratedAlways<string>;
  comment_id: string;
  reporter_id: string | null;
  reason: string;
  details: string | null;
  at: Timestamp;
  /** When a moderator decided the comment, and the report with it. */
  closed_at: Date | null;
}

/** Where a comment was written from, for 30 days. */
interface CommentAddressTable {
  comment_id: string;
  week: string;
  /** HMAC-SHA-256 of the address with the week's salt. */
  hash: Buffer;
}

interface AddressSaltTable {
  week: string;
  salt: Buffer;
}

interface CommenterRestrictionTable {
  id: GeneratedAlways<string>;
  user_id: string;
  kind: RestrictionKind;
  /** null: everywhere. */
  blog_id: string | null;
  until: Date | null;
  message: string | null;
  created_by: string | null;
  created_at: Timestamp;
  lifted_at: Date | null;
  lifted_by: string | null;
  /** A warning ends when it was read. */
  acknowledged_at: Date | null;
}

interface CommenterNoteTable {
  id: GeneratedAlways<string>;
  user_id: string;
  author_id: string | null;
  body: string;
  at: Timestamp;
}

interface CommenterMuteTable {
  user_id: string;
  muted_id: string;
  at: Timestamp;
}

interface WordListTable {
  name: "banned" | "suspect";
  entries: Generated<string[]>;
  version: Generated<number>;
}

/** What holds for the discussions of all blogs. */
interface DiscussionTable {
  only_row: Generated<boolean>;
  disabled: Generated<boolean>;
  /** Shown to readers while they are. */
  message: Generated<string>;
  version: Generated<number>;
}

/** Something that happened to a comment or to somebody who writes them; append-only. */
interface ModerationLogTable {
  id: GeneratedAlways<string>;
  at: Timestamp;
  kind: string;
  comment_id: string | null;
  commenter_id: string | null;
  blog_id: string | null;
  /** null: the server itself. */
  actor_id: string | null;
  via: AuditLogTable["via"];
  from_status: CommentStatus | null;
  to_status: CommentStatus | null;
  /** The comment's, afterwards. */
  version: number | null;
  reason_code: string | null;
  reason_text: string | null;
  details: ColumnType<object, object | undefined, object>;
}

export interface PictureSource {
  url: string;
  type: string;
  /** Pixels. */
  width: number;
}

interface MediaTable {
  id: string;
  width: number;
  height: number;
  sources: Json<PictureSource[]>;
  alt: Generated<string>;
  caption: Generated<string>;
  credit: Generated<string>;
  focal_point: Json<FocalPoint | null>;
  version: Generated<number>;
  created_by: string | null;
  created_at: Timestamp;
}

/** An upload whose files are being written; the row goes when the picture's own comes. */
interface PictureBeingKeptTable {
  id: string;
  files: string[];
  begun_at: Timestamp;
}

interface EmbedTable {
  id: GeneratedAlways<string>;
  url: string;
  kind: PostEmbed["kind"];
  /** A name of PROVIDERS in embeds/providers.ts, or "web". */
  provider: string;
  provider_id: string | null;
  title: string | null;
  description: string | null;
  author: string | null;
  site_name: string | null;
  picture_id: string | null;
  created_by: string | null;
  created_at: Timestamp;
  /** When the page or its provider was last asked. */
  asked_at: Timestamp;
}

interface IdempotencyKeyTable {
  actor: string;
  route: string;
  key: string;
  /** SHA-256 of the request's body. */
  fingerprint: Buffer;
  status: number | null;
  headers: Json<Record<string, string> | null>;
  body: Json<object | null>;
  created_at: Timestamp;
}

/** What happened after it is new to the person. */
interface NoticesSeenTable {
  user_id: string;
  seen_at: Date;
}

/** A browser that wants to be told of a blog's key events. */
interface PushSubscriptionTable {
  id: GeneratedAlways<string>;
  blog_id: string;
  endpoint: string;
  /** The push service, such as `https://push.example`. */
  origin: GeneratedAlways<string>;
  /** The browser's key and secret, for encryption; base64url. */
  p256dh: string;
  auth: string;
  /** Messages in a row that could not be handed over, and since when. */
  failures: Generated<number>;
  failing_since: Date | null;
  created_at: Timestamp;
}

/** A post that became a key event, or is none any more; made by a trigger. */
interface PushJobTable {
  post_id: string;
  /** null: everybody is on the list. */
  due_at: Date | null;
  /** When the first of them were put on the list. */
  told_at: Date | null;
  /** The last subscription that is on the list; null once they all are. */
  listed_up_to: string | null;
}

/** What one browser is told of one post, and, for some hours, was told. */
interface PushDeliveryTable {
  post_id: string;
  subscription_id: string;
  origin: Generated<string>;
  tries: Generated<number>;
  /** null: it was sent. */
  due_at: Date | null;
  /** The message takes the place of one that may have arrived. */
  withdrawal: Generated<boolean>;
  /** The push service would not take it as it was. */
  shortened: Generated<boolean>;
  /** Since then the message may be on the browser's device. */
  sent_at: Date | null;
}

interface AuditLogTable {
  id: GeneratedAlways<string>;
  at: Timestamp;
  actor_id: string | null;
  via: "session" | "token" | "command" | "system";
  action: string;
  blog_id: string | null;
  subject: string;
  details: Json<object>;
}

export type Blog = Selectable<BlogTable>;
export type WhatWeKnow = Selectable<WhatWeKnowTable>;
export type DeskMessage = Selectable<DeskMessageTable>;
export type Post = Selectable<PostTable>;
export type Comment = Selectable<CommentTable>;
export type CommentSettings = Selectable<CommentSettingsTable>;
export type Restriction = Selectable<CommenterRestrictionTable>;
export type Picture = Selectable<MediaTable>;
export type NewPicture = Insertable<MediaTable>;
export type Embed = Selectable<EmbedTable>;

/** Takes one statement, in a transaction or out of it. */
export type Db = Kysely<Schema>;
/** Asks the caller for a transaction, because the work is more than one statement. */
export type Trx = Transaction<Schema>;
