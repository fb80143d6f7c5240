import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { z } from "zod";
import { createAccount, grantRole, setPassword } from "../auth/accounts.ts";
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD } from "../auth/passwords.ts";
import { OPERATOR } from "../auth/actors.ts";
import { command, readArguments, withDatabase } from "../command.ts";
import { UsageError } from "../start-errors.ts";

const USAGE = "npm run admin -- --email <address> [--name <name>] [--new-password]";

/** Makes an account an admin: a new one, or one that is there, whose password stays unless a new one is asked for. */
await command(async () => {
  const given = readArguments(USAGE, {
    email: { type: "string" },
    name: { type: "string" },
    "new-password": { type: "boolean" },
  });
  const email = z.email().max(320).safeParse(given.email?.toLowerCase());
  if (!email.success) throw new UsageError(`An e-mail address is needed; usage: ${USAGE}`);
  const name = given.name?.trim() || email.data.split("@")[0]!;
  if (name.length > 100) throw new UsageError("A name has at most 100 characters.");

  await withDatabase(async (db) => {
    const known = await db.selectFrom("users").select("id").where("email", "=", email.data).executeTakeFirst();
    const password = !known || given["new-password"] ? await choosePassword() : null;
    const hash = password && (await hashPassword(password.text));
    await db.transaction().execute(async (trx) => {
      const { id } = known ?? (await createAccount(trx, OPERATOR, { email: email.data, name, hash: hash! }));
      if (known && hash) await setPassword(trx, id, hash);
      await grantRole(trx, OPERATOR, id, "admin", null);
    });
    console.log(known ? `${email.data} is an admin.` : `${email.data} has an account and is an admin.`);
    if (password?.generated) console.log(`The password, shown this once: ${password.text}`);
  });
});

/** Asked for at a terminal, where an empty answer means a generated one; generated everywhere else. */
async function choosePassword(): Promise<{ text: string; generated: boolean }> {
  const text = process.stdin.isTTY
    ? await ask(`Password (${MIN_PASSWORD} characters or more; empty for a generated one): `)
    : "";
  if (text === "") return { text: randomBytes(15).toString("base64url"), generated: true };
  if (text.length < MIN_PASSWORD || text.length > MAX_PASSWORD)
    throw new UsageError(`A password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`);
  return { text, generated: false };
}

/** Asks without showing the answer. */
async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
