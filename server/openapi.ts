import { Router } from "express";
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { PERMISSIONS } from "./auth/permissions.ts";
import { ROLES } from "./database.ts";
import type { AnyRoute } from "./http.ts";
import { problemSchema } from "./problems.ts";
import type { Views } from "./rendering/views.ts";

/** /api/openapi.json, made of the same schemas that check the input, and /api/docs, the same in short for people. */
export function apiDescription(routes: AnyRoute[], views: Views): Router {
  const router = Router();
  const page = views.page("api", { head: { title: "The API" }, routes: routes.map(inShort) });
  router.get("/api/docs", (_request, response) => {
    response.set("Cache-Control", "public, max-age=300").send(page);
  });
  const document = JSON.stringify(describe(routes));
  router.get("/api/openapi.json", (_request, response) => {
    response.set("Cache-Control", "public, max-age=300").type("json").send(document);
  });
  return router;
}

function inShort({ method, path, summary, action, creates, edits = false }: AnyRoute) {
  const [scope, anyone, ...byRole] = PERMISSIONS[action];
  const roles = ROLES.filter((_role, n) => byRole[n]).map((role) =>
    byRole[ROLES.indexOf(role)] === "own" ? `${role} (their own)` : role,
  );
  return {
    method: method.toUpperCase(),
    path,
    summary,
    creates: Boolean(creates),
    edits,
    id: `${method}${path.replaceAll(/[^a-z]+/gi, "-")}`,
    who: anyone ? "For everybody." : `For ${roles.join(", ")}.`,
    scope: anyone ? null : scope,
  };
}

function describe(routes: AnyRoute[]): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Dateline",
      version: "1",
      description: "Sign in with better-auth's routes under /api/auth, or send an API token. docs/api.md tells more.",
    },
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "dateline.session_token" },
      },
    },
    paths,
  });
}

function operation(route: AnyRoute): ZodOpenApiOperationObject {
  const [scope, anyone] = PERMISSIONS[route.action];
  const names = [...route.path.matchAll(/:(\w+)/g)].map((match) => match[1]!);
  const header = {
    ...(route.creates ? { "Idempotency-Key": keySchema(route.creates) } : {}),
    ...(route.edits ? { "If-Match": z.string() } : {}),
  };
  return {
    summary: route.summary,
    description: anyone ? "Open to everybody." : `Permission \`${route.action}\`, token scope \`${scope}\`.`,
    security: anyone ? [] : [{ token: [] }, { session: [] }],
    requestParams: {
      path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
      ...(route.query ? { query: querySchema(route.query) } : {}),
      ...(Object.keys(header).length ? { header: z.object(header) } : {}),
    },
    ...requestBody(route),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, schema]) => [status, answer(schema)])),
      default: {
        description: "A problem (RFC 9457)",
        content: { "application/problem+json": { schema: problemSchema } },
      },
    },
  };
}

const keySchema = (creates: NonNullable<AnyRoute["creates"]>) => {
  const key = z.string().min(1).max(128);
  return creates === "by-key" ? key : key.optional();
};

/** A query that is transformed after parsing is described by what goes in. */
const querySchema = (schema: z.ZodType): z.ZodObject =>
  schema instanceof z.ZodPipe ? (schema.in as z.ZodObject) : (schema as z.ZodObject);

function requestBody({ body, raw }: AnyRoute): Pick<ZodOpenApiOperationObject, "requestBody"> {
  if (raw)
    return {
      requestBody: {
        content: Object.fromEntries(
          raw.types.map((type) => [type, { schema: { type: "string", format: "binary" } as const }]),
        ),
      },
    };
  return body ? { requestBody: { content: { "application/json": { schema: body } } } } : {};
}

const answer = (schema: z.ZodType | null) =>
  schema
    ? { description: "Done", content: { "application/json": { schema } } }
    : { description: "Done, nothing to say" };
