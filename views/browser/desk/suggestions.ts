import { Extension } from "@tiptap/core";
import { Plugin, type EditorState } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { el } from "./elements.ts";

export interface Suggestion {
  readonly label: string;
  readonly hint?: string;
  /** Chosen only when pointed at: what somebody may well have meant as plain text. */
  readonly isGuess?: boolean;
  choose(): void;
}

/** What a sign at the beginning of a word offers. */
export interface Suggester {
  readonly sign: "/" | "@" | "#";
  /** Of the list. */
  readonly label: string;
  /** An empty list is not shown; a failure is an empty list. */
  find(query: string, signal: AbortSignal): Suggestion[] | Promise<Suggestion[]>;
  /** Whether a space after this is as good as choosing it. */
  isWhole?(query: string): boolean;
}

interface Found {
  readonly suggester: Suggester;
  readonly query: string;
  /** Of the sign, in the document. */
  readonly from: number;
  readonly to: number;
}

/** Milliseconds of no typing before the server is asked. */
const PAUSE = 120;
const TYPED = /(?:^|[\s(])([/@#])([\p{L}\p{N}_-]{0,40})$/u;

/**
 * The lists under "/", "@" and "#". What is chosen sets a field of the post; the sign and what followed it are taken
 * out of the text again.
 */
export const suggestions = (suggesters: Suggester[]) =>
  Extension.create({
    name: "suggestions",
    priority: 200,
    addProseMirrorPlugins: () => [suggestionPlugin(suggesters)],
  });

function suggestionPlugin(suggesters: Suggester[]): Plugin {
  let popup: Popup | null = null;
  return new Plugin({
    view(view) {
      popup = new Popup(view, suggesters);
      return popup;
    },
    props: {
      handleKeyDown: (_view, event) => popup?.key(event) ?? false,
      handleTextInput: (_view, _from, _to, text) => text === " " && (popup?.space() ?? false),
      handleDOMEvents: {
        blur() {
          popup?.close();
        },
      },
    },
  });
}

class Popup {
  readonly #view: EditorView;
  readonly #suggesters: Suggester[];
  readonly #list: HTMLElement;
  #found: Found | null = null;
  #items: Suggestion[] = [];
  #at = -1;
  /** Where the list was sent away, so that it stays away for this word. */
  #dismissed = -1;
  #asking: AbortController | null = null;
  #timer = 0;
  /** Where a word was taken out after a space: one more there would be debris. */
  #taken = -1;

  constructor(view: EditorView, suggesters: Suggester[]) {
    this.#view = view;
    this.#suggesters = suggesters;
    this.#list = el("ul", { id: "composer-suggestions", class: "suggestions", role: "listbox", hidden: true });
    // In the composer, so that it scrolls with it.
    view.dom.parentElement!.append(this.#list);
    view.dom.setAttribute("aria-autocomplete", "list");
    view.dom.setAttribute("aria-controls", this.#list.id);
  }

  update(view: EditorView, before: EditorState): void {
    if (view.state.doc.eq(before.doc) && view.state.selection.eq(before.selection)) return;
    if (view.state.selection.from !== this.#taken) this.#taken = -1;
    const found = this.#find(view.state);
    if (!found) this.#dismissed = -1;
    if (!found || found.from === this.#dismissed || !view.hasFocus()) return this.close();
    if (found.query === this.#found?.query && found.from === this.#found.from) return;
    this.#found = found;
    this.#ask(found);
  }

  destroy(): void {
    this.close();
    this.#list.remove();
  }

  key(event: KeyboardEvent): boolean {
    if (this.#list.hidden || event.isComposing) return false;
    switch (event.key) {
      case "ArrowDown":
        return this.#point((this.#at + 1) % this.#items.length);
      case "ArrowUp":
        return this.#point((this.#at <= 0 ? this.#items.length : this.#at) - 1);
      case "Enter":
      case "Tab":
        return !event.ctrlKey && !event.metaKey && this.#choose(this.#at);
      case "Escape":
        this.#dismissed = this.#found?.from ?? -1;
        this.close();
        event.stopPropagation();
        return true;
    }
    return false;
  }

  /** A command that is complete needs no choosing. */
  space(): boolean {
    const isDebris = this.#taken === this.#view.state.selection.from;
    this.#taken = -1;
    if (isDebris) return true;
    const found = this.#find(this.#view.state);
    if (!found?.suggester.isWhole?.(found.query)) return false;
    const chosen = found.suggester.find(found.query, AbortSignal.timeout(0));
    if (!Array.isArray(chosen) || !chosen[0]) return false;
    this.#take(found, chosen[0]);
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#found = null;
    this.#list.hidden = true;
    this.#view.dom.removeAttribute("aria-activedescendant");
  }

  #find({ selection }: EditorState): Found | null {
    const { $from, empty } = selection;
    if (!empty || !$from.parent.isTextblock) return null;
    const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 60), $from.parentOffset, "\n", "\n");
    const [, sign, query] = TYPED.exec(before) ?? [];
    const suggester = this.#suggesters.find((one) => one.sign === sign);
    if (!suggester || query === undefined) return null;
    return { suggester, query, from: $from.pos - query.length - 1, to: $from.pos };
  }

  #ask(found: Found): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const answer = async (): Promise<void> => {
      const items = await Promise.resolve(found.suggester.find(found.query, asking.signal)).catch(() => []);
      if (!asking.signal.aborted) this.#show(found, items);
    };
    if (found.suggester.sign === "/") void answer();
    else this.#timer = setTimeout(() => void answer(), PAUSE);
  }

  #show(found: Found, items: Suggestion[]): void {
    if (!items.length) {
      this.#list.hidden = true;
      this.#view.dom.removeAttribute("aria-activedescendant");
      return;
    }
    this.#items = items;
    this.#list.setAttribute("aria-label", found.suggester.label);
    this.#list.replaceChildren(...items.map((item, n) => this.#option(item, n)));
    this.#list.hidden = false;
    this.#place(found.from);
    this.#point(items[0]!.isGuess ? -1 : 0);
  }

  #option({ label, hint }: Suggestion, n: number): HTMLElement {
    const option = el("li", { id: `composer-suggestion-${n}`, role: "option", class: "suggestion" }, label);
    if (hint) option.append(el("span", { class: "suggestion-hint" }, hint));
    // The text keeps the focus.
    option.addEventListener("pointerdown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.#choose(n));
    return option;
  }

  /** Under the sign, within the text's own width. */
  #place(position: number): void {
    const box = this.#list.parentElement!.getBoundingClientRect();
    const at = this.#view.coordsAtPos(position);
    const left = Math.max(0, Math.min(at.left - box.left, box.width - this.#list.offsetWidth));
    this.#list.style.left = `${left}px`;
    this.#list.style.top = `${at.bottom - box.top + 4}px`;
  }

  #point(n: number): true {
    this.#at = n;
    [...this.#list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === n)));
    this.#list.children[n]?.scrollIntoView({ block: "nearest" });
    if (n < 0) this.#view.dom.removeAttribute("aria-activedescendant");
    else this.#view.dom.setAttribute("aria-activedescendant", `composer-suggestion-${n}`);
    return true;
  }

  #choose(n: number): boolean {
    const item = this.#items[n];
    if (!item || !this.#found) return false;
    this.#take(this.#found, item);
    return true;
  }

  /** Takes out the word, and one of the two spaces around it. */
  #take({ from, to }: Found, item: Suggestion): void {
    const { state } = this.#view;
    const $from = state.doc.resolve(from);
    const before = $from.parentOffset ? state.doc.textBetween(from - 1, from, "\n", "\n") : " ";
    const after = to < $from.end() ? state.doc.textBetween(to, to + 1, "\n", "\n") : "";
    this.#view.dispatch(state.tr.delete(from, /\s/.test(before) && after === " " ? to + 1 : to));
    this.#taken = /\s/.test(before) && !/\S/.test(after) ? from : -1;
    this.close();
    item.choose();
  }
}
