import { Router, type Request, type Response } from "express";
import { z } from "zod";
import { rename } from "../auth/accounts.ts";
import { actorOf } from "../auth/actors.ts";
import { permit, type Actor } from "../auth/permissions.ts";
import { countTry, NAMES_OF_ONE } from "../auth/tries.ts";
import { renameCommenter } from "../comments/changing.ts";
import type { Context } from "../context.ts";
import { AppError, forbidden } from "../errors.ts";
import { cleanName } from "../rules/names.ts";
import { parse } from "../reading.ts";
import { transact } from "../transact.ts";
import { deleteAccount } from "../privacy/deletion.ts";
import { personOf } from "../privacy/routes.ts";
import { exportData } from "../privacy/personal-data.ts";
import { ask, refusalOf } from "./auth-calls.ts";
import { noteOf, readForm, requireOwnForm, tooManyTries } from "./forms.ts";
import { nameProblem } from "./name-problems.ts";

const newName = z.strictObject({ name: z.string().max(1_000) });

const confirmation = z.strictObject({ email: z.string().max(320) });

const NOTES: Record<string, string> = {
  confirmed: "Your e-mail address is confirmed.",
  sent: "The mail is on its way.",
  name: "Your name is changed.",
};

/** A person's own account: who they are here, and what they can change of it. */
export function accountPages(context: Context): Router {
  const { auth, db, publicUrl, views } = context;
  const router = Router();

  router.get("/account", async (request, response) => {
    const actor = await somebody(request, response);
    if (actor) await show(response, 200, actor, { note: noteOf(NOTES, request.query.note) });
  });

  router.post("/account/name", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const actor = await somebody(request, response);
    if (!actor) return;
    permit(actor, "account:change-own", null);
    if (isStaff(actor)) throw forbidden("Your name stands in bylines, and is the newsroom's to change.");
    const name = cleanName(parse(newName, request.body).name);
    const problem = name === actor.name ? null : (nameProblem(name) ?? (await change(actor, name)));
    if (problem) await show(response, 422, actor, { name, problem });
    else response.redirect(303, "/account?note=name");
  });

  router.post("/account/verification", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const actor = await somebody(request, response);
    if (!actor) return;
    const { email, email_verified } = await own(actor.userId);
    if (email_verified) return response.redirect(303, "/account?note=confirmed");
    const answer = await ask(context, request, "/send-verification-email", { email });
    if (answer.ok) response.redirect(303, "/account?note=sent");
    else await show(response, answer.status, actor, { sending: refusalOf(answer, "This did not work. Try again.") });
  });

  // A file of one's own data; it changes nothing, and only its owner can ask for it.
  router.get("/account/data", async (request, response) => {
    const actor = await somebody(request, response);
    if (!actor) return;
    const data = await exportData(db, await personOf(context, actor.userId));
    response.set("Cache-Control", "no-store").attachment("dateline-account.json");
    response.type("json").send(JSON.stringify(data, null, 2));
  });

  router.post("/account/deletion", readForm, async (request, response) => {
    requireOwnForm(publicUrl, request);
    const actor = await somebody(request, response);
    if (!actor) return;
    permit(actor, "account:delete-own", null);
    const person = await personOf(context, actor.userId);
    const { email } = parse(confirmation, request.body);
    if (email.trim().toLowerCase() !== person.email)
      return show(response, 422, actor, { deleting: "This is not your e-mail address." });
    try {
      await deleteAccount(db, actor, person);
      response.redirect(303, "/");
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 409) throw error;
      await show(response, 409, actor, { deleting: error.message });
    }
  });

  return router;

  /** Whoever is not signed in is sent to do so, and comes back. */
  async function somebody(request: Request, response: Response): Promise<(Actor & { userId: string }) | null> {
    const actor = await actorOf(db, auth, request.headers);
    if (actor.userId !== null) {
      permit(actor, "account:read-own", null);
      return { ...actor, userId: actor.userId };
    }
    response.redirect(303, "/sign-in?next=/account");
    return null;
  }

  function own(userId: string) {
    return db
      .selectFrom("users")
      .select(["name", "email", "email_verified"])
      .where("id", "=", userId)
      .executeTakeFirstOrThrow();
  }

  /** @returns what is wrong, when the name could not be had */
  async function change(actor: Actor & { userId: string }, name: string): Promise<string | null> {
    const wait = await countTry(db, `name:${actor.userId}`, NAMES_OF_ONE);
    if (wait !== null) return tooManyTries(wait);
    try {
      await transact(db, async (trx) => {
        await rename(trx, actor, actor.userId, name);
        await renameCommenter(trx, actor.userId);
      });
      return null;
    } catch (error) {
      if (error instanceof AppError && error.code === "name-taken") return error.message;
      throw error;
    }
  }

  async function show(
    response: Response,
    status: number,
    actor: Actor & { userId: string },
    {
      name,
      note = null,
      problem = null,
      sending = null,
      deleting = null,
    }: Partial<Record<"name" | "note" | "problem" | "sending" | "deleting", string | null>>,
  ): Promise<void> {
    const account = await own(actor.userId);
    response.status(status).set("Cache-Control", "no-store");
    response.send(
      views.page("account", {
        head: { title: "Your account" },
        name: account.name,
        entered: name ?? account.name,
        email: account.email,
        isVerified: account.email_verified,
        isStaff: isStaff(actor),
        note,
        problem,
        sending,
        deleting,
      }),
    );
  }
}

const isStaff = ({ grants }: Actor): boolean => grants.some(({ role }) => role !== "reader");
