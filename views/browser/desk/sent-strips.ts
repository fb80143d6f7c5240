import { call, reasonOf, type Answer, type Problem } from "./api.ts";
import { summaryOf, type PostAnswer } from "./composition.ts";
import type { DraftsStore, Sending, Sent } from "./drafts-store.ts";
import { button, el, removeAfter } from "./elements.ts";
import { UNDO_WITHIN } from "./outbox.ts";

/** Milliseconds for which what was done is said. */
const SAID_FOR = 5_000;
/** How often the server is asked whether it is out, and milliseconds between. */
const ASK_TIMES = 12;
const ASK_EVERY = 700;

export interface StripEvents {
  /** The post is a draft again. */
  undone(sending: Sending, post: PostAnswer): void;
  signInAgain(): Promise<boolean>;
  announce(words: string): void;
}

interface Waiting {
  readonly key: string;
  readonly undo: () => Promise<void>;
}

/** What was just sent: a countdown with the ways out of it, then a word that it is out. */
export class SentStrips {
  readonly #list: HTMLElement;
  readonly #store: DraftsStore;
  readonly #events: StripEvents;
  /** The latest last. */
  readonly #waiting: Waiting[] = [];

  constructor(list: HTMLElement, store: DraftsStore, events: StripEvents) {
    this.#list = list;
    this.#store = store;
    this.#events = events;
  }

  show(sent: Sent): void {
    const { sending, post } = sent;
    if (this.#waiting.some(({ key }) => key === sending.key)) return;
    if (sending.status === "undoable" && post.status === "scheduled") this.#countDown(sent);
    else this.say(wordsFor(sending, post), post.status === "published" ? post.url : null);
  }

  /** After the page was loaded anew: what can still be called back. */
  async resume(account: string, isOurs: (sending: Sending) => boolean): Promise<void> {
    for (const sent of await this.#store.undoable(account)) if (isOurs(sent.sending)) this.show(sent);
  }

  /** @returns whether there was something to undo */
  undoLatest(): boolean {
    const latest = this.#waiting.at(-1);
    void latest?.undo();
    return latest !== undefined;
  }

  say(words: string, link: string | null = null): void {
    const strip = el("li", { class: "sent-strip" }, el("p", {}, words));
    if (link) strip.append(el("a", { href: link, target: "_blank" }, "See it"));
    this.#list.append(strip);
    this.#events.announce(words);
    removeAfter(strip, SAID_FOR);
  }

  #countDown({ sending, post, until }: Sent): void {
    const words = el("p", {});
    const bar = el("progress", { max: UNDO_WITHIN, "aria-hidden": "true" });
    const undoButton = button("Undo", { class: "sent-undo", "aria-keyshortcuts": "u" }, () => void undo());
    const nowButton = button("Publish now", { class: "sent-now" }, () => void publishNow());
    const summary = summaryOf(sending.composition.fields);
    const strip = el("li", { class: "sent-strip is-waiting" }, words, undoButton, nowButton, bar);
    const due = performance.now() + until - Date.now();
    const waiting: Waiting = { key: sending.key, undo: () => undo() };
    this.#waiting.push(waiting);
    this.#list.append(strip);
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    this.#events.announce(`Goes out in ${seconds} seconds: ${summary}. Press u to undo.`);
    let busy = false;
    const timer = setInterval(tick.bind(this), 250);
    tick.call(this);

    function tick(this: SentStrips): void {
      const left = due - performance.now();
      bar.value = Math.max(0, left / 1000);
      if (busy) return;
      if (left <= 0) {
        setBusy(true, "Going out …");
        void this.#hasGoneOut(post).then((is) =>
          this.#end(
            strip,
            waiting,
            timer,
            is ? `Published: ${summary}` : `Not seen to go out yet: ${summary}`,
            post.url,
          ),
        );
        return;
      }
      words.textContent = `Out in ${Math.ceil(left / 1000)} s`;
    }

