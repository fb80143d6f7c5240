import { randomUUID } from "node:crypto";
import type { ErrorRequestHandler, Express, Request, RequestHandler } from "express";
import { z } from "zod";
import { actorOf } from "./auth/actors.ts";
import { ANYONE, permit, SOMEWHERE, type Action, type Actor } from "./auth/permissions.ts";
import { findBlog } from "./blogs/blogs.ts";
import type { Context } from "./context.ts";
import type { Blog, Db } from "./database.ts";
import { AppError, forbidden, notFound, stale, unauthenticated } from "./errors.ts";
import { fingerprintOf, once, type Again, type Work } from "./idempotency.ts";
import { id, slug } from "./input.ts";
import { problemAnswer, problemOf } from "./problems.ts";
import { idempotencyKey, ifMatch, jsonBody, parse, rawBody, readPicture } from "./reading.ts";
import { transact } from "./transact.ts";
import { within } from "./within.ts";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What a handler gets: everything parsed, the blog found, the actor known and permitted. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly actor: Actor;
  /** The blog that the path names, directly or through one of its comments. */
  readonly blog: Blog;
  readonly request: Request;
  /** One transaction; for a POST that makes something, at most once for its Idempotency-Key. */
  readonly transact: (work: Work, again?: Again) => Promise<Answer>;
  /** On a route that edits: the versions that the caller has seen, from If-Match; null elsewhere. */
  readonly matches: readonly number[] | null;
  /** On a route that edits: insists that the caller has seen this version of what it changes. */
  readonly requireMatch: (version: number, present: () => unknown) => void;
}

/**
 * One route of the API, as data: mounted by `mountRoutes`, described in openapi.json, and walked by the tests. The
 * path's `:slug` is always a blog's, and `:id` a number in digits.
 */
export interface Route<P = never, Q = never, B = never> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  readonly summary: string;
  /** The line of the permission table that is asked. */
  readonly action: Action;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** The body is a picture, not JSON. */
  readonly raw?: { readonly types: string[]; readonly limit: string };
  /** Finds the blog, where the path names something in it instead. */
  readonly blogOf?: (db: Db, params: Record<string, string>) => Promise<Blog>;
  /** What it makes belongs to no blog: a role in any blog is enough. */
  readonly somewhere?: boolean;
  /** `?blog=<slug>` narrows it to one blog; without it, the action must be allowed everywhere. */
  readonly blogFromQuery?: boolean;
  /** It creates: Idempotency-Key is needed, or honoured where a name keeps a second one from being made anyway. */
  readonly creates?: "by-key" | "by-name";
  /** It edits: If-Match is needed. */
  readonly edits?: boolean;
  readonly answers: Record<number, z.ZodType | null>;
  handle(call: Call<P, Q, B>): Promise<Answer>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a list of routes holds handlers of many shapes
export type AnyRoute = Route<any, any, any>;

/** Gives a route the types of its schemas. */
export function route<P extends Record<string, string>, Q = unknown, B = undefined>(
  definition: Route<P, Q, B>,
): AnyRoute {
  return definition;
}

/** Milliseconds after which a caller is told to try again instead of waiting on. */
const PATIENCE = 10_000;
/** The same for a picture, which has to arrive first, perhaps over a phone. */
const UPLOAD_PATIENCE = 60_000;
/** What any name in a path looks like; nothing else reaches the database. */
const NAME = /^[A-Za-z0-9_-]{1,80}$/;
/** Made once: zod compiles each schema anew, which costs more than to use it. */
const NO_QUERY = z.strictObject({});

export { keepBody } from "./reading.ts";

export function mountRoutes(app: Express, context: Context, routes: AnyRoute[]): void {
  for (const definition of routes) {
    app[definition.method](definition.path, async (request, response) => {
      const answer = await within(definition.raw ? UPLOAD_PATIENCE : PATIENCE, perform(context, definition, request));
      response.locals.route = definition.path;
      response.status(answer.status).set(answer.headers ?? {});
      if (!response.get("Cache-Control")) response.set("Cache-Control", "no-store");
      if (answer.body === undefined || answer.body === null) response.end();
      else response.json(answer.body);
    });
  }
  for (const path of new Set(routes.map((definition) => definition.path))) app.all(path, otherMethods(path, routes));
}

/** What a path does not do is a 405; OPTIONS tells what it does, and grants other sites nothing. */
function otherMethods(path: string, routes: AnyRoute[]): RequestHandler {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
  const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return (request, response) => {
    response.locals.route = path;
    if (request.method !== "OPTIONS")
      throw new AppError(405, "method-not-allowed", `Here one can ${allow}.`, { headers: { Allow: allow } });
    response.status(204).set("Allow", allow).end();
  };
}

