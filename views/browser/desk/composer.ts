import { call, type Problem } from "./api.ts";
import {
  baseOf,
  changesOf,
  fieldsOf,
  isBlank,
  marksOf,
  missingFrom,
  newComposition,
  requestOf,
  summaryOf,
  type Base,
  type Composition,
  type Fields,
  type Kind,
  type PostAnswer,
  type Refusal,
} from "./composition.ts";
import { openForm, type ComposerForm } from "./composer-form.ts";
import { DraftsStore, type Sending } from "./drafts-store.ts";
import { isDialogOpen, part, takesText } from "./elements.ts";
import { later } from "./later.ts";
import { Outbox } from "./outbox.ts";
import { showOutbox } from "./outbox-strip.ts";
import type { Hooks, Pending, PieceSlot } from "./pieces.ts";
import { SentStrips } from "./sent-strips.ts";
import { keepsSingleKeys, publishesAtOnce, tabId } from "./settings.ts";
import { SignInAgain } from "./sign-in-again.ts";
import { undoTold } from "./tell.ts";
import { hold, UnfinishedList } from "./unfinished-list.ts";
import type { Way } from "./ways.ts";

/** The composer, for the modules beside it. */
export interface Composer {
  readonly media: PieceSlot;
  readonly embeds: PieceSlot;
  /** For the modules beside it to take over. */
  readonly hooks: Hooks;
  /** Asked before a post goes out: what is still missing, or null. */
  readonly checks: ((fields: Fields, isForReaders: boolean) => Refusal | null)[];
  readonly store: DraftsStore;
  announce(words: string): void;
  /** @returns whether the same person is signed in again */
  signInAgain(): Promise<boolean>;
  compose(kind: Kind): void;
  edit(post: PostAnswer): Promise<void>;
  /** What the composer holds at this moment. */
  current(): { id: string; postId: string | null };
  /** Asks for the password in place; whether the same person is signed in again. What waits goes out then. */
  signIn(): Promise<boolean>;
}

/**
 * Brings the composer to life. What is in it is always on the device; `dateline:edit-post` opens a post in it.
 * @param root the section of the page, with the partial `desk/composer` in it
 * @param desk the element whose data say which blog this is, and who is writing
 */
