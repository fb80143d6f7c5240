import { call, type Answer } from "../desk/api.ts";
import { button, el, part } from "../desk/elements.ts";
import { say as words } from "../words.ts";
import { troubleOf, type Trouble } from "./words.ts";

/** Graphemes, which is what a reader counts as characters; the server's own limit, and from where on the page counts. */
const LONGEST = 2_000;
const COUNTED_FROM = 1_800;

export interface Writing<T> {
  /** Asks the server to take the text. */
  send(text: string): Promise<Answer<T>>;
  /** It was taken. */
  done(result: T): void;
  /** At every change of the text. */
  keep(text: string): void;
}

export interface WritingForm {
  readonly form: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  set(text: string): void;
}

/** Brings a form to life: it counts, it sends without leaving the page, and it says in place what is wrong. */
export function bringToLife<T>(form: HTMLFormElement, writing: Writing<T>): WritingForm {
  const field = part<HTMLTextAreaElement>(form, "textarea");
  const problem = part(form, ".form-problem");
  const go = part<HTMLButtonElement>(form, "button[type=submit]");
  const counter = el("p", { class: "write-count", hidden: true });
  let isSending = false;
  let waiting = 0;
  go.before(counter);
  form.append(el("p", { class: "write-closed" }, words("talk.closed-meanwhile")));
  form.noValidate = true;

  field.addEventListener("input", () => {
    writing.keep(field.value);
    look();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isSending) void send();
  });
  look();
  return {
    form,
    field,
    set(text) {
      field.value = text;
      look();
    },
  };

  async function send(): Promise<void> {
    const text = field.value;
    if (!text.trim()) return say({ words: words("talk.empty") });
    isSending = true;
    field.readOnly = true;
    go.setAttribute("aria-disabled", "true");
    const answer = await writing.send(text);
    isSending = false;
    field.readOnly = false;
    go.removeAttribute("aria-disabled");
    const trouble = troubleOf(answer);
    if (trouble) return say(trouble);
    say(null);
    field.value = "";
    look();
    if (answer.kind === "done") writing.done(answer.body);
  }

  function look(): void {
    form.classList.toggle("has-text", field.value.trim() !== "");
    const count = field.value.length < COUNTED_FROM ? 0 : graphemes(field.value);
    const left = LONGEST - count;
    counter.hidden = count < COUNTED_FROM;
    counter.classList.toggle("is-over", left < 0);
    counter.textContent = left >= 0 ? words("talk.left", { count: left }) : words("talk.too-many", { count: -left });
  }

  function say(trouble: Trouble | null): void {
    clearInterval(waiting);
    problem.hidden = !trouble;
    problem.replaceChildren();
    if (!trouble) return;
    problem.append(el("span", {}, trouble.words));
    for (const link of trouble.links ?? []) problem.append(" ", el("a", { href: link.to }, link.words));
    if (trouble.warning) problem.append(" ", acknowledging(trouble.warning));
    if (trouble.wait) countDown(trouble.wait);
  }

  /** Says the seconds to those who see them, and that it is over to everybody. */
  function countDown(seconds: number): void {
    const left = el("span", { "aria-hidden": "true" });
    problem.append(" ", left);
    const tell = (): void => {
      left.textContent = words("talk.send-in", { count: seconds });
      if (seconds-- > 0) return;
      say({ words: words("talk.send-now") });
    };
    tell();
    waiting = setInterval(tell, 1_000);
  }

  function acknowledging(warning: string): HTMLButtonElement {
    return button(words("talk.have-read"), { class: "button" }, () => {
      void call("POST", `/api/me/warnings/${warning}/acknowledge`).then((answer) => {
        const trouble = troubleOf(answer);
        say(trouble ?? { words: words("talk.send-after-warning") });
        field.focus();
      });
    });
  }
}

function graphemes(text: string): number {
  let count = 0;
  for (const _ of new Intl.Segmenter().segment(text)) count++;
  return count;
}
