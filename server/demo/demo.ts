import { createAccount, grantRole } from "../auth/accounts.ts";
import { OPERATOR } from "../auth/actors.ts";
import { createBlog } from "../blogs/blogs.ts";
import type { Context } from "../context.ts";
import type { Role } from "../database.ts";

export const DEMO_PASSWORD = "dateline-demo";

export const DEMO_ACCOUNTS: readonly { email: string; name: string; role: Role }[] = [
  { email: "editor@demo.example", name: "Ines Calder", role: "editor" },
  { email: "reporter@demo.example", name: "Tomas Brandt", role: "reporter" },
  { email: "contributor@demo.example", name: "Ruth Okafor", role: "contributor" },
  { email: "moderator@demo.example", name: "Milo Haas", role: "moderator" },
  { email: "reader@demo.example", name: "Ada Lindqvist", role: "reader" },
  { email: "admin@demo.example", name: "Noor Vance", role: "admin" },
];

/** Fills an empty newsroom with the demo; leaves one that has blogs alone. @returns whether the demo is there */
export async function ensureDemo({ db }: Context): Promise<boolean> {
  const existing = await db.selectFrom("blogs").select("slug").execute();
  if (existing.length) return existing.some(({ slug }) => slug === "demo");
  await db.transaction().execute(async (trx) => {
    for (const { email, name, role } of DEMO_ACCOUNTS) {
      const { id } = await createAccount(trx, OPERATOR, { email, name, password: DEMO_PASSWORD });
      await grantRole(trx, OPERATOR, id, role, null);
    }
    await createBlog(trx, OPERATOR, "demo", {
      title: "Demo",
      standfirst: "A story",
      language: "en-GB",
      timeZone: "Europe/London",
    });
  });
  return true;
}
