import { z } from "zod";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { deleteAccount } from "./deletion.ts";
import { exportData, type Person } from "./personal-data.ts";

const confirmation = z.strictObject({ email: z.string().max(320) });

export function privacyRoutes(context: Context): AnyRoute[] {
  const { db } = context;
  return [
    route({
      method: "post",
      path: "/api/me/export",
      summary: "Everything that is held about oneself, by table",
      action: "account:read-own",
      answers: { 200: z.record(z.string(), z.unknown()) },
      handle: async ({ actor }) => ({
        status: 200,
        body: await exportData(db, await personOf(context, actor.userId!)),
      }),
    }),

    route<{}, {}, z.output<typeof confirmation>>({
      method: "post",
      path: "/api/me/deletion",
      summary: "Delete one's account and everything that it wrote; its e-mail address confirms it",
      action: "account:delete-own",
      body: confirmation,
      answers: { 204: null },
      async handle({ actor, body }) {
        const person = await personOf(context, actor.userId!);
        if (body.email.trim().toLowerCase() !== person.email)
          throw invalid([{ pointer: "/email", code: "not-yours" }], "This is not the account’s e-mail address.");
        await deleteAccount(db, actor, person);
        return { status: 204 };
      },
    }),
  ];
}

export async function personOf({ db }: Context, id: string): Promise<Person> {
  return db.selectFrom("users").select(["id", "email"]).where("id", "=", id).executeTakeFirstOrThrow();
}
