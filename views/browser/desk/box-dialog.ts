import { call } from "./api.ts";
import { keeper, openDialog, problemLine } from "./dialog.ts";
import { button, el } from "./elements.ts";
import { richField } from "./rich-field.ts";
import { failureOf, tell } from "./tell.ts";

interface Box {
  title: string;
  body: string;
  version: number;
}
interface Revision extends Box {
  at: string;
  by: string | null;
}

/** The standing box on top of the page, edited like a post: what two write at once, both see. */
export async function editBox(desk: HTMLElement): Promise<void> {
  const path = `/api/blogs/${desk.dataset.blog}/what-we-know`;
  const kept = keeper<Box>(`dateline-box/${desk.dataset.blog}/${desk.dataset.myId}`);
  const answer = await call<Box>("GET", path);
  if (answer.kind !== "done") return tell(failureOf(answer));
  const mine = kept.get();
  let base = answer.body;
  const problem = problemLine();
  const theirs = el("div", { class: "theirs", hidden: true });
  const note = el("p", { class: "ask-hint", role: "status", hidden: true });
  const title = el("input", { id: "box-title", maxlength: 120, required: true, input: keep });
  const text = richField("box-label", "What is certain by now, in a few lines", keep);
  const history = el("details", { class: "box-history" }, el("summary", {}, "What it said before"));
  const form = el(
    "form",
    { method: "dialog", class: "ask-form", novalidate: true },
    note,
    el("div", { class: "ask-field" }, el("label", { for: "box-title" }, "Title"), title),
    el("div", { class: "ask-field" }, el("span", { id: "box-label", class: "ask-label" }, "Text"), text.element),
    theirs,
    problem.element,
    el(
      "div",
      { class: "ask-buttons" },
      base.body ? button("Take it off the page", { class: "button box-off" }, () => void save(null)) : null,
      button("Cancel", { class: "button" }, () => dialog.close()),
      el("button", { type: "submit", class: "button button-main" }, "Save"),
    ),
  );
  show(mine ?? base);
  if (mine) {
    note.hidden = false;
    note.append(
      "What you were writing is still here. ",
      button("Start from what readers see", { class: "link" }, startAfresh),
    );
    // Somebody may have saved since: then the server says so, and both are shown.
    base = { ...base, version: mine.version };
  }
  const dialog = openDialog("The box on top of the page", form, history);
  dialog.classList.add("box-dialog");
  dialog.addEventListener("close", () => text.close());
  history.addEventListener("toggle", () => history.open && void showHistory());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save({ title: title.value.trim(), body: text.html() });
  });

  function show(box: Pick<Box, "title" | "body">): void {
    title.value = box.title || "What we know";
    text.set(box.body);
  }

  function keep(): void {
    kept.keep({ title: title.value, body: text.html(), version: base.version });
  }

  function startAfresh(): void {
    kept.forget();
    note.hidden = true;
    dialog.close();
    void editBox(desk);
  }

  async function save(box: Pick<Box, "title" | "body"> | null): Promise<void> {
    if (box && !box.title) return problem.say("The box needs a title.");
    if (box && !box.body) return problem.say("The box needs a text. To have none, take it off the page.");
    problem.say(null);
    const { version } = base;
    const answer = box
      ? await call<Box>("PUT", path, { version, body: box })
      : await call<Box>("DELETE", path, { version });
    if (answer.kind === "done") {
      kept.forget();
      dialog.close();
      return tell(box ? "Readers see it on top of the page." : "It is off the page.");
    }
    if (answer.kind === "refused" && answer.problem.status === 412) return showTheirs(answer.problem.current as Box);
    problem.say(failureOf(answer));
  }

  /** Both texts, one below the other; nobody's is lost. */
  function showTheirs(now: Box): void {
    base = now;
    keep();
    theirs.hidden = false;
    theirs.replaceChildren(
      el(
        "p",
        { class: "theirs-title", tabindex: -1 },
        "A colleague saved another text meanwhile. Readers see this now:",
      ),
      textOf(now),
      el("p", {}, "Save again to put yours in its place, or take over from it what yours should have."),
      button("Take theirs", { class: "button" }, () => {
        show(now);
        keep();
        theirs.hidden = true;
        title.focus();
      }),
    );
    theirs.querySelector<HTMLElement>(".theirs-title")!.focus();
  }

  async function showHistory(): Promise<void> {
    const answer = await call<{ revisions: Revision[] }>("GET", `${path}/revisions`);
    if (answer.kind !== "done") return problem.say(failureOf(answer));
    history.querySelector("ol, p")?.remove();
    const all = answer.body.revisions.toReversed();
    if (!all.length) return history.append(el("p", { class: "aside-nothing" }, "Nothing yet."));
    history.append(
      el(
        "ol",
        { class: "history-list" },
        ...all.map((revision) =>
          el(
            "li",
            { class: "history-entry" },
            el(
              "p",
              { class: "history-who" },
              el("strong", {}, revision.by ?? "The server"),
              ", ",
              el("time", { datetime: revision.at }, new Date(revision.at).toLocaleString("en-GB")),
            ),
            revision.body ? textOf(revision) : el("p", { class: "aside-nothing" }, "Taken off the page"),
            revision.body
              ? button("Use this text", { class: "link" }, () => {
                  show(revision);
                  keep();
                  title.focus();
                })
              : null,
          ),
        ),
      ),
    );
  }
}

function textOf({ title, body }: Pick<Box, "title" | "body">): HTMLElement {
  const text = el("div", { class: "post-body" });
  // As the server keeps it: reduced to what a text may hold.
  text.innerHTML = body;
  return el("div", { class: "theirs-text" }, el("p", {}, el("strong", {}, title)), text);
}
