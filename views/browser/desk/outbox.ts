import { aboutLink, call, reasonOf, type Answer, type Problem } from "./api.ts";
import { fieldsOf, requestOf, type Composition, type PostAnswer } from "./composition.ts";
import type { DraftsStore, Sending, Sent } from "./drafts-store.ts";

/** Milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const SLOW = 1_000;
/** The server's clock comes in whole seconds. */
const CLOCK_STEP = 1_000;
/** Seconds in which a published post can be called back. */
export const UNDO_WITHIN = 10;

/** What the page shows of it. */
export interface OutboxState {
  waiting: Sending[];
  /** Whether the last try found no way to the newsroom. */
  unreached: boolean;
  signedOut: boolean;
  /** Whether a try has been under way for longer than anybody waits without a word. */
  slow: boolean;
}

export interface OutboxEvents {
  state(state: OutboxState): void;
  /** It is with the newsroom. Told to the tab that sent it. */
  sent(sent: Sent): void;
  /** The server said no; the text is unfinished again, with the reason. */
  returned(composition: Composition, problem: Problem): void;
  /** @returns once the same person is signed in again; false when they would rather not now */
  signInAgain(): Promise<boolean>;
}

/**
 * What was sent goes out once, in order: each request is on the device with its key before it leaves, and only an
 * answer takes it off. Whatever is not an answer is tried again, with the same key and the same bytes.
 */
export class Outbox {
  readonly #store: DraftsStore;
  readonly #account: string;
  readonly #tab: string;
  readonly #events: OutboxEvents;
  readonly #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("dateline-outbox");
  #timer = 0;
  #unreached = false;
  #signedOut = false;
  #slow = false;
  #draining = false;

  constructor(store: DraftsStore, { account, tab }: { account: string; tab: string }, events: OutboxEvents) {
    this.#store = store;
    this.#account = account;
    this.#tab = tab;
    this.#events = events;
    addEventListener("online", () => void this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || void this.drain());
    this.#channel?.addEventListener("message", ({ data }: MessageEvent<Sent>) => {
      if (data.sending.account === account && data.sending.tab === tab) events.sent(data);
    });
  }

  /** @returns once it is safe on the device; it goes out meanwhile or later */
  async add(sending: Sending): Promise<void> {
    await this.#store.send(sending);
    this.#store.tell();
    void this.drain();
  }

  /** Does not wait for the back-off: there is a reason to believe that it works now. */
  async hurry(): Promise<void> {
    for (const sending of await this.#store.outbox(this.#account))
      if (sending.notBefore) await this.#store.note({ ...sending, notBefore: 0 });
    await this.drain();
  }

  /** Takes back what has not gone out. What may have reached the server stays, or it could appear twice. */
  async takeBack(sending: Sending): Promise<boolean> {
    const isBack = await this.#store.takeBack(sending.seq!);
    this.#store.tell();
    return isBack;
  }

  /** Sends everything that waits; one tab at a time. */
  async drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    try {
      await oneTab(() => this.#sendAll());
    } finally {
      this.#draining = false;
      await this.show();
    }
    const [first] = await this.#store.outbox(this.#account);
    clearTimeout(this.#timer);
    if (first && !this.#signedOut) {
      const wait = Math.max(0, first.notBefore - Date.now());
      this.#timer = setTimeout(() => void this.drain(), wait);
    }
  }

  async show(): Promise<void> {
    const waiting = await this.#store.outbox(this.#account);
    this.#events.state({ waiting, unreached: this.#unreached, signedOut: this.#signedOut, slow: this.#slow });
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const [first] = await this.#store.outbox(this.#account);
      if (!first || first.notBefore > Date.now()) return;
      await this.show();
      if (!(await this.#sendOne(first))) return;
    }
  }

  /** @returns whether to go on with the next */
  async #sendOne(given: Sending): Promise<boolean> {
    const ready = await this.#withLinks(given);
    if (typeof ready === "boolean") return ready;
    const sending = { ...ready, body: ready.body ?? bodyOf(ready), tries: ready.tries + 1 };
    // The bytes are kept before they leave: the answer may get lost.
    if (!(await this.#store.note(sending))) return true;
    const slow = setTimeout(() => {
      this.#slow = true;
      void this.show();
    }, SLOW);
    const answer = await call<PostAnswer>(sending.method, sending.path, {
      body: sending.body,
      ...(sending.method === "POST" ? { key: sending.key } : {}),
      ...(sending.version === null ? {} : { version: sending.version }),
    });
    clearTimeout(slow);
    this.#slow = false;
    const meant = repeatedEdit(sending, answer) ?? answer;
    return this.#take(sending, meant, untilOf(meant));
  }

  /** Asks about the links that were added without a connection. @returns whether to go on with the next, if it cannot go */
  async #withLinks(given: Sending): Promise<Sending | boolean> {
    const embeds = (given.content.embeds ?? []) as ({ id: string } | { url: string })[];
    const known: { id: string }[] = [];
    for (const [n, embed] of embeds.entries()) {
      if ("id" in embed) known.push({ id: embed.id });
      else {
        const answer = await call<{ id: string }>("POST", "/api/embeds", { body: { url: embed.url } });
        if (answer.kind !== "done") return this.#noLink(given, n, answer);
        known.push({ id: answer.body.id });
      }
    }
    return given.content.embeds ? { ...given, content: { ...given.content, embeds: known } } : given;
  }

  #noLink(given: Sending, n: number, answer: Exclude<Answer<unknown>, { kind: "done" }>): Promise<boolean> {
    if (answer.kind !== "refused") return this.#take({ ...given, tries: given.tries + 1 }, answer);
    return this.#refused(given, aboutLink(answer.problem, n));
  }

  /** @returns whether to go on with the next */
  async #take(sending: Sending, given: Answer<PostAnswer>, until = 0): Promise<boolean> {
    const answer = given.kind === "done" ? await this.#mark(sending, given.body) : given;
    this.#unreached = answer.kind === "unreached";
    switch (answer.kind) {
      case "done":
        return this.#done({ sending, post: answer.body, until });
      case "refused":
        return this.#refused(sending, answer.problem);
      case "signed-out":
        return this.#signIn();
      case "unreached":
        await this.#store.note({ ...sending, notBefore: Date.now() + waitAfter(sending.tries, answer.retryAfterMs) });
        return false;
    }
  }

  async #mark(sending: Sending, post: PostAnswer): Promise<Answer<PostAnswer>> {
    let answer: Answer<PostAnswer> = { kind: "done", status: 200, body: post };
    for (const { name, on } of sending.marks) {
      answer = await call<PostAnswer>(on ? "PUT" : "DELETE", `${sending.path}/${name}`);
      if (answer.kind !== "done") break;
    }
    return answer;
  }

  async #done(sent: Sent): Promise<true> {
    const { sending, post } = sent;
    this.#signedOut = false;
    await this.#store.sent(sent, sending.status === "undoable" && post.status === "scheduled");
    this.#store.tell();
    if (sending.tab === this.#tab) this.#events.sent(sent);
    else this.#channel?.postMessage(sent);
    return true;
  }

  async #refused(sending: Sending, problem: Problem): Promise<true> {
    const refusal = { text: reasonOf(problem), errors: problem.errors ?? [] };
    const composition = { ...sending.composition, refusal, updatedAt: Date.now() };
    await this.#store.bringBack(sending.seq!, composition);
    this.#store.tell();
    this.#events.returned(composition, problem);
    return true;
  }

  async #signIn(): Promise<boolean> {
    this.#signedOut = true;
    await this.show();
    if (!(await this.#events.signInAgain())) return false;
    this.#signedOut = false;
    return true;
  }

  /** After a sign-in that was put off. */
  async signedIn(): Promise<void> {
    this.#signedOut = false;
    await this.hurry();
  }
}

