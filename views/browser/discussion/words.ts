import type { Answer, Problem } from "../desk/api.ts";
import { say } from "../words.ts";

/** Why something was not done, and what the reader can do about it. */
export interface Trouble {
  words: string;
  links?: { words: string; to: string }[];
  /** A warning that has to be read first. */
  warning?: string;
  /** Seconds until it can be tried again. */
  wait?: number;
}

interface Restriction {
  id: string;
  message: string | null;
  until: string | null;
}

/** In the reader's words; null when it was done. */
export function troubleOf<T>(answer: Answer<T>): Trouble | null {
  switch (answer.kind) {
    case "done":
      return null;
    case "signed-out":
      return { words: say("talk.signed-out"), links: waysIn() };
    case "unreached":
      if (answer.status === 429)
        return { words: say("talk.too-fast"), wait: Math.ceil((answer.retryAfterMs ?? 10_000) / 1000) };
      return { words: say("talk.not-through") };
    case "refused":
      return refused(answer.problem);
  }
}

function refused(problem: Problem): Trouble {
  const { code, detail, errors = [] } = problem;
  const restriction = (problem as Problem & { restriction?: Restriction }).restriction;
  const wrote = restriction?.message ? ` ${say("talk.moderators-wrote", { words: restriction.message })}` : "";
  if (code === "warned" && restriction) return { words: say("talk.warned") + wrote, warning: restriction.id };
  if (code === "suspended" && restriction?.until)
    return { words: say("talk.again-on", { day: dayOf(restriction.until) }) + wrote };
  if (restriction) return { words: `${detail}${wrote}` };
  if (code === "email-unverified")
    return { words: say("talk.confirm-address"), links: [{ words: say("talk.to-account"), to: "/account" }] };
  if (code === "parent-removed" || errors[0]?.code === "parent-unavailable")
    return { words: say("talk.answered-gone") };
  if (code === "not-found") return { words: say("talk.gone") };
  return { words: detail || say("talk.not-accepted") };
}

const dayOf = (time: string): string =>
  new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(
    new Date(time),
  );

/** As the page offers them. */
const waysIn = (): { words: string; to: string }[] => {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".write-hint a")];
  const next = encodeURIComponent(location.pathname + location.search);
  return links.length
    ? links.slice(0, 2).map((link) => ({ words: link.textContent, to: link.href }))
    : [{ words: say("talk.sign-in"), to: `/sign-in?next=${next}` }];
};
