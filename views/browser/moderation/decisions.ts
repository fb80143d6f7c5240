import { call, type Answer } from "../desk/api.ts";
import { failureOf, tell } from "../desk/tell.ts";
import type { CardList } from "./card-list.ts";
import { say, settledWords } from "./card-state.ts";
import { fetchCard } from "./queue-streams.ts";
import { askReason, type Reason } from "./reject-dialog.ts";

export type Verdict = "approve" | "reject";

/** What the API says of a comment that was decided. */
export interface Decided {
  id: string;
  status: string;
  version: number;
  alreadyDecided: boolean;
}

export interface Decisions {
  decide(article: HTMLElement, verdict: Verdict, reason?: Reason): Promise<void>;
  /** Takes the last decision back, by deciding the other way. */
  undo(): Promise<void>;
  /** Keeps what to go back to. */
  remember(decided: Past): void;
  /** Shows a card as it is now, since somebody changed it first. */
  conflict(id: string, words: string): Promise<HTMLElement | null>;
}

export interface Past {
  id: string;
  name: string;
  verdict: Verdict;
  /** Of the comment, after the decision. */
  version: number;
  /** Before it. */
  status: string;
}

/** Decisions that can be taken back, the latest last. */
const MOST_KEPT = 20;

export const pastWord: Record<Verdict, string> = { approve: "Approved", reject: "Rejected" };

/** One's own decisions, each sent once with the version that was seen; what a colleague decided first is never overwritten. */
export function decisions(main: HTMLElement, list: CardList): Decisions {
  const past: Past[] = [];
  return { decide, undo, remember, conflict };

  async function decide(article: HTMLElement, verdict: Verdict, reason?: Reason): Promise<void> {
    if (article.getAttribute("aria-busy") === "true") return;
    article.setAttribute("aria-busy", "true");
    // On to the next at once; the answer comes meanwhile.
    const goesOn = !list.keeps(statusAfter(verdict)) && list.current() === article;
    if (goesOn) list.step(1);
    // The stream may be faster than the answer, and the card another by then.
    const { status: before } = article.dataset;
    const answer = await send(idOf(article), Number(article.dataset.version), verdict, reason);
    article.removeAttribute("aria-busy");
    if (answer.kind === "done") return done(article, verdict, before!, answer.body);
    if (answer.kind === "refused" && answer.problem.status === 409) {
      const name = article.dataset.name!;
      const shown = await conflict(idOf(article), `Not ${pastWord[verdict].toLowerCase()}`);
      if (shown) return tell(`${name}’s comment: ${shown.querySelector(".card-line")!.textContent}`, leadTo(shown));
    }
    const words = failureOf(answer);
    say(article, words);
    tell(words, leadTo(article));
  }

  function done(
    article: HTMLElement,
    verdict: Verdict,
    before: string,
    { id, status, version, alreadyDecided }: Decided,
  ): void {
    const name = article.dataset.name!;
    if (alreadyDecided) tell(`${name}’s comment was ${pastWord[verdict].toLowerCase()} already.`);
    else {
      remember({ id, name, verdict, version, status: before });
      tell(`${pastWord[verdict]} ${name}’s comment.`, { label: "Undo (u)", act: () => void undo() });
    }
    if (!list.keeps(status) && article.isConnected) list.take(article);
    main.dispatchEvent(new CustomEvent("dateline:decided"));
  }

  function remember(decided: Past): void {
    past.push(decided);
    if (past.length > MOST_KEPT) past.shift();
  }

  async function undo(): Promise<void> {
    const last = past.pop();
    if (!last) return tell("There is no decision of yours to take back.");
    const verdict = last.verdict === "approve" ? "reject" : "approve";
    const reason = verdict === "reject" ? await reasonFor(last) : undefined;
    if (verdict === "reject" && !reason) return void past.push(last);
    const answer = await send(last.id, last.version, verdict, reason);
    if (answer.kind === "unreached") past.push(last);
    if (answer.kind === "done" || (answer.kind === "refused" && answer.problem.status === 409)) {
      const isDone = answer.kind === "done";
      const card = await conflict(last.id, isDone ? "" : "Not taken back");
      if (isDone && card) say(card, `Taken back: ${pastWord[verdict].toLowerCase()} by you just now`);
      card?.focus({ preventScroll: true });
      card?.scrollIntoView({ block: "nearest" });
      tell(isDone ? `Taken back: ${last.name}’s comment is ${pastWord[verdict].toLowerCase()}.` : lineOf(card));
      main.dispatchEvent(new CustomEvent("dateline:decided"));
    } else tell(failureOf(answer));
  }

  /** What nobody saw before goes back out of sight; to hide what readers had seen anyway takes a reason. */
  async function reasonFor({ status, name }: Past): Promise<Reason | undefined> {
    if (status === "pending" || status === "held" || status === "rejected") return { code: "other", text: "" };
    return (await askReason(`${name}’s comment was shown before. Reject it instead?`)) ?? undefined;
  }

  async function conflict(id: string, words: string): Promise<HTMLElement | null> {
    const change = await fetchCard(id);
    if (!change) return null;
    if (change.html === null) {
      list.apply([change]);
      return document.getElementById(change.target);
    }
    const article = list.show(change, words);
    if (!article || !words) return article;
    const isDecided = article.matches(".is-approved, .is-rejected") && article.dataset.decidedBy;
    say(
      article,
      `${words}. ${isDecided ? settledWords(article.dataset) : "It was changed meanwhile: look at it again"}.`,
    );
    return article;
  }
}

export function send(id: string, version: number, verdict: Verdict, reason?: Reason): Promise<Answer<Decided>> {
  return call<Decided>("POST", `/api/comments/${id}/decisions`, { body: decisionOf(version, verdict, reason) });
}

export const decisionOf = (version: number, decision: Verdict, reason?: Reason) => ({
  decision,
  version,
  ...(reason ? { reasonCode: reason.code, ...(reason.text ? { reasonText: reason.text } : {}) } : {}),
});

export const idOf = ({ id }: HTMLElement): string => id.replace("card-", "");
export const statusAfter = (verdict: Verdict): string => (verdict === "approve" ? "approved" : "rejected");

const lineOf = (card: HTMLElement | null): string => card?.querySelector(".card-line")?.textContent ?? "It is gone.";

const leadTo = (article: HTMLElement) => ({
  label: "Show it",
  act() {
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: "center" });
  },
});
