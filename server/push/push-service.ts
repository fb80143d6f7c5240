import { Agent, fetch } from "undici";
import webPush from "web-push";
import { publicConnector } from "../embeds/fetcher.ts";
import { mayBeAsked } from "./subscriptions.ts";
import type { Vapid } from "./vapid.ts";

/** Milliseconds. */
const PATIENCE = 10_000;
/** Seconds for which a push service keeps a message for a browser that is away. */
const KEPT_FOR = 60 * 60;

/** What a push service said: 2xx, and whatever else; 0 where it could not be asked. */
export interface Said {
  readonly status: number;
  /** Seconds after which it wants to be asked again. */
  readonly retryAfter: number | null;
}

export interface PushService {
  /** Encrypts a message for one browser, and hands it to the service that this browser named. @param topic replaces one of the same */
  send(to: { endpoint: string; p256dh: string; auth: string }, message: string, topic: string): Promise<Said>;
  close(): Promise<void>;
}

/**
 * Browsers name their push service, so it is anybody's address: it has to be a public one, looked at when the
 * connection is made.
 * @param allow `address:port` of services that may be asked although they are not public
 */
export function openPushService(vapid: Vapid, allow: readonly string[]): PushService {
  const agent = new Agent({
    allowH2: false,
    headersTimeout: PATIENCE,
    bodyTimeout: PATIENCE,
    connect: publicConnector({ allow }),
  });
  return {
    async send({ endpoint, p256dh, auth }, message, topic) {
      if (!mayBeAsked(new URL(endpoint), allow)) return { status: 410, retryAfter: null };
      const { headers, body } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, message, {
        vapidDetails: vapid,
        TTL: KEPT_FOR,
        urgency: "high",
        topic,
      });
      try {
        const response = await fetch(endpoint, {
          method: "POST",
          headers,
          body,
          dispatcher: agent,
          redirect: "manual",
          signal: AbortSignal.timeout(PATIENCE),
        });
        await response.body?.cancel();
        return { status: response.status, retryAfter: secondsOf(response.headers.get("Retry-After")) };
      } catch {
        return { status: 0, retryAfter: null };
      }
    },
    close: () => agent.destroy(),
  };
}

const secondsOf = (header: string | null): number | null =>
  header && /^\d{1,5}$/.test(header) ? Number(header) : null;
