import { call, type Problem } from "../desk/api.ts";
import { el, part } from "../desk/elements.ts";
import { failureOf, tell } from "../desk/tell.ts";

interface List {
  name: string;
  entries: string[];
  version: number;
}
type Match = { entry: string; start: number; end: number };

const WRONG: Record<string, string> = {
  empty: "is empty",
  "too-long": "is longer than 100 characters",
  "no-letters-or-digits": "has no letters or digits",
  "invalid-characters": "has characters that cannot be kept",
  "too-many": "and what follows are too many: a list has at most 5,000",
};
/** Lines that are told of at once. */
const MOST_TOLD = 8;

/** The two lists, each saved by itself, and the box to try both in as they stand. */
export function openWords(main: HTMLElement): void {
  const forms = [...main.querySelectorAll<HTMLFormElement>(".word-list")];
  const lists = forms.map(openList);
  const trial = part<HTMLFormElement>(main, "#try-words");
  trial.addEventListener("submit", (event) => {
    event.preventDefault();
    void tryThem();
  });
  addEventListener("beforeunload", (event) => lists.some((list) => list.isChanged()) && event.preventDefault());

  async function tryThem(): Promise<void> {
    const text = part<HTMLTextAreaElement>(trial, "textarea").value;
    const result = part(trial, ".try-result");
    const answers = await Promise.all(
      lists.map(async ({ name, entries, refuse }) => {
        const path = `/api/moderation/word-lists/${name}/test`;
        const answer = await call<{ matches: Match[] }>("POST", path, { body: { text, entries: entries() } });
        if (answer.kind === "refused") refuse(answer.problem);
        return { name, answer };
      }),
    );
    const failed = answers.find(({ answer }) => answer.kind !== "done");
    if (failed && failed.answer.kind !== "done") {
      const isEntries = failed.answer.kind === "refused" && failed.answer.problem.errors?.length;
      result.replaceChildren(el("p", {}, isEntries ? "A line below cannot be used." : failureOf(failed.answer)));
      return;
    }
    const found = answers.flatMap(({ name, answer }) =>
      answer.kind === "done" ? answer.body.matches.map((match) => ({ ...match, name })) : [],
    );
    result.replaceChildren(...resultOf(text, found));
  }
}

function resultOf(text: string, found: (Match & { name: string })[]): HTMLElement[] {
  if (!found.length) return [el("p", {}, "Nothing is found: this text would pass both lists.")];
  const banned = found.some(({ name }) => name === "banned");
  const marked = el("p", { class: "try-marked", dir: "auto" });
  let end = 0;
  for (const match of found.toSorted((one, other) => one.start - other.start)) {
    if (match.start < end) continue;
    marked.append(text.slice(end, match.start));
    marked.append(el("mark", { class: `is-${match.name}` }, text.slice(match.start, match.end)));
    end = match.end;
  }
  marked.append(text.slice(end));
  const names = [...new Set(found.map(({ entry, name }) => `“${entry}” (${name})`))];
  return [
    el(
      "p",
      {},
      el("strong", {}, banned ? "It would be rejected at once." : "It would wait for a moderator."),
      ` Found: ${names.join(", ")}.`,
    ),
    marked,
  ];
}

function openList(form: HTMLFormElement) {
  const name = form.dataset.list!;
  const field = part<HTMLTextAreaElement>(form, "textarea");
  const problem = part(form, ".form-problem");
  const theirsButton = form.querySelector<HTMLButtonElement>("[data-theirs]");
  // As it came, and not what was typed before this script was there.
  let saved = linesOf(field.defaultValue);
  let theirs: List | null = null;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });
  theirsButton?.addEventListener("click", merge);
  return { name, entries: () => linesOf(field.value), refuse, isChanged: () => !isSame(linesOf(field.value), saved) };

  async function save(): Promise<void> {
    const body = { entries: linesOf(field.value), version: Number(form.dataset.version) };
    const answer = await call<List>("PUT", `/api/moderation/word-lists/${name}`, { body });
    if (answer.kind === "refused") return refuse(answer.problem);
    if (answer.kind !== "done") return fail(failureOf(answer));
    take(answer.body);
    field.value = answer.body.entries.join("\n");
    fail(null);
    const { length } = answer.body.entries;
    tell(`The ${name} list is saved: ${length === 1 ? "one entry" : `${length} entries`}. It holds from now on.`);
  }

  function take({ entries, version }: List): void {
    form.dataset.version = String(version);
    saved = entries;
    part(form, "[data-size]").textContent = String(entries.length);
    theirs = null;
    theirsButton!.hidden = true;
  }

  function refuse({ status, errors = [], current, detail }: Problem): void {
    if (status === 409) return clash(current as List);
    if (status === 403) return fail("These lists hold for all blogs: those who moderate everywhere change them.");
    const wrong = errors.filter(({ pointer }) => /^\/entries\/\d+$/.test(pointer));
    if (!wrong.length) return fail(detail);
    const lines = numbersOfLines(field.value);
    const words = wrong.slice(0, MOST_TOLD).map(({ pointer, code }) => {
      const n = Number(pointer.split("/")[2]);
      return `Line ${lines[n] ?? n + 1} ${WRONG[code] ?? "cannot be kept"}.`;
    });
    const rest = wrong.length > MOST_TOLD ? ` And ${wrong.length - MOST_TOLD} more.` : "";
    fail(`${words.join(" ")}${rest} The list that was there goes on.`);
    select(lines[Number(wrong[0]!.pointer.split("/")[2])] ?? 1);
  }

  /** Nothing typed is lost: what the colleague changed is told, and can be taken in. */
  function clash(current: List): void {
    theirs = current;
    const added = current.entries.filter((entry) => !saved.includes(entry));
    const removed = saved.filter((entry) => !current.entries.includes(entry));
    const said = (word: string, list: string[]) => (list.length ? ` ${word} ${list.slice(0, 10).join(", ")}.` : "");
    fail(
      `A colleague saved this list meanwhile.${said("Added:", added)}${said("Removed:", removed)} Yours is not saved yet.`,
    );
    theirsButton!.hidden = false;
    theirsButton!.focus();
  }

  /** Their list, with what was added and removed here done to it as well. */
  function merge(): void {
    if (!theirs) return;
    const mine = linesOf(field.value);
    const [before, now] = [saved, theirs.entries];
    const kept = now.filter((entry) => !before.includes(entry) || mine.includes(entry));
    const added = mine.filter((entry) => !before.includes(entry) && !now.includes(entry));
    take(theirs);
    field.value = [...kept, ...added].join("\n");
    fail(null);
    field.focus();
    tell("Both are in the list now. Look it through, and save it.");
  }

  function fail(words: string | null): void {
    problem.hidden = words === null;
    problem.textContent = words ?? "";
    if (words === null) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
  }

  function select(line: number): void {
    const before = field.value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, one) => sum + one.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + field.value.split("\n")[line - 1]!.length);
  }
}

/** Empty lines are nobody's mistake. */
const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** The number, from 1, of the line that each entry stands on. */
const numbersOfLines = (text: string): number[] => text.split("\n").flatMap((line, n) => (line.trim() ? [n + 1] : []));

const isSame = (one: string[], other: string[]): boolean => one.join("\n") === other.join("\n");
