import type { Author, Source } from "./composition.ts";
import { button, el, part } from "./elements.ts";
import { asTag, findPeople, findTags, pickField } from "./pick-field.ts";
import type { FormPart } from "./simple-fields.ts";

export interface Byline extends FormPart {
  add(author: Author): void;
}

/** Colleagues by account, guests by name; empty stands for whoever writes, unless no byline is wanted. */
export function bylineField(form: HTMLFormElement, changed: () => void): Byline {
  const box = part(form, "[data-composer=byline]");
  const none = part<HTMLInputElement>(form, "[name=noByline]");
  const input = part<HTMLInputElement>(box, "input");
  let authors: Author[] = [];

  pickField({
    input,
    list: part(box, "[role=listbox]"),
    find: async (query, signal) =>
      (await findPeople(query, signal)).map((person) => ({
        label: person.name,
        choose: () => add({ name: person.name, slug: person.slug }),
      })),
    take: (name) => {
      add({ name, slug: null });
      input.value = "";
    },
    back: () => set(authors.slice(0, -1)),
  });
  none.addEventListener("change", () => set([]));

  function add(author: Author): void {
    none.checked = false;
    if (authors.length < 10 && !authors.some(({ name, slug }) => name === author.name && slug === author.slug))
      set([...authors, author]);
  }

  function set(next: Author[]): void {
    draw(next);
    changed();
  }

  function draw(next: Author[]): void {
    authors = next;
    const names = next.map(({ name, slug }) => (slug ? name : `${name} (guest)`));
    drawChips(box, names, (n) => set(authors.filter((_, i) => i !== n)));
  }

  return {
    add,
    show(fields) {
      none.checked = fields.authors?.length === 0;
      draw(fields.authors ?? []);
    },
    read(into) {
      into.authors = none.checked ? [] : authors.length ? authors : null;
    },
  };
}

export interface Tags extends FormPart {
  add(tag: string): void;
}

export function tagsField(form: HTMLFormElement, blog: string, changed: () => void): Tags {
  const box = part(form, "[data-composer=tags]");
  const input = part<HTMLInputElement>(box, "input");
  let tags: string[] = [];

  pickField({
    input,
    list: part(box, "[role=listbox]"),
    find: async (query, signal) =>
      (await findTags(blog, asTag(query), signal)).map(({ tag, posts }) => ({
        label: tag,
        hint: posts === 1 ? "1 post" : `${posts} posts`,
        choose: () => add(tag),
      })),
    take: (text) => {
      add(text);
      input.value = "";
    },
    back: () => set(tags.slice(0, -1)),
  });

  function add(text: string): void {
    const tag = asTag(text);
    if (tag && tags.length < 10 && !tags.includes(tag)) set([...tags, tag]);
  }

  function set(next: string[]): void {
    draw(next);
    changed();
  }

  function draw(next: string[]): void {
    tags = next;
    drawChips(box, next, (n) => set(tags.filter((_, i) => i !== n)));
  }

  return {
    add,
    show: (fields) => draw(fields.tags),
    read: (into) => void (into.tags = tags),
  };
}

function drawChips(box: HTMLElement, labels: string[], remove: (n: number) => void): void {
  for (const chip of box.querySelectorAll(".chip")) chip.remove();
  const input = part(box, "input");
  const chips = labels.map((label, n) =>
    el(
      "span",
      { class: "chip" },
      label,
      button("×", { class: "chip-remove", "aria-label": `Remove ${label}` }, () => {
        remove(n);
        input.focus();
      }),
    ),
  );
  input.before(...chips);
}

/** Where it comes from: for readers, or for the newsroom alone. */
export function sourcesField(form: HTMLFormElement, changed: () => void): FormPart {
  const list = part(form, "[data-composer=sources]");
  const addButton = part<HTMLButtonElement>(form, "[data-composer=add-source]");

  addButton.addEventListener("click", () => {
    const row = sourceRow({ name: "", url: "", note: "", public: false });
    list.append(row);
    row.querySelector("input")!.focus();
    addButton.disabled = list.childElementCount >= 10;
  });

  function sourceRow(source: Source): HTMLElement {
    const field = (name: string, label: string, value: string, attributes: Record<string, string> = {}) =>
      el("label", {}, el("span", {}, label), el("input", { "data-source": name, value, ...attributes }));
    const isPublic = el("input", { type: "checkbox", "data-source": "public", checked: source.public });
    const row = el(
      "li",
      { class: "composer-source" },
      field("name", "Name", source.name, { maxlength: "200" }),
      field("url", "Link", source.url, { type: "url", inputmode: "url", maxlength: "2000" }),
      field("note", "Note", source.note, { maxlength: "500" }),
      el("label", { class: "composer-check" }, isPublic, " Readers see it"),
      button("Remove", { class: "composer-quiet" }, () => {
        row.remove();
        addButton.disabled = false;
        addButton.focus();
        changed();
      }),
    );
    return row;
  }

  return {
    show({ sources }) {
      list.replaceChildren(...sources.map(sourceRow));
      addButton.disabled = sources.length >= 10;
    },
    read(into) {
      into.sources = [...list.children]
        .map((row) => {
          const value = (name: string): HTMLInputElement => part<HTMLInputElement>(row, `[data-source=${name}]`);
          return {
            name: value("name").value,
            url: value("url").value,
            note: value("note").value,
            public: value("public").checked,
          };
        })
        // A row that nobody wrote in yet.
        .filter(({ name, url, note }) => name || url || note);
    },
  };
}
