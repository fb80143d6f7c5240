import { call } from "../desk/api.ts";

/** Milliseconds between two questions. */
const EVERY = 1_000;
/** Where the server stops counting. */
const MOST = 10_000;

/** How many cards each queue holds: asked for after changes, at most once a second, so that they equal the lists. */
export function keepCounts(main: HTMLElement): { soon(): void } {
  const shown = main.querySelectorAll<HTMLElement>("[data-count]");
  const query = new URLSearchParams();
  for (const slug of (main.dataset.blogs ?? "").split(" ").filter(Boolean)) query.append("blog", slug);
  let timer = 0;
  let last = 0;

  document.addEventListener("visibilitychange", () => document.hidden || soon());
  for (const element of shown) write(element, Number(element.textContent));
  return { soon };

  function soon(): void {
    if (!shown.length || timer || document.hidden) return;
    timer = setTimeout(() => void read(), Math.max(0, last + EVERY - Date.now()));
  }

  async function read(): Promise<void> {
    last = Date.now();
    // What changes while the answer is under way is asked for once more.
    timer = 0;
    const answer = await call<Record<string, number>>("GET", `/api/moderation/counts?${query}`);
    if (answer.kind !== "done") return;
    for (const element of shown) write(element, answer.body[element.dataset.count!] ?? 0);
  }

  function write(element: HTMLElement, count: number): void {
    element.textContent = count >= MOST ? `${MOST.toLocaleString("en")}+` : count.toLocaleString("en");
  }
}
