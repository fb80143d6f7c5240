import { call } from "./api.ts";
import type { Fields } from "./composition.ts";
import { part } from "./elements.ts";
import { pickField } from "./pick-field.ts";
import type { FormPart } from "./simple-fields.ts";

interface FoundComment {
  id: string;
  author: { name: string };
  body: string | null;
  createdAt: string;
}

/** Finds an approved comment, and shows the one that was picked. */
export function commentField(form: HTMLFormElement, blog: string, changed: () => void): FormPart {
  const search = part(form, "[data-composer=comment-search]");
  const input = part<HTMLInputElement>(search, "input");
  const hint = part(form, "[data-composer=comment-hint]");
  const picked = part(form, "[data-composer=comment-picked]");
  let comment: Fields["comment"] = null;

  pickField({
    input,
    list: part(search, "[role=listbox]"),
    eager: true,
    async find(query, signal) {
      const path = `/api/blogs/${blog}/comments?limit=8${query ? `&q=${encodeURIComponent(query)}` : ""}`;
      const answer = await call<{ comments: FoundComment[] }>("GET", path, { signal });
      if (signal.aborted) return [];
      if (answer.kind !== "done") {
        hint.textContent = "The comments cannot be looked through at the moment.";
        return [];
      }
      const found = answer.body.comments.filter(({ body }) => body);
      hint.textContent = found.length
        ? ""
        : query
          ? "No approved comment has these words."
          : "No comment was approved yet.";
      return found.map(({ id, author, body }) => ({
        label: body!,
        hint: author.name,
        choose: () => {
          draw({ id, name: author.name, body: body! });
          changed();
          form.querySelector<HTMLElement>(".composer-text")?.focus();
        },
      }));
    },
  });
  part(picked, "button").addEventListener("click", () => {
    draw(null);
    changed();
    input.focus();
  });

  function draw(next: Fields["comment"], isFixed = false): void {
    comment = next;
    search.hidden = next !== null;
    picked.hidden = next === null;
    part(picked, "blockquote").textContent = next?.body ?? "";
    part(picked, "figcaption").textContent = next?.name ?? "";
    part(picked, "button").hidden = isFixed;
  }

  return {
    show: (fields, base) => draw(fields.comment, base !== null),
    read: (into) => void (into.comment = comment),
  };
}
