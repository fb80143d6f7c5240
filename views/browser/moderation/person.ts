import { call } from "../desk/api.ts";
import { part } from "../desk/elements.ts";
import { failureOf, tell } from "../desk/tell.ts";
import { become } from "../morph.ts";
import { openRestrict } from "./restrict-dialog.ts";

/** The page of a person: restrictions that are made and ended, and notes. */
export function openPerson(main: HTMLElement): void {
  const { person } = main.dataset;
  const restrict = main.querySelector<HTMLElement>("#restrict-person");
  restrict?.addEventListener("click", () => openRestrict(restrict.dataset, () => void renew()));
  // From one of the cards, or by a colleague.
  main.addEventListener("dateline:person", () => void renew());
  main.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>("[data-lift], [data-forget-note]");
    if (!pressed) return;
    const { lift, forgetNote } = pressed.dataset;
    void change(lift ? `/api/restrictions/${lift}` : `/api/commenters/${person}/notes/${forgetNote}`, lift);
  });
  const form = part<HTMLFormElement>(main, "#new-note");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void keepNote(form);
  });

  async function change(path: string, isLift: string | undefined): Promise<void> {
    const answer = await call("DELETE", path);
    tell(answer.kind === "done" ? (isLift ? "The restriction has ended." : "The note is gone.") : failureOf(answer));
    await renew();
  }

  async function keepNote(form: HTMLFormElement): Promise<void> {
    const text = part<HTMLTextAreaElement>(form, "textarea");
    const problem = part(form, ".form-problem");
    const key = crypto.randomUUID();
    const body = { body: text.value.trim() };
    const answer = await call("POST", `/api/commenters/${person}/notes`, { body, key });
    problem.hidden = answer.kind === "done";
    if (answer.kind !== "done") return void (problem.textContent = failureOf(answer));
    text.value = "";
    await renew();
    tell("The note is kept.");
  }

  /** Takes over what the server says now of the person, and loses no focus in it. */
  async function renew(): Promise<void> {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const standing = part(main, "#standing");
    const hadFocus = standing.contains(document.activeElement);
    become(standing, document.importNode(part(fresh, "#standing"), true));
    if (hadFocus && !standing.contains(document.activeElement)) part(standing, "#notes").focus({ preventScroll: true });
  }
}
