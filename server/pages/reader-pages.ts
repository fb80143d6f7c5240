import type { IncomingMessage, ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";
import { findBlog } from "../blogs/blogs.ts";
import { headOf } from "../blogs/streams.ts";
import type { Context } from "../context.ts";
import { AppError } from "../errors.ts";
import { changesBetween, MAX_BEHIND } from "../realtime/changes.ts";
import type { FollowAnswer } from "../realtime/protocol.ts";
import { problemAnswer, problemOf } from "../problems.ts";
import { databaseFailure } from "../transact.ts";
import { renderBlogPage } from "./blog-page.ts";
import { HeadCheck } from "./head-check.ts";
import { PageCache, Rendition, sendRendition } from "./page-cache.ts";

/** Milliseconds between two polls of a reader whose sockets fail. */
const POLL_IN_MS = 10_000;

const PAGE_CACHING = "public, max-age=0, s-maxage=1, stale-while-revalidate=5";
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
  const ids = new LRUCache<string, string>({ max: 10_000 });
  const heads = new HeadCheck<BlogHead>(async (slug) => {
    const id = ids.get(slug) ?? (await findBlog(db, slug)).id;
    ids.set(slug, id);
    return { id, version: (await headOf(db, id, "blog")).version };
  });

  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const [matched, slug, updates, search] = ADDRESS.exec(request.url ?? "") ?? [];
    if (!matched || !slug) return false;
    const query = new URLSearchParams(search);
    const page = query.get("page");
    if (!updates && [...query.keys()].some((name) => name === "page") && !/^with:\d{1,18}$/.test(page ?? ""))
      return false;
    const began = performance.now();
    const answering = updates
      ? answerUpdates(slug, query, request, response)
      : answerPage(slug, page?.slice(5) ?? null, request, response);
    const route = updates ? "/blogs/:slug/updates" : "/blogs/:slug";
    answering
      .catch((error: unknown) => fail(error, request, response))
      .finally(() => {
        metrics.requests.observe(
          { method: request.method, route, status: response.statusCode },
          (performance.now() - began) / 1000,
        );
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

  /** During an outage of the database readers keep the story as it was; nothing can have been taken down meanwhile. */
  async function newest(
    key: string,
    slug: string,
    make: (head: BlogHead, label: string) => Promise<Rendition>,
  ): Promise<Rendition> {
    try {
      const head = await heads.get(slug);
      const label = `${context.epoch(head.id)} ${head.version}`;
      return await cache.get(key, label, () => make(head, label));
    } catch (error) {
      const kept = databaseFailure(error) && cache.peek(key);
      if (!kept) throw error;
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
    const label = `${context.epoch(head.id)} ${head.version}`;
    const key = `updates ${slug} ${epoch} ${after}`;
    const rendition = await cache.get(key, label, async () => {
      const answer = await updates(head, epoch, after);
      return new Rendition(
        label,
        "application/json; charset=utf-8",
        JSON.stringify({ ...answer, pollInMs: POLL_IN_MS }),
      );
    });
    const caching = after === head.version ? HOT_UPDATE_CACHING : COLD_UPDATE_CACHING;
    await sendRendition(request, response, rendition, { ...headers, "Cache-Control": caching });
  }

  async function updates({ id, version }: BlogHead, given: string | null, after: number): Promise<FollowAnswer> {
    const epoch = context.epoch(id);
    const refuse = (reason: "epoch" | "future" | "behind" | "document"): FollowAnswer => {
      metrics.resyncs.inc({ reason });
      return { ok: false, problem: { code: "resync", reason }, retryInMs: Math.round(Math.random() * POLL_IN_MS) };
    };
    if (given !== null && given !== epoch) return refuse("epoch");
    if (after > version) return refuse("future");
    if (version - after > MAX_BEHIND) return refuse("behind");
    const changes = after === version ? [] : await changesBetween(context, id, "blog", after, version);
    if (changes === "document") return refuse("document");
    return { ok: true, epoch, from: after, to: version, head: version, changes };
  }

  function fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent) return void response.destroy();
    const problem = problemOf(error);
    if (problem.status === 500) log.error({ err: error }, "unexpected error");
    const asPage = !request.url!.includes("/updates") && (request.headers.accept ?? "").includes("text/html");
    const { type, body } = problemAnswer(problem, asPage ? context.views : null);
    response.writeHead(problem.status, {
      ...headers,
      ...problem.headers,
      "Cache-Control": "no-store",
      "Content-Type": type,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }
}
