import { isOnServer, type Piece } from "./composition.ts";
import { button, el } from "./elements.ts";

/** A link of a post: as the API shows it, or only its address. */
export interface Link extends Piece {
  url: string;
  kind?: "player" | "card" | "link";
  title?: string | null;
  description?: string | null;
  author?: string | null;
  siteName?: string | null;
  picture?: { url: string; width: number; height: number } | null;
}

export interface LinkEvents {
  move(item: LinkItem, by: 1 | -1): void;
  remove(item: LinkItem): void;
  again(item: LinkItem): void;
}

type State = "asking" | "plain" | "refused" | "found";

const SHOWN_AS = {
  player: "Shown as a player, which is loaded when a reader asks for it",
  card: "Shown as a card",
  link: "Shown as a plain link",
};

/** One link in the composer, as the card that readers will see. */
export class LinkItem {
  readonly element = el("li");
  link: Link;
  state: State;
  /** Why it cannot be shown. */
  reason = "";
  readonly #group = el("div", { class: "link-piece", role: "group" });
  readonly #card = el("div", { class: "link-card" });
  readonly #words = el("p", { class: "piece-words" });
  readonly #error = el("p", { class: "field-error" });
  readonly #again: HTMLButtonElement;
  readonly #earlier: HTMLButtonElement;
  readonly #later: HTMLButtonElement;

  constructor(link: Link, { move, remove, again }: LinkEvents) {
    this.link = link;
    this.state = isOnServer(link) ? "found" : "plain";
    this.#again = button("Ask again", { class: "composer-quiet" }, () => again(this));
    this.#earlier = button("Earlier", { class: "composer-quiet" }, () => move(this, -1));
    this.#later = button("Later", { class: "composer-quiet" }, () => move(this, 1));
    const removal = button("Remove", { class: "composer-quiet" }, () => remove(this));
    const actions = el("div", { class: "piece-actions" }, this.#earlier, this.#later, this.#again, removal);
    this.#group.append(this.#card, this.#words, this.#error, actions);
    this.element.append(this.#group);
    this.#draw();
  }

  get title(): string {
    return this.link.title ?? shortAddress(this.link.url);
  }

  found(link: Link): void {
    this.link = link;
    this.show("found");
  }

  show(state: State, reason = ""): void {
    this.state = state;
    this.reason = reason;
    this.#draw();
  }

  /** @param n its place, from 0 */
  place(n: number, count: number): void {
    this.#group.setAttribute("aria-label", `Link card ${n + 1}, ${this.title}`);
    this.#error.dataset.error = `/embeds/${n}`;
    this.#earlier.setAttribute("aria-disabled", String(n === 0));
    this.#later.setAttribute("aria-disabled", String(n === count - 1));
    this.#earlier.hidden = this.#later.hidden = count === 1;
  }

  #draw(): void {
    const { url, description, siteName, author, picture } = this.link;
    const host = new URL(url).hostname.replace(/^www\./, "");
    const source = [siteName ?? host, author !== this.link.title ? author : null].filter(Boolean).join(" · ");
    this.#card.replaceChildren(
      ...(picture ? [el("img", { src: picture.url, alt: "", width: picture.width, height: picture.height })] : []),
      el(
        "div",
        { class: "link-words" },
        el("p", { class: "link-source" }, source),
        el(
          "p",
          { class: "link-title" },
          el("a", { href: url, target: "_blank", rel: "noopener nofollow" }, this.title),
        ),
        description ? el("p", { class: "link-description" }, description) : null,
      ),
    );
    this.#words.textContent = this.#said();
    this.#words.classList.toggle("is-refused", this.state === "refused");
    this.#again.hidden = this.state !== "plain";
  }

  #said(): string {
    if (this.state === "asking") return `${SHOWN_AS.link}; asking ${new URL(this.link.url).hostname} for more …`;
    if (this.state === "plain") return `${SHOWN_AS.link} unless more is known by the time it goes out.`;
    return this.state === "refused" ? this.reason : `${SHOWN_AS[this.link.kind ?? "link"]}.`;
  }
}

function shortAddress(url: string): string {
  const { hostname, pathname, search } = new URL(url);
  const address = `${hostname.replace(/^www\./, "")}${pathname === "/" ? "" : pathname}${search}`;
  return address.length > 90 ? `${address.slice(0, 88)}…` : address;
}
