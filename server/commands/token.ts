import { OPERATOR } from "../auth/actors.ts";
import { SCOPES, type Scope } from "../auth/permissions.ts";
import { createToken } from "../auth/tokens.ts";
import { findBlog } from "../blogs/blogs.ts";
import { command, readArguments, withDatabase } from "../command.ts";
import { UsageError } from "../start-errors.ts";

const USAGE =
  "npm run -s token -- --email <account> --name <name> [--scopes a,b] [--blog <slug>] [--expires 2027-01-01]";

/** Makes an API token for an account, and prints it and nothing else, so that a script can take it. */
await command(async () => {
  const given = readArguments(USAGE, {
    email: { type: "string" },
    name: { type: "string" },
    scopes: { type: "string" },
    blog: { type: "string" },
    expires: { type: "string" },
  });
  const { email, name } = given;
  if (!email || !name?.trim()) throw new UsageError(`An account and a name are needed; usage: ${USAGE}`);
  if (name.trim().length > 100) throw new UsageError("A name has at most 100 characters.");
  const scopes = scopesIn(given.scopes);
  const expiresAt = given.expires === undefined ? null : momentIn(given.expires);

  await withDatabase(async (db) => {
    const user = await db.selectFrom("users").select("id").where("email", "=", email.toLowerCase()).executeTakeFirst();
    if (!user) throw new UsageError(`There is no account with the e-mail address ${email}.`);
    const blogId = given.blog === undefined ? null : (await findBlog(db, given.blog)).id;
    const { token } = await db
      .transaction()
      .execute((trx) => createToken(trx, OPERATOR, user.id, { name: name.trim(), scopes, blogId, expiresAt }));
    console.log(token);
  });
});

/** Without any, all of them; the account's roles limit the token in any case. */
function scopesIn(text: string | undefined): Scope[] {
  if (text === undefined) return [...SCOPES];
  const scopes = text.split(",").map((scope) => scope.trim());
  const unknown = scopes.find((scope) => !SCOPES.includes(scope as Scope));
  if (unknown !== undefined) throw new UsageError(`There is no scope "${unknown}"; there are ${SCOPES.join(", ")}.`);
  return [...new Set(scopes as Scope[])];
}

/** A day begins at midnight UTC. */
function momentIn(text: string): Date {
  const moment = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? new Date(text) : new Date(Number.NaN);
  const isReal = !Number.isNaN(moment.getTime()) && (text.length > 10 || moment.toISOString().startsWith(text));
  if (!isReal) throw new UsageError(`"${text}" is not a day such as 2027-01-01.`);
  if (moment.getTime() <= Date.now()) throw new UsageError(`A token that expires at ${text} would be of no use.`);
  return moment;
}
