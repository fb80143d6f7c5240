import type { AppError, InputError } from "../errors.ts";

interface Told {
  readonly message?: string | null;
  readonly until?: string | null;
}

/** Why a comment was not taken, for the one who wrote it. */
export function refusalWords({ code, message, extra, headers }: AppError): string {
  const [error] = (extra.errors as InputError[] | undefined) ?? [];
  const restriction = extra.restriction as Told | undefined;
  if (code === "unauthenticated")
    return "You are not signed in. Sign in in another tab, and then send your comment here.";
  if (error?.code === "parent-unavailable") return "The comment that you answer is not there.";
  if (code === "email-unverified") return `${message} It can be sent again from your account.`;
  if (restriction) return [message, untilWords(restriction.until), said(restriction.message)].filter(Boolean).join(" ");
  const seconds = headers["Retry-After"];
  return code === "slow-mode" && seconds ? `${message} Yours can be sent in ${seconds} s.` : message;
}

const said = (message: string | null | undefined): string => (message ? `The moderators wrote: ${message}` : "");

const untilWords = (until: string | null | undefined): string =>
  until ? `Until ${until.slice(0, 16).replace("T", ", ")} UTC.` : "";
