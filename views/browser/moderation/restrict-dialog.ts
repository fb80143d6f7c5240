import { call } from "../desk/api.ts";
import { part } from "../desk/elements.ts";
import { failureOf, tell } from "../desk/tell.ts";

const HOUR = 3_600_000;

/** What each kind is called when it is done. */
const DONE: Record<string, string> = {
  ban: "banned",
  suspend: "suspended",
  warn: "warned",
  premoderate: "always looked at first",
};
const GO: Record<string, string> = {
  ban: "Ban",
  suspend: "Suspend",
  warn: "Warn",
  premoderate: "Look at theirs first",
};

/** Asks how somebody is to be restricted, and does it; what is typed stays until it is done. */
export function openRestrict({ author, name, blog }: DOMStringMap, done: () => void = () => {}): void {
  const dialog = part<HTMLDialogElement>(document, "#restrict-dialog");
  const form = part<HTMLFormElement>(dialog, "form");
  const problem = part(dialog, ".form-problem");
  const go = part<HTMLButtonElement>(form, "[type=submit]");
  const field = (of: string) => part<HTMLInputElement & HTMLSelectElement>(form, `[name=${of}]`);
  const over = new AbortController();
  const { signal } = over;
  form.reset();
  problem.hidden = true;
  const where = field("where");
  // Whoever moderates single blogs begins with the one that the comment is in.
  if (blog && ![...where.options].some(({ value }) => value === "")) where.value = blog;
  arrange();
  form.addEventListener("change", arrange, { signal });
  part(dialog, "[data-cancel]").addEventListener("click", () => dialog.close(), { signal });
  dialog.addEventListener("close", () => over.abort(), { signal });
  form.addEventListener("submit", (event) => (event.preventDefault(), void send()), { signal });
  dialog.showModal();

  function arrange(): void {
    const kind = field("kind").value;
    part(dialog, "h2").textContent = `${GO[kind]}: ${name}`;
    go.textContent = GO[kind]!;
    part(form, "[data-of~=ban]").hidden = kind === "warn";
    part(form, "[data-of=until]").hidden = kind === "warn" || field("for").value !== "until";
  }

  async function send(): Promise<void> {
    const kind = field("kind").value;
    const until = kind === "warn" ? null : untilOf(field("for").value, field("until").value);
    const message = field("message").value.trim();
    if (kind === "suspend" && until === null) return fail("Say until when; a suspension ends.");
    if (kind === "warn" && !message) return fail("Say what they are to read.");
    const place = where.value;
    const body = {
      kind,
      ...(place ? { blog: place } : {}),
      ...(until ? { until } : {}),
      ...(message ? { message } : {}),
      rejectExisting: field("rejectExisting").checked,
    };
    go.disabled = true;
    const answer = await call<{ rejected: number }>("POST", `/api/commenters/${author}/restrictions`, { body });
    go.disabled = false;
    if (answer.kind !== "done") return fail(wordsOf(answer));
    dialog.close();
    const { rejected } = answer.body;
    const also = rejected ? ` ${rejected === 1 ? "One comment was" : `${rejected} comments were`} rejected.` : "";
    tell(`${name} is ${DONE[kind]} ${place ? "in that blog" : "everywhere"}.${also}`);
    done();
  }

  function fail(words: string): void {
    problem.textContent = words;
    problem.hidden = false;
  }
}

function wordsOf(answer: Parameters<typeof failureOf>[0]): string {
  if (answer.kind !== "refused") return failureOf(answer);
  const { errors = [], detail, status } = answer.problem;
  if (errors.some(({ pointer }) => pointer === "/until")) return "The time has to be in the future.";
  return status === 403 ? "You may do this only in the blogs that you moderate." : detail;
}

/** Null for good. */
function untilOf(hours: string, typed: string): string | null {
  if (hours === "until") return typed ? new Date(typed).toISOString() : null;
  return hours ? new Date(Date.now() + Number(hours) * HOUR).toISOString() : null;
}
