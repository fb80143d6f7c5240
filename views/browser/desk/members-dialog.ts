import { call, type Answer } from "./api.ts";
import { openDialog, problemLine } from "./dialog.ts";
import { button, el } from "./elements.ts";
import { findPeople, pickField } from "./pick-field.ts";
import { replaceRows } from "./place.ts";
import { failureOf } from "./tell.ts";

interface Member {
  name: string;
  slug: string;
  roles: { role: string; everywhere: boolean }[];
}
type Members = { members: Member[] };

/** What each may do, for whoever gives it. */
const ROLES: [role: string, words: string][] = [
  ["contributor", "Contributor: writes drafts, publishes nothing"],
  ["reporter", "Reporter: writes and publishes"],
  ["moderator", "Moderator: decides readers’ comments"],
  ["editor", "Editor: all of that, and runs the blog"],
  ["admin", "Admin"],
];

/** Who may write and moderate in this blog: roles in it are given and taken here; those held everywhere are only shown. */
export async function manageMembers(desk: HTMLElement): Promise<void> {
  const path = `/api/blogs/${desk.dataset.blog}/members`;
  const problem = problemLine();
  const list = el("ul", { class: "people-list" });
  const said = el("p", { class: "visually-hidden", role: "status" });
  const input = el("input", {
    id: "people-find",
    role: "combobox",
    maxlength: 80,
    "aria-expanded": "false",
    "aria-controls": "people-found",
    "aria-autocomplete": "list",
    autocomplete: "off",
    placeholder: "Name",
  });
  const found = el("ul", {
    id: "people-found",
    class: "suggestions",
    role: "listbox",
    "aria-label": "People",
    hidden: true,
  });
  const role = el(
    "select",
    { id: "people-role" },
    ...ROLES.map(([value, words]) => el("option", { value, selected: value === "reporter" }, words)),
  );
  const chosen = el("p", { class: "people-chosen", role: "status" });
  let person: { name: string; slug: string } | null = null;
  const form = el(
    "form",
    { method: "dialog", class: "ask-form people-form", novalidate: true },
    el("h3", {}, "Add somebody"),
    el(
      "div",
      { class: "ask-field" },
      el("label", { for: "people-find" }, "Who"),
      el("div", { class: "composer-pick" }, input, found),
      chosen,
    ),
    el("div", { class: "ask-field" }, el("label", { for: "people-role" }, "As what"), role),
    problem.element,
    el(
      "div",
      { class: "ask-buttons" },
      button("Close", { class: "button" }, () => dialog.close()),
      el("button", { type: "submit", class: "button button-main" }, "Add"),
    ),
  );
  pickField({
    input,
    list: found,
    find: async (query, signal) =>
      (await findPeople(query, signal)).map((one) => ({ label: one.name, hint: one.slug, choose: () => choose(one) })),
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void add();
  });
  const dialog = openDialog("Who may write and moderate here", list, said, form);
  const reload = (event: Event): void => {
    if ((event as CustomEvent<string[]>).detail.includes("desk-settings")) void load();
  };
  desk.addEventListener("dateline:applied", reload);
  dialog.addEventListener("close", () => desk.removeEventListener("dateline:applied", reload));
  await load();

  async function load(): Promise<void> {
    take(await call<Members>("GET", path));
  }

  /** @returns whether it was done */
  function take(answer: Answer<Members>): boolean {
    if (answer.kind === "done") {
      problem.say(null);
      replaceRows(list, answer.body.members.map(row));
      return true;
    }
    const known = answer.kind === "refused" && answer.problem.status === 403 ? answer.problem.detail : null;
    problem.say(known ?? failureOf(answer));
    return false;
  }

  function row({ name, slug, roles }: Member): HTMLElement {
    return el(
      "li",
      { "data-person": slug },
      el("span", { class: "people-name" }, name),
      ...roles.map(({ role, everywhere }) =>
        everywhere
          ? el("span", { class: "people-role" }, `${role}, everywhere`)
          : el(
              "span",
              { class: "people-role is-here" },
              role,
              button(
                "✕",
                { class: "people-take", "aria-label": `${name} is no longer ${role} here` },
                () => void drop(name, slug, role),
              ),
            ),
      ),
    );
  }

  function choose(one: { name: string; slug: string }): void {
    person = one;
    chosen.textContent = `${one.name} (${one.slug})`;
    role.focus();
  }

  async function add(): Promise<void> {
    if (!person) {
      problem.say("Type a name, and choose somebody from the list.");
      return input.focus();
    }
    const { name, slug } = person;
    if (!take(await call<Members>("PUT", `${path}/${slug}/roles/${role.value}`))) return;
    said.textContent = `${name} is ${role.value} here now.`;
    person = null;
    chosen.textContent = "";
    input.focus();
  }

  async function drop(name: string, slug: string, role: string): Promise<void> {
    if (!take(await call<Members>("DELETE", `${path}/${slug}/roles/${role}`))) return;
    said.textContent = `${name} is no longer ${role} here.`;
    input.focus();
  }
}
