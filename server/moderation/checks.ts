import { foreignLinks } from "./links.ts";
import type { Matcher } from "./words.ts";
import type { OutsideAnswer } from "./outside-check.ts";
import { sameText } from "./comment-text.ts";

/** From the mildest to the severest. */
export const OUTCOMES = ["publish", "pending", "hold", "reject"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** All that a comment is judged by; whoever calls has read it, in the transaction that writes the comment. */
export interface Facts {
  /** As cleanComment() gave it. */
  readonly text: string;
  readonly by: {
    readonly isStaff: boolean;
    /** Comments of theirs that readers can see. */
    readonly publishedBefore: number;
    /** Comments of theirs that people decided in the last seven days, and how many of those were rejected. */
    readonly recentlyDecided: number;
    readonly recentlyRejected: number;
    readonly isPremoderated: boolean;
    /** sameText() of their comments within the repeat window, without the one that is judged. */
    readonly recentTexts: readonly string[];
  };
  readonly settings: {
    readonly moderation: "pre" | "post";
    /** Comments that wait until this many were published; 0 trusts everybody. */
    readonly newCommenterHold: number;
    readonly holdLinks: boolean;
    /** Links to these and to their subdomains do not hold. */
    readonly allowedDomains: readonly string[];
  };
  readonly words: { readonly banned: Matcher; readonly suspect: Matcher };
  /** What the newsroom's own service said; "failed" when it did not answer, null when there is none. */
  readonly outside: OutsideAnswer | "failed" | null;
}

export type Reason =
  | "banned-word"
  | "suspect-word"
  | "repeat"
  | "links"
  | "new-commenter"
  | "recent-history"
  | "premoderated-person"
  | "premoderation"
  | "outside"
  /** What the newsroom's own service gave as a reason. */
  | `outside:${string}`
  | "check-failed";

export interface Verdict {
  readonly status: "published" | "approved" | "pending" | "held" | "rejected";
  /** Of every check that found something, in the order of the checks; also where staff skip what it would have done. */
  readonly reasons: Reason[];
  /** UTF-16 offsets in the text. */
  readonly matches: WordMark[];
  /** What checks threw, for the log. */
  readonly errors: unknown[];
}

interface WordMark {
  readonly list: "banned" | "suspect";
  readonly start: number;
  readonly end: number;
}

interface Finding {
  readonly outcome: Outcome;
  readonly reasons: readonly Reason[];
  readonly matches?: readonly WordMark[];
  readonly error?: unknown;
}

const HISTORY = { fewestDecided: 3, rejectedShare: 0.3 };

/**
 * Where a comment goes. Every check looks at it, and the severest outcome counts. Called for new comments and for
 * changed ones alike.
 *
 * What staff write is approved where a reader's would wait. Two things stop theirs as well: a rejection, since
 * a banned word on an editor's account is a slip or a thief; and a check that failed, since nobody knows what it would
 * have said.
 */
export function judge(facts: Facts): Verdict {
  const findings = CHECKS.map((check) => run(check, facts)).filter((finding) => finding !== null);
  const counting = facts.by.isStaff ? findings.filter(stopsStaff) : findings;
  const outcome = severest(counting.map((finding) => finding.outcome));
  return {
    status: outcome === "publish" && facts.by.isStaff ? "approved" : STATUS[outcome],
    reasons: [...new Set(findings.flatMap((finding) => finding.reasons))],
    matches: findings.flatMap((finding) => finding.matches ?? []),
    errors: findings.flatMap((finding) => ("error" in finding ? [finding.error] : [])),
  };
}

const STATUS = { publish: "published", pending: "pending", hold: "held", reject: "rejected" } as const;

const severest = (outcomes: readonly Outcome[]): Outcome =>
  OUTCOMES.findLast((outcome) => outcomes.includes(outcome)) ?? "publish";

const stopsStaff = ({ outcome, reasons }: Finding): boolean => outcome === "reject" || reasons.includes("check-failed");

type Check = (facts: Facts) => Finding | null;

/** A check that cannot say anything must not let anything through. */
function run(check: Check, facts: Facts): Finding | null {
  try {
    return check(facts);
  } catch (error) {
    return { ...finding("hold", "check-failed"), error };
  }
}

const finding = (outcome: Outcome, ...reasons: Reason[]): Finding => ({ outcome, reasons });

const CHECKS: readonly Check[] = [
  ({ text, words }) => listed(words.banned, text, "banned", finding("reject", "banned-word")),
  ({ text, words }) => listed(words.suspect, text, "suspect", finding("hold", "suspect-word")),
  ({ text, by }) => (by.recentTexts.includes(sameText(text)) ? finding("hold", "repeat") : null),
  ({ text, settings }) =>
    settings.holdLinks && foreignLinks(text, settings.allowedDomains).length ? finding("hold", "links") : null,
  ({ by, settings }) => (by.publishedBefore < settings.newCommenterHold ? finding("hold", "new-commenter") : null),
  ({ by }) => (isOftenRejected(by) ? finding("hold", "recent-history") : null),
  ({ by }) => (by.isPremoderated ? finding("pending", "premoderated-person") : null),
  ({ settings }) => (settings.moderation === "pre" ? finding("pending", "premoderation") : null),
  ({ outside }) => said(outside),
];

function listed(matcher: Matcher, text: string, list: WordMark["list"], found: Finding): Finding | null {
  const matches = matcher.matches(text).map(({ start, end }) => ({ list, start, end }));
  return matches.length ? { ...found, matches } : null;
}

/** One rejected comment of two says nothing about anybody. */
const isOftenRejected = ({ recentlyDecided, recentlyRejected }: Facts["by"]): boolean =>
  recentlyDecided >= HISTORY.fewestDecided && recentlyRejected / recentlyDecided >= HISTORY.rejectedShare;

function said(outside: Facts["outside"]): Finding | null {
  if (outside === null) return null;
  if (outside === "failed") return finding("hold", "check-failed");
  if (outside.outcome === "publish") return null;
  return finding(outside.outcome, "outside", ...outside.reasons.map((reason) => `outside:${reason}` as const));
}
