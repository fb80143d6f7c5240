import { Router, type Response } from "express";
import { z } from "zod";
import type { Context } from "../context.ts";
import { parse } from "../reading.ts";
import { ask, refusalOf, takeCookies } from "./auth-calls.ts";
import { ownPath, readForm, requireOwnForm } from "./forms.ts";

const confirmation = z.strictObject({ token: z.string().max(2_000), next: z.string() });

/**
 * Where the link in the first mail leads. Whatever looks at links on the way (scanners, previews) opens the page and
 * changes nothing by it; the button does.
 */
export function verifyPages(context: Context): Router {
  const { publicUrl, views } = context;
  const router = Router();

  router.get("/verify", ({ query }, response) => {
    const token = typeof query.token === "string" ? query.token.slice(0, 2_000) : "";
    show(response, 200, { token, next: ownPath(query.next), problem: null });
  });

  router.post("/verify", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const { token, next: given } = parse(confirmation, request.body);
    const next = ownPath(given);
    const answer = await ask(context, request, `/verify-email?token=${encodeURIComponent(token)}`);
    takeCookies(answer, response);
    const problem = refusalOf(answer, "This link is not good any more. Sign in, and ask for another one.");
    if (!answer.ok) return show(response, answer.status === 429 ? 429 : 422, { token: "", next, problem });
    const isSignedIn = answer.headers.getSetCookie().some((cookie) => /session_token=[^;]/.test(cookie));
    response.redirect(303, isSignedIn ? next || "/account?note=confirmed" : "/sign-in?note=confirmed");
  });

  return router;

  function show(
    response: Response,
    status: number,
    model: { token: string; next: string; problem: string | null },
  ): void {
    // The address holds what only the mail's reader should.
    response.status(status).set({ "Cache-Control": "no-store", "Referrer-Policy": "same-origin" });
    response.send(views.page("verify", { head: { title: "Confirm your e-mail address" }, ...model }));
  }
}