/** Fixed at the first try: how long ago the reporter pressed is no matter, the seconds to undo begin now. */
function bodyOf({ content, status, publishAt, shared }: Sending): string {
  const when =
    status === "undoable"
      ? { status: "scheduled", publishIn: UNDO_WITHIN }
      : status === "scheduled"
        ? { status, publishAt }
        : status === "keep"
          ? {}
          : { status };
  return JSON.stringify({ ...content, ...when, ...(shared === null ? {} : { shared }) });
}

/** By this page's own clock: the server was asked for seconds. Of those that were running, it says what is left. */
function untilOf(answer: Answer<PostAnswer>): number {
  const { body: post, repeatedAt } = answer.kind === "done" ? answer : {};
  const most = UNDO_WITHIN * 1000;
  const left = repeatedAt && post?.publishAt ? Date.parse(post.publishAt) - repeatedAt - CLOCK_STEP : most;
  return Date.now() + Math.min(Math.max(left, 0), most);
}

/** Longer after each try, and never in step with others who lost the same connection. */
function waitAfter(tries: number, asked: number | null): number {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries - 1, 6));
  return Math.max(asked ?? 0, wait) * (0.75 + Math.random() / 2);
}

/** An edit has no key; one whose answer was lost finds its own work there when it asks again. */
function repeatedEdit({ tries, version, body }: Sending, answer: Answer<PostAnswer>): Answer<PostAnswer> | null {
  if (tries < 2 || answer.kind !== "refused" || answer.problem.status !== 412) return null;
  const current = answer.problem.current as PostAnswer | undefined;
  if (!current || current.version !== (version ?? 0) + 1) return null;
  const sent = Object.entries(JSON.parse(body ?? "{}") as Record<string, unknown>);
  const there: There = { ...current };
  const isThere = sent.every(([name, value]) => (SAME[name] ?? same)(value, there, name));
  return isThere ? { kind: "done", status: 200, body: current, repeatedAt: answer.at } : null;
}

type There = PostAnswer & Record<string, unknown>;
type Compare = (sent: unknown, there: There, name: string) => boolean;

const text = (value: unknown): string => JSON.stringify(value ?? null);
const same: Compare = (sent, there, name) => text(sent) === text(there[name]);
/** As it would be sent: the answer says more of it. */
const sameRequest: Compare = (sent, there, name) => {
  const none = Array.isArray(sent) ? [] : null;
  return text(sent) === text(requestOf(fieldsOf(there))[name] ?? none);
};
const words = (html: string): string => html.replace(/<[^>]*>|\s/g, "");
const ids = (pieces: unknown): string => text(((pieces ?? []) as { id: string }[]).map(({ id }) => id));
const sameIds: Compare = (sent, there, name) => ids(sent) === ids(there[name]);

/** How what was sent is found in the post. */
const SAME: Record<string, Compare> = {
  body: (sent, { body }) => words(String(sent)) === words(body),
  quote: sameRequest,
  authors: sameRequest,
  sources: sameRequest,
  media: sameIds,
  embeds: sameIds,
  correction: (sent, { correction }) => text(sent) === text(correction && { text: correction.text }),
  publishAt: (sent, { publishAt }) => Date.parse(String(sent)) === Date.parse(publishAt ?? ""),
  // It says seconds from a moment that only the server knows.
  publishIn: () => true,
};

async function oneTab(work: () => Promise<void>): Promise<void> {
  // A page that is not served over HTTPS has no locks; keys keep its posts from being doubled all the same.
  if (!("locks" in navigator)) return work();
  await navigator.locks.request("dateline-outbox", work);
}
