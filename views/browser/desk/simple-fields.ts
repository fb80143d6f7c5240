import type { Base, Fields, Kind, Verification } from "./composition.ts";
import { part } from "./elements.ts";

/** A part of the form: puts a composition's fields into its elements, and reads them out again. */
export interface FormPart {
  show(fields: Fields, base: Base | null): void;
  read(into: Fields): void;
}

type Named = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Kind, headline, quote, marks, verification, note and correction: one element each. */
export function simpleFields(form: HTMLFormElement, changed: () => void): FormPart {
  const named = (name: string): Named => part<Named>(form, `[name=${name}]`);
  const headline = part(form, "[data-composer=headline]");
  const headlineButton = part(form, "[data-composer=headline-button]");
  const correction = part(form, "[data-composer=correction]");
  const verification = named("verification");
  const mark = (name: string): HTMLElement => part(form, `[data-mark=${name}]`);
  const isOn = (name: string): boolean => mark(name).getAttribute("aria-pressed") === "true";
  const press = (name: string, on = false): void => mark(name).setAttribute("aria-pressed", String(on));

  for (const name of ["keyEvent", "summary", "pinned"])
    mark(name).addEventListener("click", () => {
      press(name, !isOn(name));
      changed();
    });
  mark("unverified").addEventListener("click", () => {
    verification.value = verification.value === "unverified" ? "" : "unverified";
    changed();
  });
  headlineButton.addEventListener("click", () => {
    showHeadline(Boolean(headline.hidden));
    if (!headline.hidden) return named("headline").focus();
    named("headline").value = "";
    changed();
  });
  part<HTMLInputElement>(form, "[name=headline]").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    form.querySelector<HTMLElement>(".composer-text")?.focus();
  });
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "kind") changed();
  });

  function showHeadline(shown: boolean): void {
    headline.hidden = !shown;
    headlineButton.setAttribute("aria-pressed", String(shown));
  }

  return {
    show(fields, base) {
      for (const radio of form.querySelectorAll<HTMLInputElement>("[name=kind]")) {
        radio.checked = radio.value === fields.kind;
        // A post stays what it was made as.
        radio.disabled = base !== null && !radio.checked;
      }
      showHeadline(fields.headline !== "");
      named("headline").value = fields.headline;
      named("quoteText").value = fields.quote.text;
      named("quoteName").value = fields.quote.name;
      named("quoteRole").value = fields.quote.role;
      named("quoteSource").value = fields.quote.source;
      named("quoteLink").value = fields.quote.sourceUrl;
      press("keyEvent", fields.keyEvent);
      press("summary", fields.summary);
      press("pinned", fields.pinned);
      verification.value = fields.verification ?? "";
      named("verificationNote").value = fields.verificationNote;
      named("note").value = fields.note;
      named("correction").value = fields.correction;
      correction.hidden = base?.status !== "published";
    },
    read(into) {
      const kind = form.querySelector<HTMLInputElement>("[name=kind]:checked")!.value as Kind;
      Object.assign(into, {
        kind,
        headline: named("headline").value,
        quote: {
          text: named("quoteText").value,
          name: named("quoteName").value,
          role: named("quoteRole").value,
          source: named("quoteSource").value,
          sourceUrl: named("quoteLink").value,
        },
        keyEvent: isOn("keyEvent"),
        summary: isOn("summary"),
        pinned: isOn("pinned"),
        verification: (verification.value || null) as Verification | null,
        verificationNote: named("verificationNote").value,
        note: named("note").value,
        correction: named("correction").value,
      });
    },
  };
}
