import { call } from "../desk/api.ts";
import { openDialog, problemLine } from "../desk/dialog.ts";
import { button, el } from "../desk/elements.ts";
import { troubleOf } from "./words.ts";

const REASONS: [string, string][] = [
  ["offensive", "It is offensive"],
  ["abuse", "It attacks somebody"],
  ["hate", "It is hateful"],
  ["spam", "It is advertising or spam"],
  ["off-topic", "It is about something else"],
  ["legal", "It may be against the law"],
  ["personal-data", "It tells what is private about somebody"],
  ["other", "Something else"],
];
/** Without words of their own these say too little. */
const NEEDS_WORDS = new Set(["legal", "other"]);
const LONGEST = 500;

/** Asks what is wrong with a comment, and tells the moderators. @param done it was told */
export function openReport(id: string, name: string, done: () => void): void {
  const problem = problemLine();
  const choices = REASONS.map(([value, words]) =>
    el(
      "label",
      { class: "report-reason" },
      el("input", { type: "radio", name: "reason", value, required: true }),
      words,
    ),
  );
  const needed = el("span", { class: "report-needed", hidden: true }, " (needed)");
  const details = el("textarea", { id: "report-details", name: "details", rows: 3, maxlength: LONGEST });
  const form = el(
    "form",
    { class: "report", novalidate: true },
    el("fieldset", {}, el("legend", {}, "What is wrong with it?"), ...choices),
    el("label", { for: "report-details" }, "In your words", needed),
    details,
    problem.element,
    el(
      "div",
      { class: "ask-buttons" },
      button("Cancel", { class: "button" }, () => dialog.close()),
      el("button", { class: "button button-main", type: "submit" }, "Report"),
    ),
  );
  const dialog = openDialog(`Report ${name}’s comment`, form);

  form.addEventListener("change", () => (needed.hidden = !NEEDS_WORDS.has(reason())));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });

  function reason(): string {
    return form.querySelector<HTMLInputElement>("input:checked")?.value ?? "";
  }

  async function send(): Promise<void> {
    const words = details.value.trim();
    if (!reason()) return problem.say("Choose what is wrong with it.");
    if (NEEDS_WORDS.has(reason()) && !words) return problem.say("Say in your words what is wrong with it.");
    const body = { reason: reason(), ...(words ? { details: words } : {}) };
    const trouble = troubleOf(await call("POST", `/api/comments/${id}/reports`, { body }));
    if (trouble) return problem.say(trouble.words);
    dialog.close();
    done();
  }
}
