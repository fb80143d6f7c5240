/** A number beside a name, on the bar at the bottom and in the column alike; nothing for none. */
export function showCount(name: "posts" | "claims" | "chat", n: number, what: string): void {
  const places = ["desk-tabs", "aside"].map((id) => document.getElementById(id)!);
  const counts = places.flatMap((place) => [...place.querySelectorAll<HTMLElement>(`[data-count-of="${name}"]`)]);
  for (const count of counts) {
    const words = n > 99 ? "99+" : String(n);
    if (count.dataset.words !== words) {
      count.dataset.words = words;
      count.replaceChildren(
        words,
        Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` ${what}` }),
      );
    }
    count.hidden = n === 0;
  }
}
