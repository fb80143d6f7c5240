import { call } from "./api.ts";
import { ask } from "./ask.ts";
import { editBlog } from "./blog-edit.ts";
import { editBox } from "./box-dialog.ts";
import { keeper, openDialog, problemLine } from "./dialog.ts";
import { button, el } from "./elements.ts";
import { manageMembers } from "./members-dialog.ts";
import { richField } from "./rich-field.ts";
import { failureOf, tell } from "./tell.ts";

/**
 * What is done with the blog itself: its title, its end, who answers for it and who writes in it; by the names of the
 * buttons. Loaded when the first of them is pressed.
 */
export function blogActions(desk: HTMLElement): Record<string, () => unknown> {
  const path = `/api/blogs/${desk.dataset.blog}`;
  return {
    edit: () => editBlog(desk.dataset.blog!),
    box: () => editBox(desk),
    members: () => manageMembers(desk),
    "hand-over": handOver,
    close: () => closeBlog(desk),
    reopen,
  };

  function handOver(): void {
    const people = [...document.querySelectorAll<HTMLElement>("#desk-settings .member-list [data-person]")];
    const able = people.filter((one) => one.querySelector("[data-role]:not([data-role=contributor])"));
    ask(
      {
        title: "Hand the blog over",
        text: "Everybody on this desk sees who is on duty, and your note.",
        fields: [
          {
            name: "slug",
            label: "To",
            kind: "choice",
            choices: [
              ...able.map(({ dataset, children }): [string, string] => [
                dataset.person!,
                children[0]!.textContent + (dataset.person === desk.dataset.me ? " (you)" : ""),
              ]),
              ["", "Nobody"],
            ],
          },
          {
            name: "note",
            label: "What they should know",
            kind: "long",
            most: 1_000,
            hint: "Open questions, who has been asked, what comes next.",
          },
        ],
        go: "Hand over",
        keepAs: `dateline-hand-over/${desk.dataset.blog}/${desk.dataset.myId}`,
      },
      async ({ slug, note }) => {
        const answer = await call("PUT", `${path}/duty`, { body: { slug: slug || null, note: note ?? "" } });
        if (answer.kind !== "done") return failureOf(answer);
        tell("Handed over.");
        return null;
      },
    );
  }

  function reopen(): void {
    ask(
      {
        title: "Reopen the blog",
        text: "It is live again for everybody, and the summary of its end goes off the page.",
        fields: [],
        go: "Reopen",
      },
      async () => {
        const answer = await call("DELETE", `${path}/closure`);
        if (answer.kind !== "done") return failureOf(answer);
        tell("The blog is live again.");
        return null;
      },
    );
  }
}

/** The summary is kept on the device until it stands on the page. */
function closeBlog(desk: HTMLElement): void {
  const kept = keeper<string>(`dateline-summary/${desk.dataset.blog}/${desk.dataset.myId}`);
  const problem = problemLine();
  const text = richField("summary-label", "How it ended, in a few lines", () => kept.keep(text.html()));
  text.set(kept.get() ?? "");
  const form = el(
    "form",
    { method: "dialog", class: "ask-form", novalidate: true },
    el("p", {}, "Readers are told that this live blog has ended. Nothing can be published in it until it is reopened."),
    el(
      "div",
      { class: "ask-field" },
      el("span", { id: "summary-label", class: "ask-label" }, "Summary for readers, if there is one"),
      text.element,
    ),
    problem.element,
    el(
      "div",
      { class: "ask-buttons" },
      button("Cancel", { class: "button" }, () => dialog.close()),
      el("button", { type: "submit", class: "button button-main" }, "Close the blog"),
    ),
  );
  const dialog = openDialog("Close the blog", form);
  dialog.addEventListener("close", () => text.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void close();
  });

  async function close(): Promise<void> {
    const summary = text.html();
    const answer = await call("PUT", `/api/blogs/${desk.dataset.blog}/closure`, { body: summary ? { summary } : {} });
    if (answer.kind !== "done") return problem.say(failureOf(answer));
    kept.forget();
    dialog.close();
    tell("The blog is closed.");
  }
}
