import { keeper } from "./dialog.ts";
import { button, el } from "./elements.ts";
import { showOnce } from "./place.ts";

export interface Question {
  title: string;
  /** A sentence that says what will happen. */
  text?: string;
  fields: Field[];
  /** What the button says that does it. */
  go: string;
  /** Under what name the device keeps what is typed until it is done; it says whose it is, and about what. */
  keepAs?: string;
}

export interface Field {
  name: string;
  label: string;
  kind: "text" | "long" | "check" | "choice" | "time";
  hint?: string;
  value?: string | undefined;
  required?: boolean;
  most?: number;
  /** Of a choice: value and words. */
  choices?: [string, string][];
}

/**
 * Asks in a dialog that closes with Escape.
 * @param act does it, and says in words why it could not be done, so that nothing typed is lost; null when it is done
 * @param from where somebody goes on when what they asked from is gone
 */
export function ask(
  question: Question,
  act: (given: Record<string, string>) => Promise<string | null>,
  from = document.activeElement,
): void {
  const kept = question.keepAs === undefined ? null : keeper<Record<string, string>>(question.keepAs);
  const before = kept?.get() ?? {};
  const problem = el("p", { class: "form-problem", role: "alert", hidden: true });
  const go = el("button", { type: "submit", class: "button button-main" }, question.go);
  const form = el(
    "form",
    { method: "dialog", class: "ask-form" },
    el("h2", { id: "ask-title" }, question.title),
    question.text ? el("p", {}, question.text) : null,
    ...question.fields.map((field) => fieldOf({ ...field, value: before[field.name] ?? field.value })),
    problem,
    el(
      "div",
      { class: "ask-buttons" },
      button("Cancel", { class: "button" }, () => dialog.close()),
      go,
    ),
  );
  const dialog = el("dialog", { class: "ask", "aria-labelledby": "ask-title" }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  form.addEventListener("input", () => kept?.keep(given()));
  document.body.append(dialog);
  showOnce(dialog, from);

  async function send(): Promise<void> {
    if (go.ariaDisabled) return;
    // A disabled button would lose the focus.
    go.ariaDisabled = "true";
    const trimmed = Object.entries(given()).map(([name, value]) => [name, value.trim()]);
    const failure = await act(Object.fromEntries(trimmed) as Record<string, string>);
    go.ariaDisabled = null;
    problem.hidden = failure === null;
    problem.textContent = failure ?? "";
    if (failure !== null) return;
    kept?.forget();
    dialog.close();
  }

  function given(): Record<string, string> {
    return Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, typeof value === "string" ? value : ""]),
    );
  }
}

function fieldOf(field: Field): HTMLElement {
  const { name, label, hint, value, required, most } = field;
  const id = `ask-${name}`;
  const common = { id, name, required, ...(hint ? { "aria-describedby": `${id}-hint` } : {}) };
  if (field.kind === "check")
    return el("label", { class: "ask-check" }, el("input", { type: "checkbox", value: "yes", ...common }), label);
  const input =
    field.kind === "choice"
      ? el("select", common, ...(field.choices ?? []).map(([choice, words]) => option(choice, words, value)))
      : field.kind === "long"
        ? el("textarea", { ...common, rows: 3, maxlength: most }, value ?? "")
        : el("input", {
            ...common,
            type: field.kind === "time" ? "datetime-local" : "text",
            step: field.kind === "time" ? 1 : null,
            maxlength: most,
            value,
          });
  return el(
    "div",
    { class: "ask-field" },
    el("label", { for: id }, label),
    input,
    hint ? el("p", { id: `${id}-hint`, class: "ask-hint" }, hint) : null,
  );
}

const option = (value: string, words: string, chosen: string | undefined): HTMLOptionElement =>
  el("option", { value, selected: value === chosen }, words);
