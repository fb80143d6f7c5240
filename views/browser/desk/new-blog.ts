import { call, reasonOf, type Answer } from "./api.ts";
import { fillLanguages, fillTimeZones, ownLanguage, ownTimeZone, timeZoneOf } from "./blog-fields.ts";
import { keeper } from "./dialog.ts";
import { part } from "./elements.ts";
import { richField } from "./rich-field.ts";
import { failureOf } from "./tell.ts";

interface Words {
  title: string;
  standfirst: string;
  headline: string;
  body: string;
}

/** A new blog in one screen, with its first post. */
export function openNewBlog(form: HTMLFormElement): void {
  const field = (name: string) => part<HTMLInputElement>(form, `[name=${name}]`);
  const problem = part(form, "#new-problem");
  const kept = keeper<Words>(`dateline-new-blog-${part(document, "[data-my-id]").dataset.myId}`);
  const text = richField("new-body-label", "What is happening?", keep);
  part(form, "#new-body").replaceWith(text.element);
  fillLanguages(part<HTMLSelectElement>(form, "[name=language]"), ownLanguage());
  fillTimeZones(part<HTMLDataListElement>(form, "datalist"));
  field("timeZone").value = ownTimeZone();
  const before = kept.get();
  for (const name of ["title", "standfirst", "headline"] as const) field(name).value = before?.[name] ?? "";
  text.set(before?.body ?? "");
  /** Of these words: asked again after no answer, nothing is made twice. */
  let key = crypto.randomUUID();

  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  function keep(): void {
    const [title, standfirst, headline] = ["title", "standfirst", "headline"].map((name) => field(name).value);
    kept.keep({ title: title!, standfirst: standfirst!, headline: headline!, body: text.html() });
    key = crypto.randomUUID();
  }

  async function send(): Promise<void> {
    say(null);
    const timeZone = timeZoneOf(field("timeZone").value);
    if (!field("title").value.trim()) return refuse("title", "A blog needs a title.");
    if (!timeZone) return refuse("timeZone", "There is no such time zone. Type the name of a large city near you.");
    const go = part<HTMLButtonElement>(form, "[type=submit]");
    if (go.ariaDisabled) return;
    // A disabled button would lose the focus.
    go.ariaDisabled = "true";
    const answer = await call<{ slug: string }>("POST", "/api/blogs", { body: requestOf(timeZone), key });
    go.ariaDisabled = null;
    if (answer.kind !== "done") return say(failure(answer));
    kept.forget();
    location.assign(`/desk/blogs/${answer.body.slug}`);
  }

  /** The blog and its first post are made together, or neither. */
  function requestOf(timeZone: string): object {
    const [title, standfirst, language] = ["title", "standfirst", "language"].map((name) => field(name).value);
    const [headline, body] = [field("headline").value.trim(), text.html()];
    const firstPost = headline || body ? { firstPost: { headline: headline || null, body, status: "published" } } : {};
    return { title, standfirst, language, timeZone, ...firstPost };
  }

  function refuse(name: string, words: string): void {
    part(form, `[data-error="/${name}"]`).textContent = words;
    field(name).setAttribute("aria-invalid", "true");
    field(name).focus();
  }

  function say(words: string | null): void {
    problem.hidden = words === null;
    problem.textContent = words ?? "";
    for (const error of form.querySelectorAll("[data-error]")) error.textContent = "";
    for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  }
}

const failure = (answer: Exclude<Answer<unknown>, { kind: "done" }>): string =>
  answer.kind === "refused" && answer.problem.status === 422 ? reasonOf(answer.problem) : failureOf(answer);
