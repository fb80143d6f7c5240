import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { PostAnswer } from "../posts/present.ts";
import { ADDITIONS, CLAIMS, CORRECTIONS, NEWS, QUOTES } from "./live-lines.ts";
import { STORY_SLUG } from "./story.ts";

/** A shift's work, done over and over. */
const SHIFT = [
  ...["publish", "publish", "correct", "key-event", "claim", "publish", "add", "quote"],
  ...["settle", "publish", "pin", "publish", "remove", "quote", "unpin"],
] as const;

/** Milliseconds between two tries while the server is away. */
const TRY_AGAIN = { first: 500, most: 10_000 };

/** The server has refused something for good; the message is one sentence for whoever started the reporter. */
export class RefusedError extends Error {
  name = "RefusedError";
}

export interface ReporterOptions {
  /** Where the server answers. */
  readonly url: string;
  /** The origin that it takes for its own. */
  readonly origin: string;
  readonly email: string;
  readonly password: string;
  readonly signal?: AbortSignal;
}

/** A reporter who keeps the demo's story going over the API, as a program of a newsroom would. */
export class LiveReporter {
  readonly #options: ReporterOptions;
  #cookie = "";
  #turn = 0;
  /** What it published and has not taken down, oldest first. */
  readonly #posts: PostAnswer[] = [];
  #claim: { post: PostAnswer; found: string } | null = null;
  #pinned: PostAnswer | null = null;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Does the next thing of the shift. @returns what it did, in a line */
  async step(): Promise<string> {
    const turn = this.#turn++;
    const round = Math.floor(turn / SHIFT.length);
    switch (SHIFT[turn % SHIFT.length]!) {
      case "publish":
        return this.#publish("published", pick(NEWS, turn));
      case "quote": {
        const { text, ...attribution } = pick(QUOTES, turn);
        return this.#publish("quoted", { kind: "quote", quote: { text, attribution } });
      }
      case "claim": {
        const { body, found } = pick(CLAIMS, round);
        const line = await this.#publish("published, unverified,", { body, verification: "unverified" });
        this.#claim = { post: this.#posts.at(-1)!, found };
        return line;
      }
      case "settle":
        return this.#settle();
      case "correct":
        return this.#edit("corrected", this.#posts.at(-1), { correction: { text: pick(CORRECTIONS, round) } });
      case "add": {
        const post = this.#posts.at(-1);
        return this.#edit("added to", post, { body: (post?.body ?? "") + pick(ADDITIONS, round) });
      }
      case "key-event":
        return this.#mark("made a key event of", "PUT", this.#posts.at(-1), "key-event");
      case "pin":
        this.#pinned = this.#posts.at(-1) ?? null;
        return this.#mark("pinned", "PUT", this.#pinned, "pin");
      case "unpin":
        return this.#mark("unpinned", "DELETE", this.#pinned, "pin");
      case "remove":
        return this.#remove(this.#posts.at(-1));
    }
  }

  async #publish(did: string, post: object): Promise<string> {
    const { body } = await this.#send("POST", this.#at(), post, { "Idempotency-Key": randomUUID() });
    this.#posts.push(body);
    if (this.#posts.length > SHIFT.length) this.#posts.shift();
    return told(did, body);
  }

  async #settle(): Promise<string> {
    const claim = this.#claim;
    this.#claim = null;
    const body = `${claim?.post.body}<p>${claim?.found}</p>`;
    return this.#edit("verified", claim?.post, { body, verification: "verified", verificationNote: null });
  }

  async #edit(did: string, post: PostAnswer | undefined, changes: object): Promise<string> {
    if (!post) return "had nothing to edit";
    return this.#change(did, post, "PATCH", this.#at(post), changes);
  }

  async #mark(did: string, method: string, post: PostAnswer | null | undefined, mark: string): Promise<string> {
    if (!post) return "had nothing to mark";
    return this.#change(did, post, method, `${this.#at(post)}/${mark}`);
  }

  async #remove(post: PostAnswer | undefined): Promise<string> {
    if (!post) return "had nothing to take down";
    this.#posts.splice(this.#posts.indexOf(post), 1);
    return this.#change("took down", post, "DELETE", this.#at(post), { reason: "A rehearsal of a takedown" });
  }

  /** A colleague at the desk may have been first; then the post is as they left it, and the reporter leaves it alone. */
  async #change(did: string, post: PostAnswer, method: string, path: string, body?: object): Promise<string> {
    const { status, body: after } = await this.#send(method, path, body, { "If-Match": `"${post.version}"` });
    if (status >= 400) return told("left to a colleague", post);
    post.version = after.version;
    if (method !== "DELETE") post.body = after.body;
    return told(did, post);
  }

  #at(post?: PostAnswer): string {
    return `/api/blogs/${STORY_SLUG}/posts${post ? `/${post.id}` : ""}`;
  }

  /**
   * Sends until the server has answered; a creation is safe to repeat by its key.
   * @throws RefusedError when asking again would not help
   */
  async #send(method: string, path: string, body: object | undefined, headers: Record<string, string>) {
    for (let wait = TRY_AGAIN.first; ; wait = Math.min(wait * 2, TRY_AGAIN.most)) {
      const response = await this.#fetch(method, path, body, headers);
      if (response?.status === 401) await this.#signIn();
      else if (response && response.status < 500) return answer(response, method);
      else await pause(wait, undefined, this.#options);
    }
  }

  async #signIn(): Promise<void> {
    const { email, password } = this.#options;
    const response = await this.#fetch("POST", "/api/auth/sign-in/email", { email, password }, {});
    if (response && response.status >= 400 && response.status < 500)
      throw new RefusedError(`${email} cannot sign in there; is the demo in that newsroom?`);
    this.#cookie = response?.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  /** @returns null when nobody answers */
  async #fetch(method: string, path: string, body: object | undefined, headers: Record<string, string>) {
    const { url, origin, signal } = this.#options;
    const content = body && { "Content-Type": "application/json" };
    try {
      return await fetch(url + path, {
        method,
        headers: { ...headers, ...content, Origin: origin, Cookie: this.#cookie },
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      return null;
    }
  }
}

async function answer(response: Response, method: string): Promise<{ status: number; body: PostAnswer }> {
  const { status } = response;
  const body = (await response.json()) as PostAnswer & { detail?: string };
  const isTaken = method !== "POST" && [404, 409, 412].includes(status);
  if (status >= 400 && !isTaken) throw new RefusedError(body.detail ?? `The server answered ${status}.`);
  return { status, body };
}

const pick = <T>(lines: readonly T[], turn: number): T => lines[turn % lines.length]!;

function told(did: string, { id, headline, quote, body }: PostAnswer): string {
  const words = headline ?? quote?.text ?? body.replace(/<[^>]*>/g, "");
  return `${did} ${id}: ${words.length > 60 ? `${words.slice(0, 58)} …` : words}`;
}
