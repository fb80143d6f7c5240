import { call } from "../desk/api.ts";
import { part } from "../desk/elements.ts";
import { failureOf, tell } from "../desk/tell.ts";
import type { CardList } from "./card-list.ts";
import { decisionOf, idOf, pastWord, type Decided, type Decisions, type Verdict } from "./decisions.ts";
import { askReason, type Reason } from "./reject-dialog.ts";

type Result = { id: string; status: number; comment?: Decided; problem?: { code: string; detail: string } };

export interface Selection {
  /** Marks the boxes again, after cards changed or went. */
  settle(): void;
  toggle(article: HTMLElement): void;
  isEmpty(): boolean;
  decide(verdict: Verdict): Promise<void>;
}

/** Decisions that the server takes at once. */
const AT_ONCE = 100;

/** Several comments at once: a bar that appears when one is selected. */
export function selection(main: HTMLElement, list: CardList, decisions: Decisions): Selection {
  const bar = main.querySelector<HTMLElement>("#bulk");
  const chosen = new Set<string>();
  if (!bar) return { settle() {}, toggle() {}, isEmpty: () => true, decide: async () => {} };

  main.addEventListener("change", ({ target }) => {
    const box = (target as HTMLElement).closest<HTMLInputElement>(".card-select input");
    if (box) set(box.closest<HTMLElement>(".card")!, box.checked);
  });
  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.addEventListener("click", ({ target }) => {
    const what = (target as HTMLElement).closest<HTMLElement>("[data-bulk]")?.dataset.bulk;
    if (what === "clear") clear();
    else if (what === "all") for (const article of list.all()) set(article, !article.matches(".is-settled"));
    else if (what) void decide(what as Verdict);
  });
  return { settle, toggle: (article) => set(article, !chosen.has(article.id)), isEmpty: () => !chosen.size, decide };

  function set(article: HTMLElement, on: boolean): void {
    if (on) chosen.add(article.id);
    else chosen.delete(article.id);
    settle();
  }

  function clear(): void {
    const hadFocus = bar!.contains(document.activeElement);
    chosen.clear();
    settle();
    if (hadFocus) list.all()[0]?.focus();
  }

  function settle(): void {
    for (const id of chosen) if (!document.getElementById(id)) chosen.delete(id);
    for (const article of list.all()) {
      part<HTMLInputElement>(article, ".card-select input").checked = chosen.has(article.id);
      article.classList.toggle("is-selected", chosen.has(article.id));
    }
    bar!.hidden = chosen.size === 0;
    part(bar!, "output").textContent = `${chosen.size} selected`;
  }

  async function decide(verdict: Verdict): Promise<void> {
    const reason =
      verdict === "reject"
        ? await askReason(`Reject ${chosen.size === 1 ? "one comment" : `${chosen.size} comments`}`)
        : undefined;
    if (reason === null) return;
    const articles = list.all().filter(({ id }) => chosen.has(id));
    let failed = 0;
    for (let n = 0; n < articles.length; n += AT_ONCE)
      failed += await sendSome(articles.slice(n, n + AT_ONCE), verdict, reason);
    settle();
    main.dispatchEvent(new CustomEvent("dateline:decided"));
    const done = articles.length - failed;
    tell(
      failed
        ? `${pastWord[verdict]} ${done}; ${failed} could not be and ${failed === 1 ? "is" : "are"} still selected.`
        : `${pastWord[verdict]} ${done}.`,
    );
    if (document.activeElement === document.body) (list.all()[0] ?? part(main, "#no-cards")).focus();
  }

  /** @returns how many could not be decided; each says why */
  async function sendSome(articles: HTMLElement[], verdict: Verdict, reason?: Reason): Promise<number> {
    const items = articles.map((article) => ({
      id: idOf(article),
      ...decisionOf(Number(article.dataset.version), verdict, reason),
    }));
    const before = new Map(articles.map((article) => [idOf(article), { ...article.dataset }]));
    const answer = await call<{ results: Result[] }>("POST", "/api/moderation/decisions", {
      body: { decisions: items },
    });
    if (answer.kind !== "done") {
      tell(failureOf(answer));
      return articles.length;
    }
    let failed = 0;
    for (const { id, comment } of answer.body.results) {
      const article = document.getElementById(`card-${id}`);
      if (comment) {
        chosen.delete(`card-${id}`);
        const { name, status } = before.get(id)!;
        if (!comment.alreadyDecided)
          decisions.remember({ id, name: name!, verdict, version: comment.version, status: status! });
        if (article && !list.keeps(comment.status)) list.take(article);
      } else {
        failed++;
        await decisions.conflict(id, `Not ${pastWord[verdict].toLowerCase()}`);
      }
    }
    return failed;
  }
}
