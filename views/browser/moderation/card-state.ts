import { part } from "../desk/elements.ts";

/** Milliseconds for which something has happened just now. */
const JUST_NOW = 60_000;

/** Writes a line on a card: what became of it, or why something could not be done. */
export function say(article: HTMLElement, words: string): void {
  const line = part(article, ".card-line");
  line.textContent = words;
  if (!words.includes("just now")) return;
  const at = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  setTimeout(() => {
    if (line.textContent === words) line.textContent = words.replace("just now", `at ${at}`);
  }, JUST_NOW);
}

/** What a colleague made of a comment. */
export function settledWords({ status, decidedBy }: DOMStringMap): string {
  const by = decidedBy ? ` by ${decidedBy}` : "";
  if (status === "rejected") return `Rejected${by} just now`;
  if (status === "approved") return `Approved${by} just now`;
  return "It does not belong here any more";
}

/** Shows only what can be done with this comment, and by this person; the card came the same to everybody. */
export function allowActions(article: HTMLElement, { posting }: DOMStringMap): void {
  const isVisible = article.dataset.visible === "yes";
  const maySpeak = isVisible && (posting ?? "").split(" ").includes(article.dataset.blog!);
  for (const element of article.querySelectorAll<HTMLElement>("[data-needs]"))
    element.hidden = element.dataset.needs === "posting" ? !maySpeak : !isVisible;
}
