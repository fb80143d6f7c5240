import { call } from "./api.ts";
import { el } from "./elements.ts";

export interface Choice {
  readonly label: string;
  readonly hint?: string;
  choose(): void;
}

export interface PickOptions {
  readonly input: HTMLInputElement;
  readonly list: HTMLElement;
  /** An empty answer hides the list. */
  find(query: string, signal: AbortSignal): Promise<Choice[]>;
  /** Enter or a comma with nothing chosen; takes what stands in the field. */
  take?(text: string): void;
  /** Backspace in the empty field. */
  back?(): void;
  /** Whether to look as soon as the field is entered. */
  eager?: boolean;
}

/** Milliseconds of no typing before the server is asked. */
const PAUSE = 150;

/** A field with a list of what is found for it: people, tags, comments. */
export function pickField({ input, list, find, take, back, eager = false }: PickOptions): void {
  let choices: Choice[] = [];
  let at = -1;
  let timer = 0;
  let asking: AbortController | null = null;

  input.addEventListener("input", () => look(PAUSE));
  input.addEventListener("focus", () => eager && look(0));
  input.addEventListener("blur", () => {
    close();
    if (input.value.trim()) take?.(input.value.trim());
  });
  input.addEventListener("keydown", key);

  function look(pause: number): void {
    clearTimeout(timer);
    asking?.abort();
    const query = input.value.trim();
    if (!query && !eager) return close();
    timer = setTimeout(() => void ask(query, (asking = new AbortController())), pause);
  }

  async function ask(query: string, { signal }: AbortController): Promise<void> {
    const found = await find(query, signal).catch(() => []);
    if (signal.aborted || document.activeElement !== input) return;
    choices = found;
    list.replaceChildren(...choices.map(option));
    list.hidden = choices.length === 0;
    input.setAttribute("aria-expanded", String(choices.length > 0));
    point(-1);
  }

  function option({ label, hint }: Choice, n: number): HTMLElement {
    const item = el(
      "li",
      { id: `${list.id}-${n}`, role: "option", class: "suggestion", "aria-selected": "false" },
      el("span", { class: "suggestion-words" }, label),
    );
    if (hint) item.append(el("span", { class: "suggestion-hint" }, hint));
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => choose(n));
    return item;
  }

  function key(event: KeyboardEvent): void {
    const open = !list.hidden;
    const { key } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (open && key === "ArrowDown") point((at + 1) % choices.length);
    else if (open && key === "ArrowUp") point((at <= 0 ? choices.length : at) - 1);
    else if (open && key === "Enter" && at >= 0) choose(at);
    else if (open && key === "Escape") close();
    else if ((key === "Enter" || key === ",") && take) {
      if (input.value.trim()) take(input.value.trim());
      input.value = "";
      close();
    } else if (key === "Backspace" && !input.value && back) back();
    else if (key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  }

  function point(n: number): void {
    at = n;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === n)));
    list.children[n]?.scrollIntoView({ block: "nearest" });
    if (n < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${n}`);
  }

  function choose(n: number): void {
    const choice = choices[n];
    input.value = "";
    close();
    choice?.choose();
  }

  function close(): void {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    choices = [];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}

/** Found at once, so that no list has to scroll. */
const MOST = 6;

/** Whom a byline can name. Nothing is found while the server cannot be asked. */
export async function findPeople(query: string, signal: AbortSignal): Promise<{ name: string; slug: string }[]> {
  const path = `/api/people?q=${encodeURIComponent(query)}`;
  const answer = await call<{ people?: { name: string; slug: string }[] }>("GET", path, { signal });
  return answer.kind === "done" ? (answer.body.people ?? []).slice(0, MOST) : [];
}

export async function findTags(
  blog: string,
  query: string,
  signal: AbortSignal,
): Promise<{ tag: string; posts: number }[]> {
  const path = `/api/blogs/${blog}/tags?q=${encodeURIComponent(query)}`;
  const answer = await call<{ tags?: { tag: string; posts: number }[] }>("GET", path, { signal });
  return answer.kind === "done" ? (answer.body.tags ?? []).slice(0, MOST) : [];
}

/** As the server keeps it. */
export const asTag = (text: string): string =>
  text.replace(/^#+/, "").normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim().slice(0, 40);
