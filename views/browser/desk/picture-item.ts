import { isOnServer } from "./composition.ts";
import { button, el } from "./elements.ts";
import { focalPoint, type FocalPoint } from "./focal-point.ts";
import { addressOf, type Picture } from "./picture.ts";
import type { Uploads, UploadState } from "./uploads.ts";

export interface PictureEvents {
  changed(): void;
  move(item: PictureItem, by: 1 | -1): void;
  remove(item: PictureItem): void;
  announce(words: string): void;
}

/** One picture in the composer: what it looks like, how far it has come, and what is said of it. */
export class PictureItem {
  readonly element: HTMLLIElement;
  picture: Picture;
  state: UploadState | null = null;
  readonly #uploads: Uploads;
  readonly #events: PictureEvents;
  readonly #focus: FocalPoint;
  readonly #title = el("p", { class: "piece-title" });
  readonly #progress = el("progress", { max: 1 });
  readonly #words = el("p", { class: "piece-words" });
  readonly #again: HTMLButtonElement;
  readonly #status: HTMLElement;
  readonly #remove: HTMLButtonElement;
  readonly #earlier: HTMLButtonElement;
  readonly #later: HTMLButtonElement;
  readonly #group: HTMLElement;
  readonly #error = el("p", { class: "field-error" });

  constructor(picture: Picture, uploads: Uploads, events: PictureEvents) {
    this.picture = picture;
    this.#uploads = uploads;
    this.#events = events;
    this.#focus = focalPoint(
      (point) => this.#set({ focalPoint: point }),
      (words) => events.announce(words),
    );
    this.#again = button("Try again", { class: "composer-quiet" }, () => uploads.retry(this.picture.id));
    this.#status = el("div", { class: "picture-status", hidden: true }, this.#progress, this.#words, this.#again);
    this.#remove = button("Remove", { class: "composer-quiet" }, () => events.remove(this));
    this.#earlier = button("Earlier", { class: "composer-quiet" }, () => events.move(this, -1));
    this.#later = button("Later", { class: "composer-quiet" }, () => events.move(this, 1));
    this.#group = el(
      "div",
      { class: "picture", role: "group" },
      this.#focus.element,
      el(
        "div",
        { class: "picture-about" },
        this.#title,
        this.#status,
        this.#field("alt", "Description, for those who cannot see it", 1_000),
        this.#error,
      ),
      el(
        "div",
        { class: "picture-more" },
        this.#field("caption", "Caption", 1_000),
        this.#field("credit", "Credit", 200),
      ),
      el("div", { class: "piece-actions" }, this.#earlier, this.#later, this.#remove),
    );
    this.element = el("li", {}, this.#group);
    this.#focus.set(picture.focalPoint ?? null);
    if (isOnServer(picture)) this.#focus.show(addressOf(picture, 600));
    else void this.#follow();
  }

  /** Whether a post would have to wait for it. */
  get isPending(): boolean {
    return !isOnServer(this.picture) && this.state?.kind !== "refused";
  }

  /** "picture 2, harbour.jpg". */
  get title(): string {
    return this.#group.getAttribute("aria-label") ?? "";
  }

  /** @param n its place, from 0 */
  place(n: number, count: number): void {
    const name = this.picture.name ?? "";
    this.#title.replaceChildren(`Picture ${n + 1}`, name ? el("span", {}, ` ${name}`) : "");
    const title = `Picture ${n + 1}${name ? `, ${name}` : ""}`;
    this.#group.setAttribute("aria-label", title);
    this.#focus.name(`picture ${n + 1}`);
    this.#error.id = `picture-error-${n}`;
    this.#error.dataset.error = `/media/${n}`;
    this.#group.querySelector("textarea")!.setAttribute("aria-describedby", this.#error.id);
    this.#earlier.setAttribute("aria-disabled", String(n === 0));
    this.#later.setAttribute("aria-disabled", String(n === count - 1));
    this.#earlier.hidden = this.#later.hidden = count === 1;
  }

  /** To where something can be done about it. */
  focus(): void {
    if (this.state?.kind === "refused") this.#remove.focus();
    else this.#group.querySelector("textarea")!.focus();
  }

  leave(): void {
    if (!isOnServer(this.picture)) this.#uploads.leave(this.picture.id);
  }

  async #follow(): Promise<void> {
    const { id } = this.picture;
    await this.#uploads.follow(id, (state) => this.#show(state));
    const file = this.#uploads.fileOf(id);
    if (file) void this.#focus.draw(file);
  }

  #show(state: UploadState): void {
    const before = this.state;
    this.state = state;
    if (state.kind === "done") return this.#arrive(state.picture);
    const isMoving = state.kind === "sending" || state.kind === "waiting";
    this.#status.hidden = false;
    this.#group.classList.toggle("is-refused", state.kind === "refused");
    this.#progress.hidden = !isMoving;
    this.#progress.setAttribute("aria-label", `Upload of ${this.picture.name ?? "the picture"}`);
    // Without a value it moves to and fro: how long the server takes, nobody knows.
    if (state.kind === "sending" && state.share < 1) this.#progress.value = state.share;
    else this.#progress.removeAttribute("value");
    this.#words.textContent = wordsFor(state);
    this.#again.hidden = isMoving || (state.kind === "refused" && !state.canRetry);
    this.#remove.textContent = state.kind === "refused" ? "Remove" : "Cancel";
    if (state.kind === before?.kind) return;
    if (state.kind === "refused") this.#events.announce(`${this.title}: ${state.reason}`);
    // Whoever waits for it learns of it.
    this.#events.changed();
  }

  /** What was written about it meanwhile stays. */
  #arrive(sent: Picture): void {
    const { alt, caption, credit, focalPoint } = this.picture;
    const { name: _name, ...known } = { ...sent, alt, caption, credit, focalPoint };
    const title = this.title;
    this.picture = known;
    this.#status.hidden = true;
    this.#remove.textContent = "Remove";
    this.#focus.show(addressOf(known, 600));
    this.#events.announce(`${title}: uploaded.`);
    this.#events.changed();
  }

  #field(name: "alt" | "caption" | "credit", label: string, most: number): HTMLElement {
    const input = el(name === "credit" ? "input" : "textarea", {
      maxlength: most,
      "data-picture": name,
      rows: name === "credit" ? null : 1,
      autocapitalize: "sentences",
      required: name === "alt",
      "aria-required": name === "alt" ? "true" : null,
    });
    input.value = this.picture[name];
    input.addEventListener("input", () => this.#set({ [name]: input.value.replace(/\s+/g, " ").trim() }));
    input.addEventListener("keydown", (event) => {
      // One line each; and no post goes out because of it.
      if ((event as KeyboardEvent).key === "Enter") event.preventDefault();
    });
    return el("label", { class: `composer-field picture-${name}` }, el("span", {}, label), input);
  }

  #set(change: Partial<Picture>): void {
    Object.assign(this.picture, change);
    this.#events.changed();
  }
}

function wordsFor(state: Exclude<UploadState, { kind: "done" }>): string {
  switch (state.kind) {
    case "waiting":
      return navigator.onLine ? "Waiting for its turn" : "No connection. It goes on by itself.";
    case "sending":
      return state.share < 1 ? `Uploading, ${Math.floor(state.share * 100)} %` : "Making its sizes …";
    case "unreached":
      return navigator.onLine
        ? "The newsroom does not answer. It is tried again."
        : "No connection. It goes on by itself.";
    case "signed-out":
      return "Your session has ended. Sign in again, and it goes on.";
    case "refused":
      return state.reason;
  }
}
