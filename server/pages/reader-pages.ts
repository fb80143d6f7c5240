import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "../context.ts";
import { renderFeed, type FormatName } from "../feeds/formats.ts";
import { problemAnswer, problemOf } from "../problems.ts";
import { databaseFailure } from "../transact.ts";
import { within } from "../within.ts";
import { renderBlogPage } from "./blog-page.ts";
import { discussionAddress } from "./discussion-address.ts";
import { renderDiscussionPage } from "./discussion-page.ts";
import { FOR_OTHER_SITES } from "./embed-files.ts";
import { embedPage, latestPage } from "./embed-page.ts";
import { PageCache, Rendition, sendRendition, surrogateKey } from "./page-cache.ts";
import { html, type Page } from "./reader-page.ts";
import { isFiltered, pathOf, storyAddress } from "./story-address.ts";
import { DATABASE_PATIENCE, StreamHeads, type ReaderStream } from "./stream-heads.ts";
import { updatesOf } from "./updates.ts";

/** Milliseconds for which a page is shown on after the last look at the database that was answered. */
const KEPT_FOR = 15_000;

/** Bytes kept in memory of our own pages, and of what other sites show, which may be asked for in more ways than are of use. */
const OWN_BYTES = 64_000_000;
const OTHERS_BYTES = 16_000_000;

const PAGE_CACHING = "public, max-age=0, s-maxage=1, stale-while-revalidate=4";

const ADDRESS = /^\/blogs\/([a-z0-9-]{1,80})(\/comments)?(\/updates)?(?:\?(.*))?$/;
const FOR_OTHERS = /^\/blogs\/([a-z0-9-]{1,80})\/(embed|latest\.json)(?:\?(.*))?$/;
const FEED = /^\/blogs\/([a-z0-9-]{1,80})\/feed\.(atom|rss|json)(?:\?.*)?$/;

/** What an address asks for. */
interface Asked {
  readonly stream: ReaderStream;
  readonly slug: string;
  readonly query: URLSearchParams;
  /** Null for what changed since. */
  readonly page: Page | null;
}

/**
 * The addresses that a story's whole audience asks for: its page and its discussion's, and what changed since. They are
 * answered before Express, from memory, at the cost of one shared look at the version.
 * @returns a handler that says false for any other address
 */
