import type { Effect } from "./changes.ts";
import { say } from "./words.ts";

/** Milliseconds in which what happens is told as one. */
const TOGETHER = 1_000;
/** Characters of a post without a headline. */
const FIRST_WORDS = 80;

/** Tells people who listen to the page what happened, once and briefly; in a hidden tab when they are back. */
export function announcer(region: HTMLElement): (effect: Effect) => void {
  const told = new Set<string>();
  const arrived = new Map<string, string>();
  const corrected = new Map<string, string>();
  let state: boolean | null = null;
  let timer = 0;

  document.addEventListener("visibilitychange", tell);

  return (effect) => {
    switch (effect.kind) {
      case "new":
        note(arrived, effect.article.id, titleOf(effect.article));
        break;
      case "elsewhere":
        return;
      case "corrected":
        if (arrived.has(effect.article.id)) return;
        note(corrected, `${effect.article.id} ${correctionOf(effect.article)}`, titleOf(effect.article));
        break;
      case "gone":
        arrived.delete(effect.id);
        return;
      case "state":
        state = effect.live;
    }
    timer ||= setTimeout(tell, TOGETHER);
  };

  function note(heap: Map<string, string>, key: string, title: string): void {
    if (told.has(key)) return;
    told.add(key);
    heap.set(key, title);
  }

  function tell(): void {
    clearTimeout(timer);
    timer = 0;
    if (document.hidden) return;
    const sentences = [
      sentence(arrived, "live.new-update", "live.new-updates"),
      sentence(corrected, "live.corrected", "live.corrections"),
      state === null ? "" : say(state ? "live.resumed" : "live.ended"),
    ].filter(Boolean);
    arrived.clear();
    corrected.clear();
    state = null;
    if (!sentences.length) return;
    const words = document.createElement("p");
    words.textContent = `${sentences.join(". ")}.`;
    region.replaceChildren(words);
  }
}

function sentence(heap: Map<string, string>, one: string, many: string): string {
  if (heap.size > 1) return say(many, { count: heap.size });
  const [title] = heap.values();
  return title === undefined ? "" : say(one, { title });
}

function titleOf(article: Element): string {
  const text = (selector: string): string => article.querySelector(selector)?.textContent?.trim() ?? "";
  const words = text(".post-headline") || text("blockquote") || text(".post-body") || text("figcaption");
  return words.length > FIRST_WORDS ? `${words.slice(0, FIRST_WORDS).replace(/\s+\S*$/, "")} …` : words;
}

const correctionOf = (article: Element): string => article.querySelector(".correction")?.textContent ?? "";