export async function startComposer(root: HTMLElement, desk: HTMLElement): Promise<Composer> {
  const blog = desk.dataset.blog!;
  const me = {
    id: desk.dataset.myId!,
    name: document.querySelector(".desk-person-name")?.textContent.trim() ?? "",
    publish: mayPublish(),
    closed: isClosed(),
  };
  const live = part(root, "[data-composer=live]");
  const schedule = () => import("./schedule-dialog.ts");
  // At hand when it is asked for, also without a connection.
  void schedule().catch(() => {});
  const announce = (words: string): void => void (live.textContent = words);
  const signIn = new SignInAgain(part<HTMLDialogElement>(root, "[data-composer=sign-in]"), me);
  const store = new DraftsStore(() => notKept());
  const strips = new SentStrips(part(root, "[data-composer=sent]"), store, {
    announce,
    signInAgain: () => signIn.ask(),
    undone: (sending, post) => void bringBack(sending, post),
  });
  const outbox = new Outbox(
    store,
    { account: me.id, tab: tabId() },
    {
      state: (state) =>
        showOutbox(root, state, { outbox, opened: (one) => void open(one), signIn: () => signIn.ask() }),
      sent: (sent) => strips.show(sent),
      returned: (composition, problem) => void returned(composition, problem),
      signInAgain: () => signIn.ask(),
    },
  );

  let current = newComposition(me.id, blog, "entry");
  let release: (() => void) | null = null;
  /** The latest attempt to put what was typed on the device. */
  let keeping = {};
  const hooks: Hooks = {
    takeFiles: () => false,
    takeAddress: () => false,
    chooseFiles: () => {},
    pending: () => null,
  };
  /** The post that goes out by itself once nothing is pending. */
  let waiting: object | null = null;
  const checks: Composer["checks"] = [];
  const form: ComposerForm = openForm(root, {
    blog,
    rights: me,
    announce,
    changed,
    hooks,
    send: (way) => void send(way),
    leave: () => void leave(),
  });
  const unfinished = new UnfinishedList(
    form.element,
    store,
    { account: me.id, blog },
    {
      open,
      currentId: () => current.id,
    },
  );

  await store.open();
  store.watch(() => {
    void unfinished.draw();
    void outbox.show();
  });
  await restore();
  form.ready();
  listen();
  void strips.resume(me.id, ({ blog: of, tab }) => of === blog && tab === tabId());
  void outbox.drain();

  return {
    ...form.slots,
    hooks,
    checks,
    store,
    announce,
    signInAgain: () => signIn.ask(),
    compose,
    edit,
    current: () => ({ id: current.id, postId: current.base?.id ?? null }),
    async signIn() {
      const isBack = await signIn.ask();
      if (isBack) await outbox.signedIn();
      return isBack;
    },
  };

  /** After every key: it is on the device before anybody could lose it. */
  function changed(): void {
    form.read(current.fields);
    current.updatedAt = Date.now();
    if (current.refusal) {
      current.refusal = null;
      form.refuse(null);
    }
    form.reflect(current);
    void keep();
  }

  /** What the page says of it is true: the words come once the device has what was typed last. */
  async function keep(): Promise<void> {
    const mine = (keeping = {});
    const isGone = isBlank(current);
    form.showKept(isGone ? "nothing" : "not-yet");
    await (isGone ? store.forget(current.id) : store.keep(current));
    if (keeping === mine) form.showKept(isGone || !store.isKept ? "nothing" : "yes");
  }

  /** The latest that no other tab has open; after a reload, the one that this tab had. */
  async function restore(): Promise<void> {
    const mine = sessionStorage.getItem(CURRENT);
    const all = (await store.compositions(me.id, blog)).filter(({ discardedAt }) => discardedAt === null);
    all.sort((one, other) => Number(other.id === mine) - Number(one.id === mine));
    for (const composition of all) {
      if (!(await take(composition))) continue;
      form.notice(`Restored: what you were writing ${ago(composition.updatedAt)}.`, "Start afresh", () =>
        compose("entry"),
      );
      return;
    }
    await take(current, true);
  }

  /**
   * Makes it the one in the composer, as it is on the device now.
   * @returns false while another tab has it, or when another tab sent it
   */
  async function take(composition: Composition, isNew = false): Promise<boolean> {
    const held = await hold(composition.id);
    if (!held) return false;
    const now = isNew ? composition : await store.composition(composition.id);
    if (now) place({ ...now, discardedAt: null }, held);
    else held();
    return now !== null;
  }

  /** A new one. No other tab can have it, and what is typed from this moment on belongs to it. */
  function begin(kind: Kind): void {
    const next = newComposition(me.id, blog, kind);
    place(next, null);
    void hold(next.id).then((held) => {
      if (current.id === next.id) release = held;
      else held?.();
    });
  }

  function place(composition: Composition, held: (() => void) | null): void {
    release?.();
    release = held;
    current = composition;
    sessionStorage.setItem(CURRENT, current.id);
    form.show(current);
    keeping = {};
    form.showKept(isBlank(current) || !store.isKept ? "nothing" : "yes");
    desk.dispatchEvent(new CustomEvent("dateline:composing", { detail: { postId: current.base?.id ?? null } }));
    void unfinished.draw();
  }

  async function open(composition: Composition, isNew = false): Promise<boolean> {
    form.notice(null);
    if (composition.id === current.id) {
      form.focus();
      return true;
    }
    const before = current;
    if (!(await take(composition, isNew))) {
      const isThere = (await store.composition(composition.id)) !== null;
      form.notice(isThere ? "That one is open in another tab." : "That one was finished in another tab.");
      return false;
    }
    if (!isBlank(before)) form.notice(`What you were writing is kept: ${summaryOf(before.fields)}`);
    form.focus();
    return true;
  }

  /** A new one; what is being written stays unfinished. */
  function compose(kind: Kind): void {
    const before = current;
    if (isBlank(before) && !before.base) {
      if (before.fields.kind !== kind) {
        before.fields.kind = kind;
        form.show(before);
      }
    } else {
      form.notice(null);
      begin(kind);
      if (!isBlank(before)) form.notice(`What you were writing is kept: ${summaryOf(before.fields)}`);
    }
    form.focus();
  }

  async function edit(post: PostAnswer): Promise<void> {
    const begun = (await store.compositions(me.id, blog)).find(
      ({ base, discardedAt }) => base?.id === post.id && discardedAt === null,
    );
    const isHere = current.base?.id === post.id && !isBlank(current);
    if (isHere || begun) return void (await open(isHere ? current : begun!));
    const base = baseOf(post);
    await open({ ...newComposition(me.id, blog, post.kind), fields: structuredClone(base.fields), base }, true);
  }

  async function leave(): Promise<void> {
    const { id } = current;
    begin("entry");
    form.notice(null);
    form.focus();
    await store.forget(id);
    void unfinished.draw();
  }

  async function send(way: Way): Promise<void> {
    form.read(current.fields);
    const isForReaders = way !== "draft" && way !== "share";
    const refusal =
      missingFrom(current.fields) ??
      checks.map((check) => check(current.fields, isForReaders)).find((found) => found !== null);
    if (refusal) return form.refuse(refusal);
    const pending = hooks.pending();
    if (pending) return sendAfter(pending, way);
    let publishAt: Date | null = null;
    if (way === "schedule") {
      const start = startOf(current.base);
      publishAt = (await later(schedule, ({ askWhen }) => askWhen(form.scheduleDialog, timeZone(), start))) ?? null;
      if (!publishAt) return form.focus();
    }
    const sending = sendingOf(current, way, publishAt);
    // The next line can be written at once.
    begin("entry");
    form.notice(null);
    form.focus();
    await outbox.add(sending);
  }

  /** Waits where everybody sees it, and can be told not to. What was changed meanwhile is not sent unasked. */
  async function sendAfter({ words, done }: Pending, way: Way): Promise<void> {
    const token = (waiting = {});
    const { id } = current;
    const written = wordsIn(current.fields);
    form.refuse(null);
    form.notice(`${words} The post goes out when that is done.`, "Do not wait", () => (waiting = null));
    await done;
    if (waiting !== token || current.id !== id) return;
    waiting = null;
    form.notice(null);
    if (wordsIn(current.fields) === written) return send(way);
    form.notice("Everything is uploaded. You went on writing: send it when it is ready.");
  }

  function sendingOf(composition: Composition, way: Way, publishAt: Date | null): Sending {
    const { base, fields } = composition;
    const posts = `/api/blogs/${blog}/posts`;
    return {
      key: crypto.randomUUID(),
      account: me.id,
      blog,
      tab: tabId(),
      method: base ? "PATCH" : "POST",
      path: base ? `${posts}/${base.id}` : posts,
      version: base?.version ?? null,
      content: base ? changesOf(fields, base) : requestOf(fields),
      marks: base ? marksOf(fields, base) : [],
      status: STATUSES[way === "publish" && publishesAtOnce() ? "now" : way],
      publishAt: publishAt?.toISOString() ?? null,
      shared: way === "share" ? true : way === "draft" ? false : null,
      body: null,
      tries: 0,
      notBefore: 0,
      composition: structuredClone(composition),
    };
  }

  /** It was called back within its seconds: a draft on the server, and the text here again. */
  async function bringBack({ composition }: Sending, post: PostAnswer): Promise<void> {
    const back = { ...composition, id: crypto.randomUUID(), base: baseOf(post), updatedAt: Date.now() };
    await store.keep(back);
    await open(back);
    form.notice("Called back: readers have not seen it.");
  }

  async function returned(composition: Composition, problem: Problem): Promise<void> {
    const theirs = problem.status === 412 ? (problem.current as PostAnswer | undefined) : undefined;
    if (theirs && composition.base) return conflict(composition, theirs);
    if (isBlank(current)) await open(composition);
    else form.notice(`Not published: ${composition.refusal?.text}`, "Open it", () => void open(composition));
    announce(composition.refusal?.text ?? "");
  }

  /** Somebody changed the post meanwhile: whoever listens shows both; nothing of either is lost. */
  async function conflict(mine: Composition, theirs: PostAnswer): Promise<void> {
    if (isBlank(current)) await open(mine);
    const settle = async (keep: "mine" | "theirs"): Promise<void> => {
      const base = baseOf(theirs);
      const fields = keep === "mine" ? mine.fields : structuredClone(base.fields);
      const settled = { ...mine, fields, base, refusal: null, updatedAt: Date.now() };
      const isHere = current.id === mine.id;
      // At once, so that whoever saves in the same moment saves this, and is not led away from the button.
      if (isHere) {
        current = settled;
        form.show(current);
        form.focus();
      }
      await store.keep(settled);
      if (!isHere) await open(settled);
    };
    const event = new CustomEvent("dateline:conflict", {
      cancelable: true,
      detail: { mine, theirs, settle },
    });
    if (desk.dispatchEvent(event)) form.showConflict(mine.fields, fieldsOf(theirs), settle);
  }

  function mayPublish(): boolean {
    return (desk.dataset.rights ?? "").split(" ").includes("publish");
  }

  function isClosed(): boolean {
    return document.getElementById("desk-header")?.dataset.state === "closed";
  }

  function listen(): void {
    // A role was given or taken, or the blog was closed or reopened, while somebody writes.
    desk.addEventListener("dateline:rights", () => {
      Object.assign(me, { publish: mayPublish(), closed: isClosed() });
      form.reflect(current);
    });
    desk.addEventListener("dateline:edit-post", (event) => {
      const { detail } = event as CustomEvent<PostAnswer | { id: string }>;
      void ("version" in detail ? edit(detail) : editById(detail.id));
    });
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
      if (!keepsSingleKeys() || isDialogOpen()) return;
      const kind = ({ n: "entry", q: "quote", c: "comment" } as const)[event.key];
      if (kind) compose(kind);
      else if (event.key === "?") form.help();
      else if (event.key !== "u" || !(strips.undoLatest() || undoTold())) return;
      event.preventDefault();
    });
    // What is only in memory goes with the page.
    addEventListener("beforeunload", (event) => {
      if (!store.isKept && !isBlank(current)) event.preventDefault();
    });
  }

  /** As it is now, and not as the page has it. */
  async function editById(id: string): Promise<void> {
    const answer = await call<PostAnswer>("GET", `/api/blogs/${blog}/posts/${id}`);
    if (answer.kind === "done") return edit(answer.body);
    if (answer.kind === "signed-out" && (await signIn.ask())) return editById(id);
    form.notice(
      answer.kind === "refused" ? "This post cannot be edited any more." : "No connection: try again in a moment.",
    );
  }

  function notKept(): void {
    const alarm = part(root, "[data-composer=not-kept]");
    alarm.hidden = false;
    alarm.textContent =
      "This browser keeps nothing on this device, as in a private window. What you write is lost if this page is closed.";
  }

  /** Of the newsroom; the header has it, also when an editor changes it. */
  function timeZone(): string {
    return document.getElementById("desk-header")?.dataset.timeZone ?? "UTC";
  }
}

/** In sessionStorage: which composition this tab has open. */
const CURRENT = "dateline-composition";

const STATUSES: Record<Way, Sending["status"]> = {
  publish: "undoable",
  now: "published",
  schedule: "scheduled",
  draft: "draft",
  share: "draft",
  submit: "submitted",
  save: "keep",
};

/** Milliseconds ahead of now that the schedule's fields begin with. */
const AN_HOUR = 3_600_000;

const wordsIn = ({ media: _media, embeds: _embeds, ...words }: Fields): string => JSON.stringify(words);

function startOf(base: Base | null): Date {
  if (base?.publishAt) return new Date(base.publishAt);
  const at = new Date(Date.now() + AN_HOUR);
  at.setSeconds(0, 0);
  return at;
}

function ago(at: number): string {
  const time = new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? `at ${time}` : `on ${new Date(at).toLocaleDateString("en-GB", { weekday: "long" })} at ${time}`;
}
