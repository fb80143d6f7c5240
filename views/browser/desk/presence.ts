import { call, ownAccount } from "./api.ts";
import { el } from "./elements.ts";
import { tabId } from "./settings.ts";

/** Milliseconds. */
const EVERY = 20_000;

/** Says that this tab is on the desk and what is edited in it, and shows who else is. */
export function openPresence(desk: HTMLElement): void {
  const path = `/api/blogs/${desk.dataset.blog}/presence`;
  const company = document.getElementById("company")!;
  let editing: string | null = null;
  /** Ids of the posts that say who edits them. */
  let marked = new Set<string>();
  let saying = false;
  let sayAgain = false;

  desk.addEventListener("dateline:composing", (event) => {
    editing = (event as CustomEvent<{ postId: string | null }>).detail.postId;
    show();
    void say();
  });
  desk.addEventListener("dateline:applied", show);
  addEventListener("pagehide", () => {
    // sendBeacon can only POST.
    void fetch(path, {
      method: "DELETE",
      headers: { "Content-Type": "application/json", ...ownAccount() },
      body: JSON.stringify({ tab: tabId() }),
      keepalive: true,
    }).catch(() => {});
  });
  addEventListener("pageshow", ({ persisted }) => persisted && void say());
  addEventListener("online", () => void say());
  setInterval(() => void say(), EVERY);
  show();
  void say();

  /** One after the other, so that the last word is the last said. */
  async function say(): Promise<void> {
    sayAgain = saying;
    if (saying) return;
    saying = true;
    const body = { tab: tabId(), editing };
    let answer = await call("PUT", path, { body });
    // What was edited is gone meanwhile, or only its author's again.
    if (answer.kind === "refused" && answer.problem.status === 422 && editing)
      answer = await call("PUT", path, { body: { ...body, editing: null } });
    saying = false;
    if (answer.kind === "signed-out" || (answer.kind === "refused" && answer.problem.status === 403))
      desk.dispatchEvent(new CustomEvent("dateline:shut-out"));
    if (sayAgain) void say();
  }

  /** Beside the posts, on each post, and above the composer. */
  function show(): void {
    const editors = new Map<string, string[]>();
    for (const person of document.querySelectorAll<HTMLElement>("#desk-presence [data-person]")) {
      const isMe = person.dataset.person === desk.dataset.me;
      person.classList.toggle("is-me", isMe);
      const name = person.querySelector(".here-name")!.textContent;
      for (const { dataset } of isMe ? [] : person.querySelectorAll<HTMLElement>(".here-editing"))
        editors.set(dataset.post!, [...(editors.get(dataset.post!) ?? []), name]);
    }
    for (const id of marked) if (!editors.has(id)) document.querySelector(`#post-${id} .desk-post-editors`)?.remove();
    for (const [id, names] of editors) markPost(id, `${namesOf(names)} editing this`);
    marked = new Set(editors.keys());
    const others = editing === null ? undefined : editors.get(editing);
    const words = others ? `${namesOf(others)} editing this post too. Whoever saves second will see both texts.` : "";
    if (company.textContent !== words) company.textContent = words;
    company.hidden = !others;
  }
}

function markPost(id: string, words: string): void {
  const article = document.getElementById(`post-${id}`);
  if (!article) return;
  let mark = article.querySelector<HTMLElement>(".desk-post-editors");
  if (!mark) {
    mark = el("p", { class: "desk-post-editors" });
    article.querySelector(".desk-post-state")!.after(mark);
  }
  if (mark.textContent !== words) mark.textContent = words;
}

const namesOf = (names: string[]): string =>
  names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are`;
