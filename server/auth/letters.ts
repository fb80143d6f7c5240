import { createEmailVerificationToken } from "better-auth/api";
import type { Db } from "../database.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { Letter } from "../mail/transport.ts";
import { countTry, LETTERS } from "./tries.ts";

/* Letters are ours word for word: a name that somebody chose could be an advertisement, or a link to one. */

/** Whom they are from. */
export interface Site {
  readonly name: string;
  readonly url: string;
}

export function verificationLetter(site: Site, to: string, token: string, next = "/"): Letter {
  return {
    to,
    subject: "Confirm your e-mail address",
    text: letter(
      site,
      `At ${site.url} somebody, presumably you, has an account with this e-mail address, and asks to confirm it.`,
      "If it was you, open this page within a day and press the button:",
      link(site.url, "/verify", { token, ...(next === "/" ? {} : { next }) }),
      "If it was not you, do nothing: without you the address stays unconfirmed.",
    ),
  };
}

export function resetLetter(site: Site, to: string, token: string): Letter {
  return {
    to,
    subject: "Choose a new password",
    text: letter(
      site,
      `At ${site.url} somebody, presumably you, asks for a new password for your account.`,
      "If it was you, open this page within an hour:",
      link(site.url, "/reset-password", { token }),
      "If it was not you, do nothing: your password stays as it is.",
    ),
  };
}

export function takenLetter(site: Site, to: string): Letter {
  return {
    to,
    subject: "You have an account already",
    text: letter(
      site,
      `At ${site.url} somebody tried to sign up with your e-mail address, which has an account already.`,
      "If it was you, sign in with the password that you have, or choose a new one here:",
      link(site.url, "/forgot-password", {}),
      "If it was not you, do nothing: your account is as it was, and they have not been told of it.",
    ),
  };
}

/** Whatever somebody asks for again and again, nobody's mailbox is filled with it. */
export async function sendLetter(db: Db, mailer: Mailer, letter: Letter): Promise<void> {
  const wait = await countTry(db, `mail:${letter.to.toLowerCase()}`, LETTERS);
  if (wait === null) mailer.send(letter);
}

/** For an account that was just made: better-auth's own token, for its own check. */
export function verificationToken(
  secret: string,
  user: { id: string; email: string },
  seconds: number,
): Promise<string> {
  return createEmailVerificationToken(secret, user.email, undefined, seconds, { userId: user.id });
}

const letter = (site: Site, ...paragraphs: string[]): string =>
  `${[...paragraphs, `-- \n${site.name}, ${site.url}`].join("\n\n")}\n`;

const link = (publicUrl: string, path: string, query: Record<string, string>): string => {
  const search = new URLSearchParams(query).toString();
  return `${publicUrl}${path}${search && `?${search}`}`;
};
