import express, { Router, type Request, type Response } from "express";
import { z } from "zod";
import { ADDRESS_HEADER } from "../auth/accounts.ts";
import type { Context } from "../context.ts";
import { forbidden, unavailable } from "../errors.ts";
import { parse } from "../reading.ts";

const credentials = z.strictObject({ email: z.string().max(254), password: z.string().max(1_000), next: z.string() });
const code = z.strictObject({ code: z.string().max(40), next: z.string() });

/** Signing in and out by plain forms, so that no script is needed for it; passwords and sessions are better-auth's. */
export function signInPages({ auth, views, publicUrl }: Context): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: "16kb", inflate: false });

  router.get("/sign-in", (request, response) => show(response, 200, { next: ownPath(request.query.next) }));

  router.post("/sign-in", form, async (request, response) => {
    requireOwnForm(request);
    const { email, password, next } = parse(credentials, request.body);
    const answer = await ask(request, "/sign-in/email", { email, password });
    const asksForCode = answer.ok && ((await answer.json()) as { twoFactorRedirect?: boolean }).twoFactorRedirect;
    takeCookies(answer, response);
    if (asksForCode) show(response, 200, { next: ownPath(next), code: true });
    else if (answer.ok) response.redirect(303, ownPath(next));
    else show(response, answer.status, { next: ownPath(next), email, problem: problemOf(answer) });
  });

  router.post("/sign-in/code", form, async (request, response) => {
    requireOwnForm(request);
    const { code: given, next } = parse(code, request.body);
    const digits = given.replace(/\s/g, "");
    const how = /^\d{6}$/.test(digits) ? "/two-factor/verify-totp" : "/two-factor/verify-backup-code";
    const answer = await ask(request, how, { code: digits });
    takeCookies(answer, response);
    if (answer.ok) response.redirect(303, ownPath(next));
    else show(response, answer.status, { next: ownPath(next), code: true, problem: problemOf(answer, true) });
  });

  router.post("/sign-out", form, async (request, response) => {
    requireOwnForm(request);
    takeCookies(await ask(request, "/sign-out", {}), response);
    response.redirect(303, "/");
  });

  return router;

  function show(
    response: Response,
    status: number,
    { next, email = "", problem = null, code = false }: { next: string } & Partial<SignInModel>,
  ): void {
    response.status(status).set("Cache-Control", "no-store");
    response.send(views.page("sign-in", { head: { title: "Sign in" }, next, email, problem, code }));
  }

  async function ask(request: Request, path: string, body: object): Promise<globalThis.Response> {
    const headers = new Headers({ "Content-Type": "application/json", Origin: publicUrl });
    if (request.headers.cookie) headers.set("Cookie", request.headers.cookie);
    headers.set(ADDRESS_HEADER, request.ip ?? "");
    const url = new URL(`/api/auth${path}`, publicUrl);
    const answer = await auth.handler(
      new globalThis.Request(url, { method: "POST", headers, body: JSON.stringify(body) }),
    );
    if (answer.status >= 500) throw unavailable();
    return answer;
  }

  /** A form on another site must not sign anybody in or out here. */
  function requireOwnForm(request: Request): void {
    const site = request.get("Sec-Fetch-Site");
    const origin = request.get("Origin");
    const own = origin === publicUrl || origin === `${request.protocol}://${request.host}`;
    if (site === "same-origin" || (site === undefined && own)) return;
    throw forbidden("Sign in on Dateline's own page.");
  }
}

interface SignInModel {
  email: string;
  problem: string | null;
  code: boolean;
}

function takeCookies(answer: globalThis.Response, response: Response): void {
  for (const cookie of answer.headers.getSetCookie()) response.append("Set-Cookie", cookie);
}

function problemOf({ status, headers }: globalThis.Response, code = false): string {
  if (status === 429) {
    const seconds = Number(headers.get("X-Retry-After")) || 60;
    return `Too many tries. Wait ${seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`} and try again.`;
  }
  return code ? "This code is not right, or has been used." : "The e-mail address and the password do not go together.";
}

/** Where to go on: a path of this server and nothing else, lest a link to the sign-in page leads elsewhere. */
function ownPath(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(next) && !next.includes("\\")
    ? next
    : "/desk";
}
