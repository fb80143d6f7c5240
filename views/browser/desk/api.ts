/** Milliseconds; a phone in a cellar is given time, and a dead connection is noticed. */
const ANSWER_WITHIN = 20_000;

export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  errors?: { pointer: string; code: string }[];
  /** With a 412: the thing as it is now. */
  current?: unknown;
}

export type Answer<T> =
  | {
      kind: "done";
      status: number;
      body: T;
      /** When the server gave this answer once more, by its own clock; milliseconds. */
      repeatedAt?: number;
    }
  /** The server understood, and said no. */
  | {
      kind: "refused";
      problem: Problem;
      /** When, by the server's own clock; milliseconds, or 0 where nothing says it. */
      at: number;
    }
  | { kind: "signed-out" }
  /** Nobody knows whether it was done; asking again is safe only with the same key. */
  | {
      kind: "unreached";
      retryAfterMs: number | null;
      /** Of an answer, where there was one: 429 is for those who were too fast. */
      status?: number;
    };

export interface Request {
  /** JSON, as an object or as the very bytes. */
  body?: object | string;
  key?: string;
  /** For If-Match. */
  version?: number;
  signal?: AbortSignal;
  /** As whoever is signed in now, not only as the one whose page this is. */
  asAnybody?: boolean;
}

/** One request to the API, as the one whose page this is: signed out for anybody else. It never throws. */
export async function call<T>(method: string, path: string, request: Request = {}): Promise<Answer<T>> {
  const { body, key, version, signal, asAnybody = false } = request;
  const within = AbortSignal.timeout(ANSWER_WITHIN);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        ...(asAnybody ? {} : ownAccount()),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
        ...(version === undefined ? {} : { "If-Match": `"${version}"` }),
      },
      body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, within]) : within,
    });
    text = await response.text();
  } catch {
    return { kind: "unreached", retryAfterMs: null };
  }
  return answerOf(response, text);
}

/** The header that keeps what one person wrote from going out as another, who signed in in the next tab. */
export function ownAccount(): Record<string, string> {
  const id = document.querySelector<HTMLElement>("[data-my-id]")?.dataset.myId;
  return id ? { "X-Dateline-Account": id } : {};
}

/** What an answer means, however it was asked for. */
export function answerOf<T>(response: Response, text: string): Answer<T> {
  const { status, ok } = response;
  if (status === 401) return { kind: "signed-out" };
  const said = json(text) as Partial<Problem> | undefined;
  if (ok && said === undefined && text) return unreached(response);
  if (ok) return { kind: "done", status, body: said as T, ...repeatedAt(response) };
  // A proxy's own page is no answer of ours, whatever its number.
  const isOurs = said?.title !== undefined || said?.detail !== undefined;
  if (status >= 500 || status === 429 || status === 408 || said?.code === "request-in-progress" || !isOurs)
    return unreached(response);
  return {
    kind: "refused",
    problem: { code: "", title: "", detail: said.title ?? "", ...said, status },
    at: dateOf(response),
  };
}

function repeatedAt(response: Response): { repeatedAt?: number } {
  const at = dateOf(response);
  return response.headers.has("Idempotent-Replayed") && at ? { repeatedAt: at } : {};
}

const dateOf = ({ headers }: Response): number => Date.parse(headers.get("Date") ?? "") || 0;

function unreached({ headers, status }: Response): { kind: "unreached"; retryAfterMs: number | null; status: number } {
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  return { kind: "unreached", retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null, status };
}

function json(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Where an error of a 422 belongs, in words that a reporter can use. */
const REASONS: Record<string, string> = {
  "too-big": "is too long",
  "table-too-big": "has a table of more than 100 rows or 20 columns",
  "too-small": "is missing",
  required: "is missing",
  empty: "is empty",
  "one-line-only": "must be a single line",
  "invalid-characters": "has characters that cannot be kept",
  "invalid-format": "is not written as it has to be",
  "invalid-type": "is missing",
  "unknown-author": "is nobody who has an account",
  "unknown-picture": "is no longer there",
  "no-such-comment": "is no longer there",
  "unknown-embed": "is no longer there",
  "not-public": "leads to an address that readers could not reach",
  "has-password": "has a name and a password in it",
};
const NAMES: [RegExp, string][] = [
  [/^\/headline/, "The headline"],
  [/^\/body/, "The text"],
  [/^\/quote\/text/, "What was said"],
  [/^\/quote\/attribution\/name/, "The speaker’s name"],
  [/^\/quote\/attribution\/role/, "The speaker’s role"],
  [/^\/quote\/attribution\/sourceUrl/, "The link to where it was said"],
  [/^\/quote\/attribution\/source/, "Where it was said"],
  [/^\/quote/, "The quote"],
  [/^\/commentId/, "The reader’s comment"],
  [/^\/authors/, "The byline"],
  [/^\/verificationNote/, "The note on what is known"],
  [/^\/media\/\d+\/alt/, "The description of a picture"],
  [/^\/media/, "A picture"],
  [/^\/embeds/, "A link card"],
  [/^\/sources\/\d+\/url/, "The link of a source"],
  [/^\/sources/, "A source"],
  [/^\/tags/, "A tag"],
  [/^\/note/, "The note"],
  [/^\/correction/, "The correction"],
  [/^\/publish(At|In)/, "The time"],
];

/** A refusal of the address of a post's link, as one of the post. @param n the link's place, from 0 */
export const aboutLink = (problem: Problem, n: number): Problem => ({
  ...problem,
  errors: (problem.errors ?? []).map(({ code }) => ({ pointer: `/embeds/${n}`, code })),
});

/** A refusal as a sentence for people. */
export function reasonOf({ status, code, detail, errors = [] }: Problem): string {
  if (status === 403) return "You may not do this here any more. Ask an editor; your text is kept.";
  if (code === "blog-closed") return "This blog was closed meanwhile. An editor can reopen it; your text is kept.";
  if (status === 404) return "This blog or post is not there any more. Your text is kept.";
  if (status === 410) return "It was published, and removed since. Your text is kept.";
  const sentences = errors.map(({ pointer, code }) => {
    const name = NAMES.find(([pattern]) => pattern.test(pointer))?.[1] ?? "A field";
    return `${name} ${REASONS[code] ?? `cannot be accepted (${code})`}.`;
  });
  return [...new Set(sentences)].join(" ") || detail || "This was not accepted.";
}
