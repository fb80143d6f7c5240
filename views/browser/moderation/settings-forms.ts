import { call, type Problem } from "../desk/api.ts";
import { part } from "../desk/elements.ts";
import { failureOf, tell } from "../desk/tell.ts";
import { instantsOf, inWords, wallClock } from "../desk/zone-time.ts";

const NAMES: Record<string, string> = {
  state: "the discussion",
  moderation: "how new comments are handled",
  slowModeSeconds: "the wait between two comments",
  newCommenterHold: "how many of a newcomer’s are held",
  holdLinks: "links",
  allowedDomains: "links that are not held",
  editWindowSeconds: "how long comments can be changed",
  closesAt: "when it closes",
};

type Value = string | number | boolean | string[] | null;
type Settings = Record<string, Value> & { version: number };

/** The settings of one blog, and the switch for all of them; what a colleague saved first is told, and not overwritten. */
export function openSettings(main: HTMLElement): void {
  const all = main.querySelector<HTMLFormElement>("#all-settings");
  const blog = main.querySelector<HTMLFormElement>("#blog-settings");
  if (all) openAll(all);
  if (blog) openBlog(blog);
}

function openAll(form: HTMLFormElement): void {
  const off = part<HTMLInputElement>(form, "[name=disabled]");
  const message = part<HTMLInputElement>(form, "[name=message]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });

  async function save(): Promise<void> {
    const body = { disabled: off.checked, message: message.value.trim(), version: Number(form.dataset.version) };
    const answer = await call<{ version: number }>("PATCH", "/api/moderation/settings", { body });
    if (answer.kind === "done") {
      form.dataset.version = String(answer.body.version);
      fail(form, null);
      return tell(
        off.checked ? "The comments of all blogs are off." : "Saved. Comments go by each blog’s own settings.",
      );
    }
    if (answer.kind !== "refused" || answer.problem.status !== 409) return fail(form, failureOf(answer));
    const current = answer.problem.current as { disabled: boolean; message: string; version: number };
    form.dataset.version = String(current.version);
    const state = current.disabled ? `turned them off, saying “${current.message}”` : "turned them on";
    fail(form, `A colleague ${state} meanwhile. Save again if yours is to hold.`);
  }
}

function openBlog(form: HTMLFormElement): void {
  const zone = form.dataset.timeZone!;
  const closes = part<HTMLInputElement>(form, "[name=closesAt]");
  if (closes.dataset.at) closes.value = localOf(closes.dataset.at, zone);
  let before = given(form, zone);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });

  async function save(): Promise<void> {
    const now = given(form, zone);
    if (now === null) return fail(form, "There is no such time on the clocks there; choose another.");
    // Only what was changed here: what a colleague changed beside it stays.
    const changes = Object.fromEntries(
      Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before?.[name])),
    );
    if (!Object.keys(changes).length) return tell("Nothing was changed.");
    const body = { ...changes, version: Number(form.dataset.version) };
    const path = `/api/blogs/${form.dataset.blog}/comment-settings`;
    const answer = await call<Settings>("PATCH", path, { body });
    if (answer.kind === "refused") return refused(answer.problem, now);
    if (answer.kind !== "done") return fail(form, failureOf(answer));
    form.dataset.version = String(answer.body.version);
    before = now;
    fail(form, null);
    const closesAt = answer.body.closesAt;
    tell(typeof closesAt === "string" ? `Saved. It closes ${inWords(new Date(closesAt), zone)}.` : "Saved.");
    await renew();
  }

  function refused({ status, current, errors = [], detail, code }: Problem, now: Record<string, Value>): void {
    if (status === 409 && code === "version-conflict") {
      return meanwhile(current as Settings, now);
    }
    const wrong = errors.map(({ pointer }) => NAMES[pointer.split("/")[1] ?? ""]).filter(Boolean);
    fail(
      form,
      wrong.length
        ? `This cannot be accepted: ${[...new Set(wrong)].join(", ")}.`
        : status === 403
          ? "You do not moderate this blog."
          : detail,
    );
  }

  /** Where only the colleague changed something the form takes it over; where both did, yours stays to be saved again. */
  function meanwhile(theirs: Settings, now: Record<string, Value>): void {
    const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
    const changed = Object.keys(NAMES).filter((name) => !isSame(theirs[name], before?.[name]));
    const clashing = changed.filter((name) => !isSame(now[name], before?.[name]) && !isSame(now[name], theirs[name]));
    for (const name of changed) if (!clashing.includes(name)) put(form, name, theirs[name], zone);
    form.dataset.version = String(theirs.version);
    before = { ...before, ...Object.fromEntries(changed.map((name) => [name, theirs[name] ?? null])) };
    const words = changed.map((name) => `${NAMES[name]} (now ${said(theirs[name])})`).join(", ");
    const next = clashing.length ? "Save again if yours is to hold." : "It is in the form now; save again.";
    fail(form, `A colleague changed ${words} meanwhile. ${next}`);
  }

  /** The sentence that says how it is now. */
  async function renew(): Promise<void> {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = fresh.querySelector("#settings-now");
    if (now) part(form, "#settings-now").replaceChildren(...now.childNodes);
  }
}

/** What the form says, as the API takes it; null for a time that clocks there jump over. */
function given(form: HTMLFormElement, zone: string): Record<string, Value> | null {
  const value = (name: string) => part<HTMLInputElement>(form, `[name=${name}]`).value;
  const local = value("closesAt");
  const [at] = local ? instantsOf(local, zone) : [];
  if (local && !at) return null;
  return {
    state: value("state"),
    moderation: value("moderation"),
    slowModeSeconds: Number(value("slowModeSeconds")),
    newCommenterHold: Number(value("newCommenterHold")),
    holdLinks: part<HTMLInputElement>(form, "[name=holdLinks]").checked,
    allowedDomains: value("allowedDomains").split(/\s+/).filter(Boolean),
    editWindowSeconds: Math.round(Number(value("editMinutes")) * 60),
    closesAt: at?.toISOString() ?? null,
  };
}

function put(form: HTMLFormElement, name: string, value: Value | undefined, zone: string): void {
  const field = (of: string) => part<HTMLInputElement>(form, `[name=${of}]`);
  if (name === "holdLinks") field(name).checked = Boolean(value);
  else if (name === "allowedDomains") field(name).value = (value as string[]).join("\n");
  else if (name === "editWindowSeconds") field("editMinutes").value = String(Number(value) / 60);
  else if (name === "closesAt") field(name).value = value ? localOf(String(value), zone) : "";
  else field(name).value = String(value);
}

function localOf(at: string, zone: string): string {
  const { date, time } = wallClock(new Date(at), zone);
  return `${date}T${time}`;
}

const said = (value: Value | undefined): string =>
  Array.isArray(value) ? value.join(", ") || "none" : value === null ? "none" : String(value);

function fail(form: HTMLFormElement, words: string | null): void {
  const problem = part(form, ".form-problem");
  problem.hidden = words === null;
  problem.textContent = words ?? "";
}
