import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { readConfig, type Config } from "../server/config.ts";

export interface Mail extends Email {
  /** As it was sent. */
  readonly raw: string;
  readonly recipients: string[];
}

/** A mail server that keeps what it is given. */
export interface Mailbox {
  readonly port: number;
  /** The settings of a server that sends its mails here. */
  readonly smtp: Config["smtp"];
  readonly mails: Mail[];
  /** Every mailbox that somebody wanted to send to, also those that it refused. */
  readonly asked: string[];
  /** The next mail to this address that nobody has asked for yet; waits for it. */
  to(address: string): Promise<Mail>;
  close(): Promise<void>;
}

/** @param port 0: any free one. @param refuse recipients that it does not know */
export async function openMailbox({ port = 0, refuse = [] as string[] } = {}): Promise<Mailbox> {
  const events = new EventEmitter().setMaxListeners(0);
  const mails: Mail[] = [];
  const asked: string[] = [];
  const read = new Set<Mail>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    onRcptTo({ address }, _session, done) {
      asked.push(address);
      events.emit("asked");
      done(refuse.includes(address) ? Object.assign(new Error(`no ${address} here`), { responseCode: 550 }) : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ ...(await PostalMime.parse(raw)), raw, recipients });
        events.emit("mail");
        done();
      });
    },
  });
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  const address = server.server.address() as AddressInfo;

  return {
    port: address.port,
    smtp: smtpAt(address.port),
    mails,
    asked,
    async to(address) {
      for (;;) {
        const mail = mails.find((one) => one.recipients.includes(address) && !read.has(one));
        if (mail) return read.add(mail) && mail;
        await once(events, "mail");
      }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export const smtpAt = (port: number): Config["smtp"] =>
  readConfig({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "The Harbour Post <live@post.example>" }).smtp;

/** The one link in a mail, as a path of the server. */
export function linkIn({ text = "" }: Mail, path: string): string {
  const links = [...text.matchAll(/https?:\/\/\S+/g)].map(([link]) => new URL(link));
  const [found, ...more] = links.filter(({ pathname }) => pathname === path);
  if (!found || more.length) throw new Error(`not one link to ${path} in: ${text}`);
  return found.pathname + found.search;
}
