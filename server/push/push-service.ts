import { Agent, fetch } from "undici";
import webPush from "web-push";
import { publicConnector } from "../embeds/fetcher.ts";
import { mayBeAsked } from "./subscriptions.ts";
import type { Vapid } from "./vapid.ts";

/** Milliseconds. */
const PATIENCE = 10_000;
/** Seconds for which a push service keeps a message for a browser that is away. */
const KEPT_FOR = 60 * 60;

/** What a push service said: 2xx, and whatever else; 0 where it did not answer. */
export interface Said {
  readonly status: number;
  /** Seconds after which it wants to be asked again. */
  readonly retryAfter: number | null;
}

export interface PushService {
  /**
   * Encrypts a message for one browser, and hands it to the service that this browser named.
   * @param topic replaces one of the same that has not arrived (RFC 8030)
   */
  send(
    to: { endpoint: string; p256dh: string; auth: string },
    message: string,
    topic: string,
    signal?: AbortSignal,
  ): Promise<Said>;
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
    async send({ endpoint, p256dh, auth }, message, topic, signal = new AbortController().signal) {
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
          signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
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

/** Seconds, or the date at which they are over. */
function secondsOf(header: string | null): number | null {
  if (!header) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
