import { isSlug, warn } from "./frame.ts";

/** Milliseconds between two questions; after a failure longer and longer, and rarely for a story that has ended. */
const EVERY = 30_000;
const LONGEST = 10 * 60_000;
const PATIENCE = 10_000;

const STYLE = `:host{display:block}ol{margin:0;padding:0;list-style:none}li{padding:.3em 0}a{color:inherit;text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}time{margin-inline-end:.6em;opacity:.75;font-variant-numeric:tabular-nums}`;

interface Line {
  title: string;
  url: string;
  time: string;
  publishedAt: string;
}

/** Makes `<dateline-latest>` known, once however many scripts a page has. @param home where those without a src ask */
export function defineLatest(home: string): void {
  if (customElements.get("dateline-latest")) return;
  customElements.define("dateline-latest", latestLines(home));
}

/**
 * `<dateline-latest blog="…" count="3">`: the newest lines of a story, as text. It asks only while it can be seen, keeps
 * its place free from the beginning, and goes when the story is gone.
 */
const latestLines = (home: string) =>
  class extends HTMLElement {
    #list = document.createElement("ol");
    #shown = "";
    #wait = EVERY;
    #timer = 0;
    #due = 0;
    #look = (): void => void (document.hidden || Date.now() < this.#due || this.#ask());

    connectedCallback(): void {
      const root = this.shadowRoot ?? this.#furnish();
      if (!isSlug(this.getAttribute("blog") ?? "")) return warn("blog", this.getAttribute("blog") ?? "");
      this.#list.style.minHeight = `${this.#count() * 2}em`;
      root.append(this.#list);
      document.addEventListener("visibilitychange", this.#look);
      this.#look();
    }

    disconnectedCallback(): void {
      clearTimeout(this.#timer);
      document.removeEventListener("visibilitychange", this.#look);
      this.#due = 0;
    }

    #furnish(): ShadowRoot {
      const root = this.attachShadow({ mode: "open" });
      // Not a style element, which the page's own policy may forbid.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      this.#list.setAttribute("part", "list");
      return root;
    }

    #count(): number {
      const given = Number(this.getAttribute("count") ?? 3);
      return Number.isInteger(given) && given >= 1 && given <= 10 ? given : 3;
    }

    async #ask(): Promise<void> {
      clearTimeout(this.#timer);
      this.#due = Date.now() + this.#wait;
      try {
        const address = `/blogs/${this.getAttribute("blog")}/latest.json?count=${this.#count()}`;
        const response = await fetch(new URL(address, this.getAttribute("src") ?? home).href, {
          // Asks whether it is still so, and mostly gets a 304.
          cache: "no-cache",
          credentials: "omit",
          signal: AbortSignal.timeout(PATIENCE),
        });
        if (response.status === 404 || response.status === 410) return this.remove();
        if (!response.ok) throw new Error(String(response.status));
        const { blog, posts } = (await response.json()) as { blog: { state: string; language: string }; posts: Line[] };
        this.#show(posts, blog.language);
        this.#wait = blog.state === "live" ? EVERY : LONGEST;
      } catch {
        this.#wait = Math.min(LONGEST, this.#wait * 2);
      }
      this.#due = Date.now() + this.#wait;
      if (this.isConnected) this.#timer = setTimeout(() => this.#again(), this.#wait);
    }

    #again(): void {
      this.#due = 0;
      this.#look();
    }

    #show(posts: Line[], language: string): void {
      const now = JSON.stringify(posts);
      if (now === this.#shown) return;
      this.#shown = now;
      this.#list.lang = language;
      this.#list.replaceChildren(...posts.filter(({ url }) => /^https?:\/\//.test(url)).map(lineOf));
    }
  };

function lineOf({ title, url, time, publishedAt }: Line): HTMLElement {
  const item = made("li", "item");
  const link = made("a", "link");
  const at = made("time", "time", time);
  link.href = url;
  at.dateTime = publishedAt;
  link.append(at, " ", made("span", "headline", title));
  item.append(link);
  return item;
}

/** @param part what the page's stylesheet calls it by */
function made<T extends keyof HTMLElementTagNameMap>(tag: T, part: string, text = ""): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  element.setAttribute("part", part);
  element.textContent = text;
  return element;
}