export function readerPages(
  context: Context,
  headers: Record<string, string>,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { log, metrics } = context;
  const finalCaching = `public, max-age=0, s-maxage=${context.config.archiveCdnSeconds}`;
  const cache = new PageCache(OWN_BYTES);
  const othersCache = new PageCache(OTHERS_BYTES);
  const headersFor = { own: headers, ...headersForOthers(headers) };
  const heads = new StreamHeads(context);

  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const asked = askedBy(request.url ?? "");
    if (!asked) return false;
    const began = performance.now();
    const requestId = randomUUID();
    const answering = asked.page
      ? answerPage(asked, asked.page, request, response)
      : answerUpdates(asked, request, response);
    answering
      .catch((error: unknown) => fail(error, requestId, asked, request, response))
      .finally(() => {
        const { method } = request;
        const { statusCode: status } = response;
        const route = routeOf(asked);
        const ms = performance.now() - began;
        metrics.requests.observe({ method, route, status }, ms / 1000);
        log.info({ request: requestId, method, route, status, ms: Math.round(ms) }, "request");
      });
    return true;
  };

  async function answerPage(
    asked: Asked,
    page: Page,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const rendition = await newest(asked, page);
    const caching = rendition.isFinal ? finalCaching : PAGE_CACHING;
    await sendRendition(request, response, rendition, { ...headersOf(asked), "Cache-Control": caching });
  }

  /** A CDN drops all that shows a blog when it is told its key. */
  function headersOf({ slug, page }: Asked): Record<string, string> {
    return { ...headersFor[page?.others ?? "own"], "Surrogate-Key": surrogateKey(slug) };
  }

  /**
   * For the first moments of an outage of the database readers keep the story as it was confirmed last. Not for longer:
   * it may be this server alone that cannot reach it, while another one takes posts down.
   */
  async function newest({ stream, slug }: Asked, page: Page): Promise<Rendition> {
    const key = `${stream} ${slug} ${page.name}`;
    const pages = page.others || page.isOneOfMany ? othersCache : cache;
    try {
      const { version, label } = await heads.get(stream, slug);
      const make = async () => {
        const { type, text, ...extras } = await page.render(context, slug, version);
        return new Rendition(label, type, text, extras);
      };
      return await pages.get(key, label, () => within(DATABASE_PATIENCE, make()));
    } catch (error) {
      const kept = databaseFailure(error) && pages.peek(key);
      if (!kept || !heads.wasNewest(stream, slug, kept.version, KEPT_FOR)) throw error;
      return kept;
    }
  }

  async function answerUpdates(asked: Asked, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const updates = await updatesOf(context, heads, cache, asked);
    if ("rendition" in updates)
      return sendRendition(request, response, updates.rendition, {
        ...headersOf(asked),
        "Cache-Control": updates.caching,
      });
    response.writeHead(200, {
      ...headers,
      "Cache-Control": "no-store",
      "Content-Type": "application/json; charset=utf-8",
    });
    response.end(request.method === "HEAD" ? undefined : updates.refusal);
  }

  function fail(
    error: unknown,
    requestId: string,
    { page }: Asked,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (response.headersSent) return void response.destroy();
    const problem = problemOf(error);
    if (problem.status === 500) log.error({ request: requestId, err: error }, "unexpected error");
    const asPage = page && page.others !== "scripts" && (request.headers.accept ?? "").includes("text/html");
    const { type, body } = problemAnswer(problem, asPage ? context.views : null);
    response.writeHead(problem.status, {
      ...headersFor[page?.others ?? "own"],
      ...problem.headers,
      "X-Request-Id": requestId,
      "Cache-Control": "no-store",
      "Content-Type": type,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }
}

/** Null for what is not answered here. */
function askedBy(address: string): Asked | null {
  const [, slug, comments, updates, search] = ADDRESS.exec(address) ?? [];
  if (!slug) return askedForFeed(address) ?? askedByOthers(address);
  const stream = comments ? "comments" : "blog";
  const query = new URLSearchParams(search);
  if (updates) return { stream, slug, query, page: null };
  const page = comments ? discussionPage(query) : blogPage(query);
  return page && { stream, slug, query, page };
}

function askedForFeed(address: string): Asked | null {
  const [, slug, format] = FEED.exec(address) ?? [];
  return slug ? { stream: "blog", slug, query: new URLSearchParams(), page: feedPage(format as FormatName) } : null;
}

function askedByOthers(address: string): Asked | null {
  const [, slug, what, search] = FOR_OTHERS.exec(address) ?? [];
  if (!slug) return null;
  const query = new URLSearchParams(search);
  return { stream: "blog", slug, query, page: what === "embed" ? embedPage(query) : latestPage(query) };
}

const feedPage = (format: FormatName): Page => ({
  name: `feed.${format}`,
  route: `/blogs/:slug/feed.${format}`,
  render: (context, slug) => renderFeed(context, slug, format),
});

function blogPage(query: URLSearchParams): Page | null {
  const asked = storyAddress(query);
  return (
    asked && {
      name: pathOf("", asked),
      route: "/blogs/:slug",
      isOneOfMany: isFiltered(asked),
      render: async (context, slug, version) => {
        const drawn = await renderBlogPage(context, slug, asked, version);
        return { ...html(drawn.html), isFinal: drawn.isFinal, isSmallest: drawn.isSmallest };
      },
    }
  );
}

function discussionPage(query: URLSearchParams): Page | null {
  const asked = discussionAddress(query);
  return (
    asked && {
      name: new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== null)).toString(),
      route: "/blogs/:slug/comments",
      render: async (context, slug, version) => html(await renderDiscussionPage(context, slug, asked, version)),
    }
  );
}

const routeOf = ({ stream, page }: Asked): string =>
  page?.route ?? `/blogs/:slug${stream === "comments" ? "/comments" : ""}/updates`;

function headersForOthers(headers: Record<string, string>): Record<"frames" | "scripts", Record<string, string>> {
  const policy = headers["Content-Security-Policy"]!.replace("frame-ancestors 'none'", "frame-ancestors *");
  return {
    frames: { ...headers, "Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin" },
    scripts: { ...headers, ...FOR_OTHER_SITES },
  };
}
