import { say as words } from "../words.ts";

/** Milliseconds in which what happens is told as one. */
const TOGETHER = 1_000;

export interface Teller {
  /** A comment that somebody else wrote. @param name its author's */
  arrived(id: string, name: string): void;
  forget(id: string): void;
  say(sentence: string): void;
}

/** Tells people who listen to the page what happened, once and briefly; in a hidden tab when they are back. */
export function teller(region: HTMLElement): Teller {
  const told = new Set<string>();
  const arrived = new Map<string, string>();
  const sentences = new Set<string>();
  let timer = 0;

  document.addEventListener("visibilitychange", tell);

  return {
    arrived(id, name) {
      if (told.has(id)) return;
      told.add(id);
      arrived.set(id, name);
      soon();
    },
    forget: (id) => void arrived.delete(id),
    say(sentence) {
      sentences.add(sentence);
      soon();
    },
  };

  function soon(): void {
    timer ||= setTimeout(tell, TOGETHER);
  }

  function tell(): void {
    clearTimeout(timer);
    timer = 0;
    if (document.hidden) return;
    const [name] = arrived.values();
    if (arrived.size)
      sentences.add(
        arrived.size === 1
          ? words("talk.new-by", { name: name! })
          : `${words("talk.new-comments", { count: arrived.size })}.`,
      );
    if (!sentences.size) return;
    const line = document.createElement("p");
    line.textContent = [...sentences].join(" ");
    arrived.clear();
    sentences.clear();
    region.replaceChildren(line);
  }
}
