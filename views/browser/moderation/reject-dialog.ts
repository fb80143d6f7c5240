import { part } from "../desk/elements.ts";

export interface Reason {
  code: string;
  /** May be empty. */
  text: string;
}

/** Asks why a comment is rejected; a digit chooses, Enter does it. @returns null when it is called off */
export function askReason(title: string): Promise<Reason | null> {
  const dialog = part<HTMLDialogElement>(document, "#reject-dialog");
  const form = part<HTMLFormElement>(dialog, "form");
  const problem = part(dialog, ".form-problem");
  const choices = [...form.querySelectorAll<HTMLInputElement>("[name=reason]")];
  const text = part<HTMLInputElement>(form, "[name=text]");
  const over = new AbortController();
  const { signal } = over;
  form.reset();
  problem.hidden = true;
  part(dialog, "h2").textContent = title;
  let answer: (reason: Reason | null) => void;
  const asked = new Promise<Reason | null>((resolve) => (answer = resolve));

  dialog.addEventListener("keydown", onKey, { signal });
  part(dialog, "[data-cancel]").addEventListener("click", () => dialog.close(), { signal });
  form.addEventListener("submit", onSubmit, { signal });
  // Also by Escape.
  dialog.addEventListener("close", () => end(null), { signal });
  dialog.showModal();
  choices[0]!.focus();
  return asked;

  function onKey(event: KeyboardEvent): void {
    const choice = /^[1-9]$/.test(event.key) && event.target !== text ? choices[Number(event.key) - 1] : undefined;
    if (event.key === "Enter" && event.target !== text && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.focus();
  }

  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    const chosen = choices.find(({ checked }) => checked);
    if (chosen) return end({ code: chosen.value, text: text.value.trim() });
    problem.textContent = "Choose why.";
    problem.hidden = false;
  }

  function end(reason: Reason | null): void {
    over.abort();
    if (dialog.open) dialog.close();
    answer(reason);
  }
}