    const undo = async (): Promise<void> => {
      if (busy) return;
      setBusy(true, "Calling it back …");
      const answer = await this.#change(post, { status: "draft" });
      const back = answer.kind === "done" ? answer.body : answer.kind === "refused" ? calledBack(post, answer) : null;
      if (back) {
        this.#end(strip, waiting, timer, null, null);
        this.#events.announce("Called back. The text is in the composer again.");
        return this.#events.undone(sending, back);
      }
      if (answer.kind === "refused") {
        const isOut = await this.#isOut(post, answer.problem);
        const words = isOut ? "Too late to undo: it is out. Edit it, or take it down." : notDone("called back", answer);
        return this.#end(strip, waiting, timer, words, isOut ? post.url : null);
      }
      if (answer.kind === "signed-out" && (await this.#events.signInAgain())) return undoAgain();
      setBusy(false, "");
      if (performance.now() < due) this.#events.announce("The newsroom cannot be reached. Try again.");
    };
    const undoAgain = (): Promise<void> => {
      setBusy(false, "");
      return undo();
    };

    const publishNow = async (): Promise<void> => {
      if (busy) return;
      setBusy(true, "Publishing …");
      const answer = await this.#change(post, { status: "published" });
      if (answer.kind === "done" || answer.kind === "refused") {
        const isOut = answer.kind === "done" || (await this.#isOut(post, answer.problem));
        const words = answer.kind === "done" || isOut ? `Published: ${summary}` : notDone("published now", answer);
        return this.#end(strip, waiting, timer, words, isOut ? post.url : null);
      }
      const isBack = answer.kind === "signed-out" && (await this.#events.signInAgain());
      setBusy(false, "");
      if (isBack) return publishNow();
      if (performance.now() < due) this.#events.announce("The newsroom cannot be reached. Try again.");
    };

    function setBusy(is: boolean, say: string): void {
      busy = is;
      // Disabled ones would lose the focus.
      undoButton.ariaDisabled = nowButton.ariaDisabled = is ? "true" : null;
      if (say) words.textContent = say;
    }
  }

  /** Whether it is out all the same, when something about it was refused. */
  async #isOut(post: PostAnswer, { current }: Problem): Promise<boolean> {
    const now = current as PostAnswer | undefined;
    return now ? now.status === "published" : this.#hasGoneOut(post);
  }

  /** The server publishes it, to the second; this says only what is so. */
  async #hasGoneOut(post: PostAnswer): Promise<boolean> {
    for (let tries = 0; tries < ASK_TIMES; tries++) {
      const answer = await call<PostAnswer>("GET", apiPathOf(post));
      if (answer.kind === "refused") return false;
      if (answer.kind === "done" && answer.body.status !== "scheduled") return answer.body.status === "published";
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
    return false;
  }

  #change(post: PostAnswer, body: object) {
    // posts/:id of the API, beside the blog that its page belongs to.
    return call<PostAnswer>("PATCH", apiPathOf(post), { version: post.version, body });
  }

  #end(strip: HTMLElement, waiting: Waiting, timer: number, words: string | null, link: string | null): void {
    clearInterval(timer);
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    void this.#store.forgetSent(waiting.key);
    const hadFocus = strip.contains(document.activeElement);
    strip.remove();
    if (words !== null) this.say(words, link);
    if (hadFocus) document.querySelector<HTMLElement>(".composer-text")?.focus();
  }
}

type Refused = Extract<Answer<PostAnswer>, { kind: "refused" }>;

/** The post, when an earlier try called it back and its answer was lost. */
function calledBack(post: PostAnswer, { problem }: Refused): PostAnswer | null {
  const current = problem.current as PostAnswer | undefined;
  return current?.status === "draft" && current.version === post.version + 1 ? current : null;
}

const notDone = (what: string, { problem }: Refused): string => `Not ${what}: ${reasonOf(problem)}`;

/** `…/blogs/<slug>/posts/<id>` is the same with /api before it. */
const apiPathOf = ({ url }: PostAnswer): string => `/api${new URL(url).pathname}`;

function wordsFor({ status, composition, shared }: Sending, post: PostAnswer): string {
  const summary = summaryOf(composition.fields);
  if (composition.base?.status === "published") return `Changed: ${summary}`;
  if (post.status === "published") return `Published: ${summary}`;
  if (post.status === "submitted") return `Sent for approval: ${summary}`;
  if (post.status === "scheduled") return `Scheduled: ${summary}`;
  if (status === "draft")
    return shared ? `Kept as a draft that the desk sees: ${summary}` : `Kept as your draft: ${summary}`;
  return `Kept: ${summary}`;
}
