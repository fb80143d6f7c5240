import { call } from "./api.ts";
import { fillLanguages, fillTimeZones, timeZoneOf } from "./blog-fields.ts";
import { openDialog, problemLine } from "./dialog.ts";
import { button, el } from "./elements.ts";
import { failureOf, tell } from "./tell.ts";

interface BlogFields {
  title: string;
  standfirst: string;
  language: string;
  timeZone: string;
}

const LABELS: Record<keyof BlogFields, string> = {
  title: "Title",
  standfirst: "Standfirst",
  language: "Language",
  timeZone: "Time zone",
};

/** Title, standfirst, language and time zone. What somebody else has set meanwhile is shown beside, never written over unseen. */
export async function editBlog(blog: string): Promise<void> {
  const path = `/api/blogs/${blog}`;
  let base = await read();
  if (!base) return tell("The newsroom’s server did not answer. Try again.");
  const problem = problemLine();
  const theirs = el("div", { class: "theirs", hidden: true });
  const title = el("input", { id: "blog-f-title", name: "title", maxlength: 200, required: true });
  const standfirst = el("textarea", { id: "blog-f-standfirst", name: "standfirst", rows: 3, maxlength: 1_000 });
  const language = el("select", { id: "blog-f-language", name: "language" });
  const zones = el("datalist", { id: "blog-zones" });
  const timeZone = el("input", {
    id: "blog-f-zone",
    name: "timeZone",
    list: "blog-zones",
    maxlength: 60,
    required: true,
  });
  const form = el(
    "form",
    { method: "dialog", class: "ask-form", novalidate: true },
    labelled("title", title),
    labelled("standfirst", standfirst),
    labelled("language", language),
    labelled("timeZone", timeZone, "A change shows every time on the page anew, for everybody."),
    zones,
    theirs,
    problem.element,
    el(
      "div",
      { class: "ask-buttons" },
      button("Cancel", { class: "button" }, () => dialog.close()),
      el("button", { type: "submit", class: "button button-main" }, "Save"),
    ),
  );
  show(base.fields);
  const dialog = openDialog("Title and settings", form);
  fillTimeZones(zones);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });

  function show(fields: BlogFields): void {
    title.value = fields.title;
    standfirst.value = fields.standfirst;
    fillLanguages(language, fields.language);
    timeZone.value = fields.timeZone;
  }

  async function save(): Promise<void> {
    const zone = timeZoneOf(timeZone.value);
    if (!title.value.trim()) return problem.say("A blog needs a title.");
    if (!zone) return problem.say("There is no such time zone. Type the name of a large city near you.");
    problem.say(null);
    const given = { title: title.value, standfirst: standfirst.value, language: language.value, timeZone: zone };
    const changes = Object.fromEntries(
      Object.entries(given).filter(([name, value]) => value.trim() !== base!.fields[name as keyof BlogFields]),
    );
    if (!Object.keys(changes).length) return dialog.close();
    const answer = await call<BlogFields>("PATCH", path, { body: changes, version: base!.revision });
    if (answer.kind === "done") {
      dialog.close();
      return tell("Saved; readers see it.");
    }
    if (answer.kind === "refused" && answer.problem.status === 412) return showTheirs();
    problem.say(failureOf(answer));
  }

  /** Somebody was faster: what they set stands beside, and one decides. */
  async function showTheirs(): Promise<void> {
    const now = await read();
    if (!now) return problem.say("Somebody changed it meanwhile, and the server does not answer. Try again.");
    const mine = base!.fields;
    base = now;
    const names = (Object.keys(LABELS) as (keyof BlogFields)[]).filter((name) => now.fields[name] !== mine[name]);
    theirs.hidden = false;
    theirs.replaceChildren(
      el("p", { class: "theirs-title", tabindex: -1 }, "Somebody changed it meanwhile. It says now:"),
      el(
        "dl",
        {},
        ...names.flatMap((name) => [el("dt", {}, LABELS[name]), el("dd", {}, now.fields[name] || "(nothing)")]),
      ),
      el("p", {}, "Save again to set what stands in the fields above."),
      button("Take theirs", { class: "button" }, () => {
        show(now.fields);
        theirs.hidden = true;
        title.focus();
      }),
    );
    theirs.querySelector<HTMLElement>(".theirs-title")!.focus();
  }

  async function read(): Promise<{ fields: BlogFields; revision: number } | null> {
    const response = await fetch(path, { cache: "no-store" }).catch(() => null);
    if (!response?.ok) return null;
    const { title, standfirst, language, timeZone } = (await response.json()) as BlogFields;
    const revision = Number(/"(\d+)/.exec(response.headers.get("ETag") ?? "")?.[1]);
    return { fields: { title, standfirst, language, timeZone }, revision };
  }
}

function labelled(name: keyof BlogFields, field: HTMLElement, hint?: string): HTMLElement {
  if (hint) field.setAttribute("aria-describedby", `${field.id}-hint`);
  return el(
    "div",
    { class: "ask-field" },
    el("label", { for: field.id }, LABELS[name]),
    field,
    hint ? el("p", { id: `${field.id}-hint`, class: "ask-hint" }, hint) : null,
  );
}
