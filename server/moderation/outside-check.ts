import { createHmac } from "node:crypto";

/** The newsroom's own service, which may have a word about each comment. */
export interface OutsideService {
  /** http or https. It is the operator's own setting, and may well be inside their network. */
  readonly url: string;
  readonly secret: string;
}

export interface OutsideAnswer {
  readonly outcome: "publish" | "pending" | "hold" | "reject";
  /** Short codes of the service's own, such as `spam`; shown to moderators. */
  readonly reasons: string[];
}

/** Milliseconds for everything, from the connection to the last byte. */
const PATIENCE = 2_000;
/** Bytes. */
const LARGEST_ANSWER = 16_384;
const MOST_REASONS = 10;
/** What a reason may be. */
const REASON = /^[a-z0-9][a-z0-9_-]{0,49}$/;

/**
 * Asks the service about a comment: a POST of `question` as JSON with the headers
 *
 *     Dateline-Timestamp: <seconds since 1970>
 *     Dateline-Signature: sha256=<hex of HMAC-SHA256(secret, "<timestamp>.<body>")>
 *
 * The answer is 200 with `{"outcome": "publish" | "pending" | "hold" | "reject", "reasons": ["spam"]}`; the reasons may be
 * left out. Anything else, and nothing within two seconds, is "failed": redirects are not followed, and of an answer
 * larger than 16 KB no more is read. Never throws.
 */
export async function askOutside(
  { url, secret }: OutsideService,
  question: Readonly<Record<string, unknown>>,
): Promise<OutsideAnswer | "failed"> {
  const body = JSON.stringify(question);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "User-Agent": "Dateline (comment check)",
        "Dateline-Timestamp": timestamp,
        "Dateline-Signature": `sha256=${signature}`,
      },
      body,
    });
    const text = await readUpTo(LARGEST_ANSWER, response);
    return (response.status === 200 && text !== null && parsed(JSON.parse(text))) || "failed";
  } catch {
    return "failed";
  }
}

/** @returns null when there is more */
async function readUpTo(limit: number, response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(answer: unknown): OutsideAnswer | null {
  if (typeof answer !== "object" || answer === null) return null;
  const { outcome, reasons = [] } = answer as { outcome?: unknown; reasons?: unknown };
  if (outcome !== "publish" && outcome !== "pending" && outcome !== "hold" && outcome !== "reject") return null;
  const isFit = (reason: unknown): reason is string => typeof reason === "string" && REASON.test(reason);
  if (!Array.isArray(reasons) || reasons.length > MOST_REASONS || !reasons.every(isFit)) return null;
  return { outcome, reasons };
}
