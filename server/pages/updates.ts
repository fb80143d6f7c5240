import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { changesBetween, MAX_BEHIND } from "../realtime/changes.ts";
import type { FollowAnswer, ResyncReason } from "../realtime/protocol.ts";
import { within } from "../within.ts";
import { Rendition, type PageCache } from "./page-cache.ts";
import { DATABASE_PATIENCE, type ReaderStream, type StreamHead, type StreamHeads } from "./stream-heads.ts";

/** Milliseconds between two polls of a reader whose sockets fail. */
const POLL_IN_MS = 10_000;

const HOT_CACHING = "public, max-age=1";
const COLD_CACHING = "public, max-age=5";

/** An answer in JSON, and how long who may keep it; a refusal is each client's own. */
export type Updates = { readonly rendition: Rendition; readonly caching: string } | { readonly refusal: string };

/**
 * The batch without a socket: the same answer as to `follow`.
 * @throws AppError 422 for a position that cannot be
 */
export async function updatesOf(
  context: Context,
  heads: StreamHeads,
  cache: PageCache,
  { stream, slug, query }: { stream: ReaderStream; slug: string; query: URLSearchParams },
): Promise<Updates> {
  const after = Number(query.get("after"));
  const epoch = query.get("epoch");
  if (!/^\d{1,10}$/.test(query.get("after") ?? "") || (epoch?.length ?? 0) > 64)
    throw new AppError(422, "invalid-input", "Say after which version.", {
      extra: { errors: [{ pointer: "query:after", code: "invalid" }] },
    });
  const head = await heads.get(stream, slug);
  const reason = refusalOf(context, head, epoch, after);
  // Kept by nobody: there is no end of positions that mean nothing, and each client is to wait its own while.
  if (reason) return { refusal: written(refuse(context, reason)) };
  const { label } = head;
  const rendition = await cache.get(`updates ${stream} ${slug} ${epoch} ${after}`, label, async () => {
    const answer = await within(DATABASE_PATIENCE, changesSince(context, stream, head, after));
    return new Rendition(label, "application/json; charset=utf-8", written(answer));
  });
  return { rendition, caching: after === head.version ? HOT_CACHING : COLD_CACHING };
}

function refusalOf(
  context: Context,
  { blogId, version }: StreamHead,
  epoch: string | null,
  after: number,
): ResyncReason | null {
  if (epoch !== null && epoch !== context.epoch(blogId)) return "epoch";
  if (after > version) return "future";
  return version - after > MAX_BEHIND ? "behind" : null;
}

function refuse({ metrics }: Context, reason: ResyncReason): FollowAnswer {
  metrics.resyncs.inc({ reason });
  return { ok: false, problem: { code: "resync", reason }, retryInMs: Math.round(Math.random() * POLL_IN_MS) };
}

async function changesSince(
  context: Context,
  kind: ReaderStream,
  { blogId, version }: StreamHead,
  after: number,
): Promise<FollowAnswer> {
  const changes = after === version ? [] : await changesBetween(context, { kind, blogId, only: null }, after, version);
  if (changes === "document") return refuse(context, "document");
  const { build } = context.views;
  return { ok: true, epoch: context.epoch(blogId), from: after, to: version, head: version, changes, build };
}

const written = (answer: FollowAnswer): string => JSON.stringify({ ...answer, pollInMs: POLL_IN_MS });
