import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";
import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { changesBetween, MAX_BEHIND } from "../realtime/changes.ts";
import type { FollowAnswer, ResyncReason } from "../realtime/protocol.ts";
import { problemAnswer, problemOf } from "../problems.ts";
import { databaseFailure } from "../transact.ts";
import { within } from "../within.ts";
import { renderBlogPage } from "./blog-page.ts";
import { HeadCheck } from "./head-check.ts";
import { PageCache, Rendition, sendRendition } from "./page-cache.ts";

/** Milliseconds between two polls of a reader whose sockets fail. */
const POLL_IN_MS = 10_000;

/** Milliseconds for a look at the database, and for which a page is shown on after the last one that was answered. */
const DATABASE_PATIENCE = 6_000;
const KEPT_FOR = 15_000;

const PAGE_CACHING = "public, max-age=0, s-maxage=1, stale-while-revalidate=4";
const HOT_UPDATE_CACHING = "public, max-age=1";
const COLD_UPDATE_CACHING = "public, max-age=5";

const ADDRESS = /^\/blogs\/([a-z0-9-]{1,80})(\/updates)?(?:\?(.*))?$/;

interface BlogHead {
  readonly id: string;
  readonly version: number;
}

/**
 * The two addresses that a story's whole audience asks for: its page, and what changed since. They are answered
 * before Express, from memory, at the cost of one shared look at the version.
 * @returns a handler that says false for any other address
 */
