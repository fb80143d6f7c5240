import { summaryOf, type Composition } from "./composition.ts";
import type { DraftsStore } from "./drafts-store.ts";
import { button, el, part } from "./elements.ts";
import { replaceRows } from "./place.ts";

const KINDS = { entry: "Entry", quote: "Quote", comment: "Reader’s comment" } as const;

export interface UnfinishedEvents {
  open(composition: Composition): Promise<boolean>;
  /** The one in the composer is not in the list. */
  currentId(): string;
}

/** What else this account has unfinished on this device, in this blog. */
export class UnfinishedList {
  readonly #button: HTMLElement;
  readonly #panel: HTMLElement;
  readonly #store: DraftsStore;
  readonly #where: { account: string; blog: string };
  readonly #events: UnfinishedEvents;
  #drawing = 0;

  constructor(
    form: HTMLElement,
    store: DraftsStore,
    where: { account: string; blog: string },
    events: UnfinishedEvents,
  ) {
    this.#button = part(form, "[data-composer=unfinished-button]");
    this.#panel = part(form, "[data-composer=unfinished]");
    this.#store = store;
    this.#where = where;
    this.#events = events;
    this.#button.addEventListener("click", () => this.#toggle(Boolean(this.#panel.hidden)));
  }

  async draw(): Promise<void> {
    const drawing = ++this.#drawing;
    const all = await this.#store.compositions(this.#where.account, this.#where.blog);
    const elsewhere = await openElsewhere();
    if (drawing !== this.#drawing) return;
    const others = all.filter(({ id }) => id !== this.#events.currentId());
    const count = others.filter(({ discardedAt }) => discardedAt === null).length;
    const isRefused = others.some(({ refusal }) => refusal !== null);
    this.#button.textContent = `${count} unfinished on this device`;
    this.#button.classList.toggle("is-refused", isRefused);
    this.#button.hidden = count === 0 && this.#panel.hidden;
    replaceRows(
      part(this.#panel, "ul"),
      others.map((one) => this.#row(one, elsewhere.has(one.id))),
    );
    if (!others.length) this.#toggle(false);
  }

  #toggle(open: boolean): void {
    this.#panel.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) void this.draw();
  }

  #row(composition: Composition, isElsewhere: boolean): HTMLElement {
    const { fields, base, updatedAt, refusal, discardedAt } = composition;
    const summary = summaryOf(fields);
    const what = base ? `Change to a ${KINDS[fields.kind].toLowerCase()}` : KINDS[fields.kind];
    const when = new Date(updatedAt).toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
    const state = isElsewhere ? "open in another tab" : (refusal?.text ?? "");
    const row = el(
      "li",
      {},
      el(
        "div",
        { class: "unfinished-words" },
        el("p", { class: "unfinished-summary" }, summary),
        el("p", { class: "composer-hint" }, [what, when, state].filter(Boolean).join(" · ")),
      ),
    );
    if (discardedAt !== null) {
      row.classList.add("is-discarded");
      row.append(button("Undo", { class: "composer-quiet" }, () => void this.#mark(composition.id, null)));
    } else if (!isElsewhere) {
      row.append(
        button(
          "Open",
          { class: "composer-quiet", "aria-label": `Open: ${summary}` },
          () => void this.#open(composition),
        ),
        button("Discard", { class: "composer-quiet", "aria-label": `Discard: ${summary}` }, () =>
          this.#mark(composition.id, Date.now()),
        ),
      );
    }
    return row;
  }

  async #open(composition: Composition): Promise<void> {
    if (await this.#events.open(composition)) this.#toggle(false);
    await this.draw();
  }

  /** Not while another tab writes to it: this row may be older than that. */
  async #mark(id: string, discardedAt: number | null): Promise<void> {
    const release = await hold(id);
    if (!release) return this.draw();
    await this.#store.discard(id, discardedAt);
    release();
    this.#store.tell();
  }
}

export const lockOf = (id: string): string => `dateline-composition-${id}`;

/** Ids of what is open in this tab or another. */
async function openElsewhere(): Promise<Set<string>> {
  if (!("locks" in navigator)) return new Set();
  const { held = [] } = await navigator.locks.query();
  const prefix = lockOf("");
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}

/**
 * Makes this tab the one that writes to a composition.
 * @returns what lets go of it; null while another tab has it
 */
export async function hold(id: string): Promise<(() => void) | null> {
  // A page that is not served over HTTPS has no locks.
  if (!("locks" in navigator)) return () => {};
  return new Promise((resolve) => {
    void navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise<void>((release) => resolve(release));
    });
  });
}
