import { Router, type Response } from "express";
import { z } from "zod";
import type { Context } from "../context.ts";
import type { Db } from "../database.ts";
import { parse } from "../reading.ts";
import { ask, refusalOf, takeCookies } from "./auth-calls.ts";
import { noteOf, ownPath, readForm, requireOwnForm } from "./forms.ts";

const credentials = z.strictObject({ email: z.string().max(254), password: z.string().max(1_000), next: z.string() });
const code = z.strictObject({ code: z.string().max(40), next: z.string() });

/** What other pages send somebody here with. */
const NOTES: Record<string, string> = {
  password: "Your new password is set. Sign in with it.",
  confirmed: "Your e-mail address is confirmed.",
};

/** Signing in and out by plain forms, so that no script is needed for it; passwords and sessions are better-auth's. */
export function signInPages(context: Context): Router {
  const { config, db, views, publicUrl } = context;
  const router = Router();

  router.get("/sign-in", (request, response) =>
    show(response, 200, { next: ownPath(request.query.next), note: noteOf(NOTES, request.query.note) }),
  );

  router.post("/sign-in", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const { email, password, next } = parse(credentials, request.body);
    const answer = await ask(context, request, "/sign-in/email", { email, password });
    const { twoFactorRedirect, user } = answer.ok ? ((await answer.json()) as SignedIn) : {};
    takeCookies(answer, response);
    const problem = refusalOf(answer, "The e-mail address and the password do not go together.");
    if (twoFactorRedirect) show(response, 200, { next: ownPath(next), code: true });
    else if (user) response.redirect(303, ownPath(next) || (await homeOf(db, user.id)));
    else show(response, answer.status, { next: ownPath(next), email, problem });
  });

  router.post("/sign-in/code", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const { code: given, next } = parse(code, request.body);
    const digits = given.replace(/\s/g, "");
    const how = /^\d{6}$/.test(digits) ? "/two-factor/verify-totp" : "/two-factor/verify-backup-code";
    const answer = await ask(context, request, how, { code: digits });
    const { user } = answer.ok ? ((await answer.json()) as SignedIn) : {};
    takeCookies(answer, response);
    const problem = refusalOf(answer, "This code is not right, or has been used.");
    if (user) response.redirect(303, ownPath(next) || (await homeOf(db, user.id)));
    else show(response, answer.status, { next: ownPath(next), code: true, problem });
  });

  router.post("/sign-out", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    takeCookies(await ask(context, request, "/sign-out", {}), response);
    response.redirect(303, "/");
  });

  return router;

  function show(
    response: Response,
    status: number,
    { next, email = "", problem = null, note = null, code = false }: { next: string } & Partial<SignInModel>,
  ): void {
    const search = next && `?next=${encodeURIComponent(next)}`;
    const signUp = config.signUp === "open" ? `/sign-up${search}` : null;
    response.status(status).set("Cache-Control", "no-store");
    response.send(views.page("sign-in", { head: { title: "Sign in" }, next, email, problem, note, code, signUp }));
  }
}

interface SignedIn {
  readonly twoFactorRedirect?: boolean;
  readonly user?: { readonly id: string };
}

interface SignInModel {
  email: string;
  problem: string | null;
  note: string | null;
  code: boolean;
}

/** Whoever works here goes to the desk, and readers to what there is to read. */
async function homeOf(db: Db, userId: string): Promise<string> {
  const role = await db
    .selectFrom("roles")
    .select("role")
    .where("user_id", "=", userId)
    .where("role", "<>", "reader")
    .executeTakeFirst();
  return role ? "/desk" : "/";
}
