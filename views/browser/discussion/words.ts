import type { Answer, Problem } from "../desk/api.ts";

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
      return { words: "Sign in to take part. Your text is kept.", links: waysIn() };
    case "unreached":
      if (answer.status === 429)
        return { words: "That was a little fast.", wait: Math.ceil((answer.retryAfterMs ?? 10_000) / 1000) };
      return { words: "This did not get through. Your text is kept; try again." };
    case "refused":
      return refused(answer.problem);
  }
}

function refused(problem: Problem): Trouble {
  const { code, detail, errors = [] } = problem;
  const restriction = (problem as Problem & { restriction?: Restriction }).restriction;
  const wrote = restriction?.message ? ` The moderators wrote: “${restriction.message}”` : "";
  if (code === "warned" && restriction)
    return { words: `Before you go on, read this.${wrote}`, warning: restriction.id };
  if (code === "suspended" && restriction?.until)
    return { words: `You can comment again on ${dayOf(restriction.until)}.${wrote}` };
  if (restriction) return { words: `${detail}${wrote}` };
  if (code === "email-unverified")
    return { words: "Confirm your e-mail address first.", links: [{ words: "To your account", to: "/account" }] };
  if (code === "parent-removed" || errors[0]?.code === "parent-unavailable")
    return { words: "The comment that you answer was removed. Your text is kept." };
  if (code === "not-found") return { words: "This comment is not there any more. Your text is kept." };
  return { words: detail || "This was not accepted." };
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
    : [{ words: "sign in", to: `/sign-in?next=${next}` }];
};
