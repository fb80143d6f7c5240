import express, { Router, type Request, type Response } from "express";
import type { Context } from "./context.ts";
import { notFound, unavailable } from "./errors.ts";
import { ADDRESS_HEADER } from "./auth/auth.ts";

/** What Dateline offers of better-auth; everything else that the library brings is closed. */
const OFFERED = new Set([
  "POST /sign-in/email",
  "POST /sign-out",
  "GET /get-session",
  "GET /list-sessions",
  "POST /revoke-session",
  "POST /revoke-sessions",
  "POST /revoke-other-sessions",
  "POST /change-password",
  "POST /two-factor/enable",
  "POST /two-factor/disable",
  "POST /two-factor/get-totp-uri",
  "POST /two-factor/verify-totp",
  "POST /two-factor/verify-backup-code",
  "POST /two-factor/generate-backup-codes",
]);
const BASE = "/api/auth";

/** Sign-in, sessions, passwords and two-factor codes, under better-auth's own paths and in its own words. */
export function signInRoutes({ auth, publicUrl }: Context): Router {
  const router = Router();
  router.all(
    `${BASE}/*path`,
    express.raw({ type: () => true, limit: "16kb", inflate: false }),
    async (request, response) => {
      if (!OFFERED.has(`${request.method} ${request.path.slice(BASE.length)}`)) throw notFound("page");
      await send(response, await auth.handler(forward(request, publicUrl)));
    },
  );
  return router;
}

/** The request as better-auth takes it; whatever the caller said of their own address is replaced by what we saw. */
function forward(request: Request, publicUrl: string): globalThis.Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === "string" && name !== "content-length") headers.set(name, value);
  headers.set(ADDRESS_HEADER, request.ip ?? "");
  const body = Buffer.isBuffer(request.body) && request.body.length ? new Uint8Array(request.body) : null;
  return new globalThis.Request(new URL(request.originalUrl, publicUrl), { method: request.method, headers, body });
}

async function send(response: Response, answer: globalThis.Response): Promise<void> {
  // What better-auth answers so is a session that it could not look up.
  if (answer.status >= 500) throw unavailable();
  response.status(answer.status);
  for (const [name, value] of answer.headers) if (name !== "set-cookie") response.set(name, value);
  for (const cookie of answer.headers.getSetCookie()) response.append("Set-Cookie", cookie);
  const wait = answer.headers.get("X-Retry-After");
  if (wait) response.set("Retry-After", wait);
  response.set("Cache-Control", "no-store").send(Buffer.from(await answer.arrayBuffer()));
}
