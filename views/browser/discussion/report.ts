import { call } from "../desk/api.ts";
import { openDialog, problemLine } from "../desk/dialog.ts";
import { button, el } from "../desk/elements.ts";
import { say } from "../words.ts";
import { troubleOf } from "./words.ts";

const REASONS = ["offensive", "abuse", "hate", "spam", "off-topic", "legal", "personal-data", "other"];
/** Without words of their own these say too little. */
const NEEDS_WORDS = new Set(["legal", "other"]);
const LONGEST = 500;

/** Asks what is wrong with a comment, and tells the moderators. @param done it was told */
export function openReport(id: string, name: string, done: () => void): void {
  const problem = problemLine();
  const choices = REASONS.map((value) =>
    el(
      "label",
      { class: "report-reason" },
      el("input", { type: "radio", name: "reason", value, required: true }),
      say(`talk.reason.${value}`),
    ),
  );
  const needed = el("span", { class: "report-needed", hidden: true }, ` ${say("talk.needed")}`);
  const details = el("textarea", { id: "report-details", name: "details", rows: 3, maxlength: LONGEST });
  const form = el(
    "form",
    { class: "report", novalidate: true },
    el("fieldset", {}, el("legend", {}, say("talk.what-wrong")), ...choices),
    el("label", { for: "report-details" }, say("talk.in-your-words"), needed),
    details,
    problem.element,
    el(
      "div",
      { class: "ask-buttons" },
      button(say("talk.cancel"), { class: "button" }, () => dialog.close()),
      el("button", { class: "button button-main", type: "submit" }, say("talk.report")),
    ),
  );
  const dialog = openDialog(say("talk.report-of", { name }), form);

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
    if (!reason()) return problem.say(say("talk.choose"));
    if (NEEDS_WORDS.has(reason()) && !words) return problem.say(say("talk.words-needed"));
    const body = { reason: reason(), ...(words ? { details: words } : {}) };
    const trouble = troubleOf(await call("POST", `/api/comments/${id}/reports`, { body }));
    if (trouble) return problem.say(trouble.words);
    dialog.close();
    done();
  }
}
