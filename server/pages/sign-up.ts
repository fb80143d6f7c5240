import { Router, type Response } from "express";
import { z } from "zod";
import { signUp } from "../auth/accounts.ts";
import { VERIFY_WITHIN } from "../auth/auth.ts";
import { sendLetter, takenLetter, verificationLetter, verificationToken } from "../auth/letters.ts";
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD } from "../auth/passwords.ts";
import { countTry, networkOf, SIGN_UPS } from "../auth/tries.ts";
import type { Context } from "../context.ts";
import { AppError, notFound } from "../errors.ts";
import { cleanName } from "../rules/names.ts";
import { parse } from "../reading.ts";
import { transact } from "../transact.ts";
import { inEvenTime, ownPath, readForm, requireOwnForm, tooManyTries } from "./forms.ts";
import { nameProblem } from "./name-problems.ts";

const newReader = z.strictObject({
  name: z.string().max(1_000),
  email: z.string().max(1_000),
  password: z.string().max(1_000),
  next: z.string(),
});

/** What stands in the form; the password is typed anew. */
interface Entered {
  readonly name: string;
  readonly email: string;
  readonly next: string;
}

interface Problem {
  readonly field: "name" | "email" | "password" | null;
  readonly text: string;
}

/**
 * Where a reader makes an account. The answer is the same whether or not the e-mail address has one already: its owner
 * is told by mail, and nobody else.
 */
export function signUpPages(context: Context): Router {
  const { auth, config, db, mailer, publicUrl, views } = context;
  const site = { name: config.siteName, url: publicUrl };
  const router = Router();

  router.get("/sign-up", (request, response) => {
    requireOpen();
    show(response, 200, { name: "", email: "", next: ownPath(request.query.next) }, null);
  });

  router.post("/sign-up", readForm, async (request, response) => {
    requireOpen();
    requireOwnForm(publicUrl, request);
    const { password, ...form } = parse(newReader, request.body);
    const entered = {
      name: cleanName(form.name),
      email: form.email.trim().toLowerCase(),
      next: ownPath(form.next),
    };
    const wait = await countTry(db, `sign-up:${networkOf(request.ip)}`, SIGN_UPS);
    if (wait !== null) return refuse(response, wait, entered);
    const problem = problemWith(entered, password) ?? (await inEvenTime(() => make(entered, password)));
    if (problem) return show(response, 422, entered, problem);
    response.set("Cache-Control", "no-store");
    response.send(views.page("check-mail", { head: { title: "Check your mail" }, email: entered.email, signUp: true }));
  });

  return router;

  function requireOpen(): void {
    if (config.signUp === "closed") throw notFound("page");
  }

  async function make({ name, email, next }: Entered, password: string): Promise<Problem | null> {
    const hash = await hashPassword(password);
    try {
      const made = await transact(db, (trx) => signUp(trx, { email, name, hash }));
      await sendLetter(db, mailer, made ? await firstLetter(made.id, email, next) : takenLetter(site, email));
      return null;
    } catch (error) {
      if (error instanceof AppError && error.code === "name-taken") return { field: "name", text: error.message };
      throw error;
    }
  }

  async function firstLetter(id: string, email: string, next: string) {
    const { secret } = await auth.$context;
    return verificationLetter(site, email, await verificationToken(secret, { id, email }, VERIFY_WITHIN), next);
  }

  function refuse(response: Response, seconds: number, entered: Entered): void {
    response.set("Retry-After", String(seconds));
    show(response, 429, entered, { field: null, text: tooManyTries(seconds) });
  }

  function show(response: Response, status: number, entered: Entered, problem: Problem | null): void {
    const wrong = { name: false, email: false, password: false, ...(problem?.field ? { [problem.field]: true } : {}) };
    const signIn = `/sign-in${entered.next && `?next=${encodeURIComponent(entered.next)}`}`;
    response.status(status).set("Cache-Control", "no-store");
    response.send(
      views.page("sign-up", {
        head: { title: "Make an account" },
        ...entered,
        problem: problem?.text ?? null,
        wrong,
        signIn,
        leastPassword: MIN_PASSWORD,
      }),
    );
  }
}

function problemWith({ name, email }: Entered, password: string): Problem | null {
  const ofName = nameProblem(name);
  if (ofName) return { field: "name", text: ofName };
  if (!z.email().max(254).safeParse(email).success)
    return { field: "email", text: "This does not look like an e-mail address." };
  const text = passwordProblem(password);
  return text === null ? null : { field: "password", text };
}

export function passwordProblem(password: string): string | null {
  return password.length >= MIN_PASSWORD && password.length <= MAX_PASSWORD
    ? null
    : `A password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`;
}
