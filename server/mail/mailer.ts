import type { Log } from "../log.ts";
import { logTransport, smtpTransport, type Letter, type SmtpSettings, type Transport } from "./transport.ts";

export interface Mailer {
  /** Takes the letter and returns at once; it goes out by and by, and who waits for an answer does not wait for it. */
  send(letter: Letter): void;
  /** Lets what is just being handed over arrive; what waits for another try is given up. */
  close(): Promise<void>;
}

/** Milliseconds to the next try, each time; after the last one the letter is given up. */
const TRY_AGAIN_AFTER = [2_000, 15_000, 60_000, 5 * 60_000, 30 * 60_000];
/** Letters in memory; a mail server that is down for long must not fill it. */
const MOST_WAITING = 1_000;
const AT_ONCE = 3;
/** Milliseconds. */
const CLOSE_WITHIN = 5_000;

/**
 * Letters by SMTP, or into the log where there is none. They wait in this process's memory: what a restart loses, a
 * reader asks for again.
 */
export function openMailer({ smtp }: { smtp: SmtpSettings | null }, log: Log): Mailer {
  return queue(smtp ? smtpTransport(smtp) : logTransport(log), log);
}

interface Waiting {
  readonly letter: Letter;
  tries: number;
}

function queue(transport: Transport, log: Log): Mailer {
  const ready: Waiting[] = [];
  const resting = new Map<Waiting, NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  let closed = false;

  return {
    send(letter) {
      if (closed || ready.length + resting.size >= MOST_WAITING) return log.error("a mail was given up: too many wait");
      ready.push({ letter, tries: 0 });
      next();
    },
    async close() {
      closed = true;
      const lost = ready.splice(0).length + resting.size;
      resting.forEach((timer) => clearTimeout(timer));
      resting.clear();
      if (lost) log.error({ mails: lost }, "mails that had not gone out were given up");
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, CLOSE_WITHIN);
      await Promise.race([Promise.all(underWay), late]);
      clearTimeout(timer);
    },
  };

  function next(): void {
    while (ready.length && underWay.size < AT_ONCE) {
      const handing = hand(ready.shift()!).finally(() => {
        underWay.delete(handing);
        next();
      });
      underWay.add(handing);
    }
  }

  async function hand(waiting: Waiting): Promise<void> {
    try {
      await transport(waiting.letter);
    } catch (error) {
      const after = isRefused(error) ? undefined : TRY_AGAIN_AFTER[waiting.tries++];
      const again = after !== undefined && !closed;
      log.error({ mail: failure(error), again }, "a mail did not go out");
      if (again) rest(waiting, after);
    }
  }

  function rest(waiting: Waiting, milliseconds: number): void {
    const timer = setTimeout(() => {
      resting.delete(waiting);
      ready.push(waiting);
      next();
    }, milliseconds);
    resting.set(waiting, timer);
  }
}

/** No such mailbox, or not from here: the next try would end the same. A login that fails is for the operator to mend. */
function isRefused(error: unknown): boolean {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  return code !== "EAUTH" && responseCode !== undefined && responseCode >= 500;
}

/** What went wrong, without the server's words: those name the address. */
function failure(error: unknown): object {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  return { code, responseCode, command };
}