export function readerPages(
  context: Context,
  headers: Record<string, string>,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { db, log, metrics } = context;
  const cache = new PageCache();
  /** A blog's id, and the epoch in which it had it: in another history it may be another's. */
  const ids = new LRUCache<string, { id: string; epoch: string }>({ max: 10_000 });
  /** The newest version that the database has confirmed, and when. */
  const confirmed = new LRUCache<string, { label: string; at: number }>({ max: 10_000 });
  const heads = new HeadCheck<BlogHead>((slug) => within(DATABASE_PATIENCE, headNow(slug)));

  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const [matched, slug, updates, search] = ADDRESS.exec(request.url ?? "") ?? [];
    if (!matched || !slug) return false;
    const query = new URLSearchParams(search);
    const page = query.get("page");
    if (!updates && [...query.keys()].some((name) => name === "page") && !/^with:\d{1,18}$/.test(page ?? ""))
      return false;
    const began = performance.now();
    const requestId = randomUUID();
    const answering = updates
      ? answerUpdates(slug, query, request, response)
      : answerPage(slug, page?.slice(5) ?? null, request, response);
    const route = updates ? "/blogs/:slug/updates" : "/blogs/:slug";
    answering
      .catch((error: unknown) => fail(error, requestId, request, response))
      .finally(() => {
        const { method } = request;
        const { statusCode: status } = response;
        const ms = performance.now() - began;
        metrics.requests.observe({ method, route, status }, ms / 1000);
        log.info({ request: requestId, method, route, status, ms: Math.round(ms) }, "request");
      });
    return true;
  };

  async function answerPage(
    slug: string,
    around: string | null,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const key = `${slug} ${around ?? ""}`;
    const rendition = await newest(key, slug, async ({ version }, label) => {
      return new Rendition(label, "text/html; charset=utf-8", await renderBlogPage(context, slug, around, version));
    });
    await sendRendition(request, response, rendition, { ...headers, "Cache-Control": PAGE_CACHING });
  }

  async function headNow(slug: string): Promise<BlogHead> {
    const known = ids.get(slug);
    const isGood = known && known.epoch === context.epoch(known.id);
    const id = isGood ? known.id : (await findBlog(db, slug)).id;
    ids.set(slug, { id, epoch: context.epoch(id) });
    const { version } = await headOf(db, id, "blog");
    confirmed.set(slug, { label: labelOf({ id, version }), at: Date.now() });
    return { id, version };
  }

  function labelOf({ id, version }: BlogHead): string {
    return `${context.epoch(id)} ${version}`;
  }

  /**
   * For the first moments of an outage of the database readers keep the story as it was confirmed last. Not for longer:
   * it may be this server alone that cannot reach it, while another one takes posts down.
   */
  async function newest(
    key: string,
    slug: string,
    make: (head: BlogHead, label: string) => Promise<Rendition>,
  ): Promise<Rendition> {
    try {
      const head = await heads.get(slug);
      const label = labelOf(head);
      return await cache.get(key, label, () => within(DATABASE_PATIENCE, make(head, label)));
    } catch (error) {
      const kept = databaseFailure(error) && cache.peek(key);
      const last = confirmed.get(slug);
      const isFit = kept && kept.version === last?.label && Date.now() - last.at < KEPT_FOR;
      if (!isFit) throw error;
      return kept;
    }
  }

  /** The batch without a socket: the same answer as to `follow`. */
  async function answerUpdates(
    slug: string,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const after = Number(query.get("after"));
    const epoch = query.get("epoch");
    if (!/^\d{1,10}$/.test(query.get("after") ?? "") || (epoch?.length ?? 0) > 64)
      throw new AppError(422, "invalid-input", "Say after which version.", {
        extra: { errors: [{ pointer: "query:after", code: "invalid" }] },
      });
    const head = await heads.get(slug);
    const refusal = refusalOf(head, epoch, after);
    if (refusal) return sendRefusal(response, request.method === "HEAD", refusal);
    const label = labelOf(head);
    const key = `updates ${slug} ${epoch} ${after}`;
    const rendition = await cache.get(key, label, async () => {
      const answer = await within(DATABASE_PATIENCE, updates(head, after));
      return new Rendition(
        label,
        "application/json; charset=utf-8",
        JSON.stringify({ ...answer, pollInMs: POLL_IN_MS }),
      );
    });
    const caching = after === head.version ? HOT_UPDATE_CACHING : COLD_UPDATE_CACHING;
    await sendRendition(request, response, rendition, { ...headers, "Cache-Control": caching });
  }

  function refusalOf({ id, version }: BlogHead, epoch: string | null, after: number): ResyncReason | null {
    if (epoch !== null && epoch !== context.epoch(id)) return "epoch";
    if (after > version) return "future";
    return version - after > MAX_BEHIND ? "behind" : null;
  }

  /** Kept by nobody: there is no end of positions that mean nothing, and each client is to wait its own while. */
  function sendRefusal(response: ServerResponse, headOnly: boolean, reason: ResyncReason): void {
    response.writeHead(200, {
      ...headers,
      "Cache-Control": "no-store",
      "Content-Type": "application/json; charset=utf-8",
    });
    response.end(headOnly ? undefined : JSON.stringify({ ...refuse(reason), pollInMs: POLL_IN_MS }));
  }

  function refuse(reason: ResyncReason): FollowAnswer {
    metrics.resyncs.inc({ reason });
    return { ok: false, problem: { code: "resync", reason }, retryInMs: Math.round(Math.random() * POLL_IN_MS) };
  }

  async function updates({ id, version }: BlogHead, after: number): Promise<FollowAnswer> {
    const changes =
      after === version ? [] : await changesBetween(context, { kind: "blog", blogId: id, only: null }, after, version);
    if (changes === "document") return refuse("document");
    return { ok: true, epoch: context.epoch(id), from: after, to: version, head: version, changes };
  }

  function fail(error: unknown, requestId: string, request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent) return void response.destroy();
    const problem = problemOf(error);
    if (problem.status === 500) log.error({ request: requestId, err: error }, "unexpected error");
    const asPage = !request.url!.includes("/updates") && (request.headers.accept ?? "").includes("text/html");
    const { type, body } = problemAnswer(problem, asPage ? context.views : null);
    response.writeHead(problem.status, {
      ...headers,
      ...problem.headers,
      "X-Request-Id": requestId,
      "Cache-Control": "no-store",
      "Content-Type": type,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }
}
