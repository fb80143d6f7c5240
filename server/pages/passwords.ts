import { Router, type Response } from "express";
import { z } from "zod";
import { MIN_PASSWORD } from "../auth/passwords.ts";
import type { Context } from "../context.ts";
import { parse } from "../reading.ts";
import { ask, refusalOf } from "./auth-calls.ts";
import { inEvenTime, readForm, requireOwnForm } from "./forms.ts";
import { passwordProblem } from "./sign-up.ts";

const forgotten = z.strictObject({ email: z.string().max(1_000) });
const reset = z.strictObject({ token: z.string().max(200), password: z.string().max(1_000) });

/** A new password for whoever has lost theirs: by a link in a mail that works once, for an hour. */
export function passwordPages(context: Context): Router {
  const { publicUrl, views } = context;
  const router = Router();

  router.get("/forgot-password", (_request, response) => showRequest(response, 200, "", null));

  router.post("/forgot-password", readForm, async (incoming, response) => {
    requireOwnForm(publicUrl, incoming);
    const email = parse(forgotten, incoming.body).email.trim().toLowerCase();
    if (!z.email().max(254).safeParse(email).success)
      return showRequest(response, 422, email, "This does not look like an e-mail address.");
    const answer = await inEvenTime(() => ask(context, incoming, "/request-password-reset", { email }));
    if (!answer.ok) return showRequest(response, answer.status, email, refusalOf(answer, "This did not work."));
    response.set("Cache-Control", "no-store");
    response.send(views.page("check-mail", { head: { title: "Check your mail" }, email, signUp: false }));
  });

  router.get("/reset-password", ({ query }, response) => {
    const token = typeof query.token === "string" ? query.token.slice(0, 200) : "";
    showReset(response, 200, token, null);
  });

  router.post("/reset-password", readForm, async (incoming, response) => {
    requireOwnForm(publicUrl, incoming);
    const { token, password } = parse(reset, incoming.body);
    const problem = passwordProblem(password);
    if (problem) return showReset(response, 422, token, problem);
    const answer = await ask(context, incoming, "/reset-password", { token, newPassword: password });
    if (answer.ok) return response.redirect(303, "/sign-in?note=password");
    if (answer.status === 429) return showReset(response, 429, token, refusalOf(answer, ""));
    showReset(response, 422, "", "This link is not good any more: it works once, for an hour.");
  });

  return router;

  function showRequest(response: Response, status: number, email: string, problem: string | null): void {
    response.status(status).set("Cache-Control", "no-store");
    response.send(views.page("forgot-password", { head: { title: "Choose a new password" }, email, problem }));
  }

  function showReset(response: Response, status: number, token: string, problem: string | null): void {
    // The address holds what only the mail's reader should.
    response.status(status).set({ "Cache-Control": "no-store", "Referrer-Policy": "same-origin" });
    const model = { token, problem, leastPassword: MIN_PASSWORD };
    response.send(views.page("reset-password", { head: { title: "Choose a new password" }, ...model }));
  }
}