/** Who is calling → which blog → may they → what do they say → the handler. */
async function perform(context: Context, definition: AnyRoute, request: Request): Promise<Answer> {
  const { db } = context;
  request.res!.locals.route = definition.path;
  const actor = await actorOf(db, context.auth, request.headers);
  requireSameOrigin(context, request, actor);
  requireAccount(request, actor);
  const params = request.params as Record<string, string>;
  if (params.id !== undefined && !id.safeParse(params.id).success) throw notFound("thing");
  if (!Object.values(params).every((name) => NAME.test(name))) throw notFound("thing");
  const blog = await blogOf(db, definition, request);
  permit(actor, definition.action, definition.somewhere ? SOMEWHERE : (blog?.id ?? null));
  // A picture is read only from those who may send one.
  if (definition.raw) await readPicture(request, definition.raw);
  const query = parse(definition.query ?? NO_QUERY, request.query, "query:");
  const body: unknown = definition.body ? parse(definition.body, jsonBody(request)) : undefined;
  const key = definition.creates ? idempotencyKey(request, definition.creates === "by-key") : null;
  const matches = definition.edits ? ifMatch(request) : null;
  return definition.handle({
    params,
    query,
    body,
    actor,
    blog,
    request,
    transact: (work: Work, again?: Again) =>
      key === null
        ? transact(db, work)
        : once(
            db,
            {
              actor: actor.userId ?? "",
              // The router takes both spellings of these for the same.
              route: `${request.method} ${request.path.toLowerCase().replace(/\/$/, "")}`,
              key,
              fingerprint: fingerprintOf(rawBody(request)),
            },
            work,
            again,
          ),
    matches,
    requireMatch(version: number, present: () => unknown) {
      if (matches && !matches.includes(version)) throw stale(present(), version);
    },
  } as never);
}

async function blogOf(db: Db, definition: AnyRoute, { params, query }: Request): Promise<Blog | null> {
  if (definition.blogOf) return definition.blogOf(db, params as Record<string, string>);
  const given = slug.safeParse(params.slug ?? (definition.blogFromQuery ? query.blog : undefined));
  if (params.slug !== undefined && !given.success) throw notFound("blog");
  return given.success ? findBlog(db, given.data) : null;
}

/** A browser sends its cookie along whoever asks it to; an unsafe request must come from our own pages. */
function requireSameOrigin({ publicUrl }: Context, request: Request, actor: Actor): void {
  if (actor.via !== "session" || actor === ANYONE || ["GET", "HEAD"].includes(request.method)) return;
  const site = request.get("Sec-Fetch-Site");
  const origin = request.get("Origin");
  const own = origin !== undefined && (origin === publicUrl || origin === `${request.protocol}://${request.host}`);
  if (site === "same-origin" || (site === undefined && own)) return;
  throw forbidden("A signed-in browser may send this only from Dateline's own pages.");
}

/** An open page stays one person's, also when somebody else signs in beside it: its requests say whose they are. */
function requireAccount(request: Request, { userId }: Actor): void {
  const account = request.get("X-Dateline-Account");
  if (account !== undefined && account !== userId) throw unauthenticated();
}

/** Numbers each request, and notes how it ended: method, route pattern, status and time, nothing about the person. */
export function observe({ log, metrics }: Context): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const began = performance.now();
    response.locals.requestId = requestId;
    response.set("X-Request-Id", requestId);
    response.once("finish", () => {
      const route =
        (response.locals.route as string | undefined) ??
        (request.route as { path?: string } | undefined)?.path ??
        "other";
      const ms = performance.now() - began;
      metrics.requests.observe({ method: request.method, route, status: response.statusCode }, ms / 1000);
      log.info(
        { request: requestId, method: request.method, route, status: response.statusCode, ms: Math.round(ms) },
        "request",
      );
    });
    next();
  };
}

/** Where an error becomes an answer: a problem document, or a page for a browser. */
export function answerProblem({ log, views }: Context): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem.status === 500) log.error({ request: response.locals.requestId, err: error }, "unexpected error");
    const asPage = !request.path.startsWith("/api/") && request.accepts(["json", "html"]) === "html";
    const { type, body } = problemAnswer(problem, asPage ? views : null);
    response
      .status(problem.status)
      .set(problem.headers)
      .set("Cache-Control", "no-store")
      .set("Content-Type", type)
      .send(body);
  };
}

/** For everything that no route answered. */
export const noSuchPage: RequestHandler = () => {
  throw notFound("page");
};
