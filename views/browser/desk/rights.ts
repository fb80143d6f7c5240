/**
 * Shows of a post only what this person may do with it; the post came the same to everybody, and the API decides.
 * `data-needs` names a right; "write" is enough for one's own post where somebody may write only those, and
 * "write-own" is there for them alone.
 */
export function allow(article: HTMLElement, { rights = "", me }: DOMStringMap): void {
  const held = new Set(rights.split(" "));
  const isMine = article.dataset.writer === me;
  for (const element of article.querySelectorAll<HTMLElement>("[data-needs]")) {
    const needs = element.dataset.needs!;
    const has = needs === "write-own" ? held.has("write-own") && isMine : held.has(needs);
    element.hidden = !has && !(needs === "write" && held.has("write-own") && isMine);
  }
}
