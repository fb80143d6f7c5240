import { z } from "zod";
import { may, SOMEWHERE } from "../auth/permissions.ts";
import type { Context } from "../context.ts";
import type { Db } from "../database.ts";
import { notFound } from "../errors.ts";
import { route, type AnyRoute, type Answer } from "../http.ts";
import { limit, line } from "../input.ts";
import { findPeople, findPerson, giveRole, MEMBER_ROLES, membersOf, takeRole } from "./members.ts";

const membersAnswer = z.object({
  members: z.array(
    z.object({
      name: z.string(),
      slug: z.string(),
      roles: z.array(z.object({ role: z.enum(MEMBER_ROLES), everywhere: z.boolean() })),
    }),
  ),
});

const people = z.object({ people: z.array(z.object({ name: z.string(), slug: z.string() })) });

/** Who may write and moderate in a blog. Roles that count everywhere are an admin's to give: see auth/routes.ts. */
export function memberRoutes({ db }: Context): AnyRoute[] {
  return [
    route<{ slug: string }>({
      method: "get",
      path: "/api/blogs/:slug/members",
      summary: "Who may write and moderate here",
      action: "desk:follow",
      answers: { 200: membersAnswer },
      handle: ({ blog }) => answer(db, blog.id),
    }),

    ...(["put", "delete"] as const).map((method) =>
      route<{ slug: string; userSlug: string; role: string }>({
        method,
        path: "/api/blogs/:slug/members/:userSlug/roles/:role",
        summary: method === "put" ? "Give a role in this blog" : "Take a role in this blog away at once",
        action: "member:manage",
        answers: { 200: membersAnswer },
        handle({ blog, params, actor, transact }) {
          const role = z.enum(MEMBER_ROLES).safeParse(params.role);
          if (!role.success) throw notFound("role");
          const change = method === "put" ? giveRole : takeRole;
          return transact(async (trx) => {
            const person = await findPerson(trx, params.userSlug);
            await change(trx, actor, blog.id, person.id, role.data);
            return answer(trx, blog.id);
          });
        },
      }),
    ),

    route<{}, { q: string; limit: number }>({
      method: "get",
      path: "/api/people",
      summary: "Colleagues by the beginning of a name; for those who give roles, all accounts",
      action: "people:search",
      somewhere: true,
      query: z.strictObject({ q: line(80), limit: limit(50, 10) }),
      answers: { 200: people },
      async handle({ actor, query }) {
        const everybody = may(actor, "member:manage", SOMEWHERE) === "any";
        return { status: 200, body: { people: await findPeople(db, query.q, { everybody, limit: query.limit }) } };
      },
    }),
  ];
}

async function answer(db: Db, blogId: string): Promise<Answer> {
  return { status: 200, body: { members: await membersOf(db, blogId) } };
}
