import { createTransport } from "nodemailer";
import type { Log } from "../log.ts";

/** A letter: text and nothing else, of our own words and links. Whatever somebody typed has no place in it. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, instead of after STARTTLS. */
  readonly secure: boolean;
  /** STARTTLS or nothing. */
  readonly requireTls: boolean;
  readonly login: { readonly user: string; readonly pass: string } | null;
  /** As it stands in the mail, such as `The Harbour Post <live@example.org>`. */
  readonly from: string;
}

/** Hands a letter over, or fails. */
export type Transport = (letter: Letter) => Promise<unknown>;

/** For one machine, where the operator reads the log: the whole letter, so that its link can be followed. */
export function logTransport(log: Log): Transport {
  return async (letter) => log.info({ mail: letter }, "a mail, written here since there is no SMTP_URL");
}

/** Milliseconds: a mail server that does not answer is tried again later. */
const PATIENCE = 10_000;

export function smtpTransport({ host, port, secure, requireTls, login, from }: SmtpSettings): Transport {
  const smtp = createTransport(
    {
      host,
      port,
      secure,
      requireTLS: requireTls,
      ...(login ? { auth: login } : {}),
      connectionTimeout: PATIENCE,
      greetingTimeout: PATIENCE,
      socketTimeout: 2 * PATIENCE,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    // Says to vacation notices and the like that nobody reads the answer.
    { from, headers: { "Auto-Submitted": "auto-generated" } },
  );
  // As an object the address is one address, whatever characters it has.
  return ({ to, subject, text }) => smtp.sendMail({ to: { name: "", address: to }, subject, text });
}
