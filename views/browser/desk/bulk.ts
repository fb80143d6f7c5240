import { call } from "./api.ts";
import type { Field } from "./ask.ts";
import { part } from "./elements.ts";
import { later } from "./later.ts";
import { holdPlace } from "./place.ts";
import { failureOf, tell } from "./tell.ts";

type Result = { id: string; status: number };

const REASON: Field = { name: "reason", label: "Why", kind: "text", most: 500, required: true };
const TAG: Field = { name: "tag", label: "Tag", kind: "text", most: 40, required: true };

/** What is asked before it is done; the others are done at once. */
const QUESTIONS: Record<string, { title: string; fields: Field[]; go: string }> = {
  remove: { title: "Take these posts down", fields: [REASON], go: "Take down" },
  unpublish: { title: "Take these posts back to drafts", fields: [], go: "Take back" },
  publish: { title: "Publish these posts now", fields: [], go: "Publish" },
  tag: { title: "Tag these posts", fields: [TAG], go: "Tag" },
};

export interface Selection {
  /** Marks the boxes again, after posts changed or went. */
  settle(): void;
  toggle(article: HTMLElement): void;
  /** Leads to what can be done with those that are selected; false when none is. */
  enter(): boolean;
}

/** Several posts at once: a bar that appears when one is selected. */
export function bulkBar(desk: HTMLElement): Selection {
  const bar = document.getElementById("bulk")!;
  const chosen = new Set<string>();
  /** Whose boxes say so. */
  let marked = new Set<string>();
  /** Where somebody was when they selected. */
  let latest: HTMLElement | null = null;

  desk.addEventListener("change", ({ target }) => {
    const box = (target as HTMLElement).closest<HTMLInputElement>(".desk-post-select input");
    if (box) set(box.closest<HTMLElement>("article")!, box.checked);
  });
  part(bar, "[data-bulk=clear]").addEventListener("click", () => {
    chosen.clear();
    settle();
  });
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(part<HTMLSelectElement>(bar, "select").value);
  });

  return { settle, toggle: (article) => set(article, !chosen.has(article.id)), enter };

  function enter(): boolean {
    if (!bar.hidden) part(bar, "select").focus();
    return !bar.hidden;
  }

  function set(article: HTMLElement, on: boolean): void {
    latest = article;
    if (on) chosen.add(article.id);
    else chosen.delete(article.id);
    settle();
  }

  function settle(): void {
    for (const id of chosen) if (!document.getElementById(id)) chosen.delete(id);
    for (const id of new Set([...marked, ...chosen])) {
      const box = document.querySelector<HTMLInputElement>(`#${id} .desk-post-select input`);
      if (box) box.checked = chosen.has(id);
    }
    marked = new Set(chosen);
    const back = bar.contains(document.activeElement) ? holdPlace(latest) : null;
    bar.hidden = chosen.size === 0;
    back?.();
    part(bar, "output").textContent = `${chosen.size} ${chosen.size === 1 ? "post" : "posts"} selected`;
  }

  function begin(action: string): void {
    const question = QUESTIONS[action];
    if (question)
      void later(
        () => import("./ask.ts"),
        ({ ask }) => ask(question, (given) => act(action, given), latest),
      );
    else void act(action, {}).then((failure) => failure && tell(failure));
  }

  async function act(action: string, given: Record<string, string>): Promise<string | null> {
    const posts = [...chosen].map((id) => ({
      id: id.replace("post-", ""),
      version: Number(document.getElementById(id)!.dataset.version),
    }));
    const body = { action, posts, ...given };
    const answer = await call<{ results: Result[] }>("POST", `/api/blogs/${desk.dataset.blog}/posts/bulk`, { body });
    if (answer.kind !== "done") return failureOf(answer);
    const failed = answer.body.results.filter(({ status }) => status >= 400);
    chosen.clear();
    // What could not be done stays selected.
    for (const { id } of failed) chosen.add(`post-${id}`);
    settle();
    const done = posts.length - failed.length;
    tell(
      failed.length
        ? `Done for ${done}; ${failed.length} could not be changed and are still selected.`
        : `Done for ${done}.`,
    );
    return null;
  }
}
