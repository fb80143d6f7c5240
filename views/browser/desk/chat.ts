import { call } from "./api.ts";
import { parse } from "../changes.ts";
import { tickTimes } from "../relative-times.ts";
import { showCount } from "./counts.ts";
import { el, part } from "./elements.ts";
import { failureOf, tell } from "./tell.ts";
import type { Tabs } from "./tabs.ts";

/** Milliseconds in which one's own message can be taken back; the server decides. */
const REGRET = 10 * 60_000;
/** Pixels from the end that still count as having read it. */
const NEAR = 40;

interface Message {
  id: string;
  author: { name: string; slug: string } | null;
  body: string;
  at: string;
}

/** What the colleagues on this desk say to each other. */
export function openChat(desk: HTMLElement, tabs: Tabs, announce: (words: string) => void): void {
  const path = `/api/blogs/${desk.dataset.blog}/desk-messages`;
  const { me, myId, blog } = desk.dataset;
  const scroll = document.getElementById("chat-scroll")!;
  const past = document.getElementById("chat-past")!;
  const older = document.getElementById("chat-older") as HTMLButtonElement;
  const form = document.getElementById("chat-form") as HTMLFormElement;
  const field = part<HTMLTextAreaElement>(form, "textarea");
  const problem = document.getElementById("chat-problem")!;
  const seen = keptId(`dateline-chat/${blog}/${myId}`);
  const unsent = `dateline-unsent/${blog}/${myId}`;
  let known = new Map<string, HTMLElement>();
  /** Of the words in the field: sent again, they are the same message. */
  let key = crypto.randomUUID();
  let sending = false;
  let oldest: string | null = null;

  known = copies();
  if (seen.get() === "0") seen.set(lastId());
  field.value = sessionStorage.getItem(unsent) ?? "";
  listen();
  settle(true);

  function listen(): void {
    desk.addEventListener("dateline:applied", (event) => {
      if ((event as CustomEvent<string[]>).detail.includes("desk-chat")) changed();
    });
    desk.addEventListener("dateline:tab", (event) => {
      settle(true);
      if ((event as CustomEvent<string>).detail === "chat") form.scrollIntoView({ block: "end" });
    });
    document.addEventListener("visibilitychange", () => settle(false));
    scroll.addEventListener("scroll", () => read(), { passive: true });
    new IntersectionObserver(() => read()).observe(scroll);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send();
    });
    field.addEventListener("input", () => {
      key = crypto.randomUUID();
      sessionStorage.setItem(unsent, field.value);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return field.blur();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send();
    });
    older.addEventListener("click", () => void showOlder());
    scroll.addEventListener("click", ({ target }) => {
      const pressed = (target as HTMLElement).closest<HTMLElement>("[data-take-back]");
      if (pressed) void takeBack(pressed.dataset.takeBack!);
    });
  }

  function messages(): HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>("#desk-chat .chat-message")];
  }

  function lastId(): string {
    return messages().at(-1)?.id.replace("message-", "") ?? "0";
  }

  function copies(): Map<string, HTMLElement> {
    return new Map(messages().map((message) => [message.id, message.cloneNode(true) as HTMLElement]));
  }

  function changed(): void {
    const atEnd = isAtEnd();
    const now = new Set(messages().map(({ id }) => id));
    const first = messages()[0]?.id;
    // The part holds only the latest: what it gave up for newer ones stays on this page.
    for (const [id, message] of known)
      if (!now.has(id) && first && isBefore(id, first) && !document.getElementById(id)) past.append(message);
    const fresh = messages().filter((message) => !known.has(message.id) && message.dataset.author !== me);
    const newest = fresh.at(-1);
    if (newest) announce(`${part(newest, "strong").textContent}: ${part(newest, ".chat-body").textContent}`);
    known = copies();
    settle(atEnd);
  }

  /** @param toEnd whether the latest is what one wants to see */
  function settle(toEnd: boolean): void {
    for (const message of scroll.querySelectorAll<HTMLElement>(".chat-message")) {
      const isMine = message.dataset.author === me;
      message.classList.toggle("is-mine", isMine);
      const said = Date.parse(part<HTMLTimeElement>(message, "time").dateTime);
      const button = message.querySelector<HTMLElement>("[data-take-back]");
      if (button) button.hidden = !isMine || Date.now() - said > REGRET;
    }
    oldest ??= document.getElementById("desk-chat")!.dataset.oldest || null;
    older.hidden = !oldest;
    if (toEnd) scroll.scrollTop = scroll.scrollHeight;
    read();
  }

  function isAtEnd(): boolean {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
  }

  /** What stands at the end of the list, on a screen that somebody looks at, has been read. */
  function read(): void {
    const { top, bottom } = scroll.getBoundingClientRect();
    const isSeen = tabs.shows("chat") && !document.hidden && top < innerHeight && bottom > 0 && bottom > top;
    if (isSeen && isAtEnd()) seen.set(lastId());
    const unread = messages().filter(
      ({ id, dataset }) => dataset.author !== me && isBefore(`message-${seen.get()}`, id),
    );
    showCount("chat", unread.length, "unread");
  }

  async function send(): Promise<void> {
    const body = field.value.trim();
    if (!body || sending) return;
    sending = true;
    problem.hidden = true;
    const answer = await call<Message>("POST", path, { body: { body }, key });
    sending = false;
    if (answer.kind !== "done") {
      problem.textContent = `Not sent. ${failureOf(answer)}`;
      problem.hidden = false;
      return;
    }
    // Whatever was typed meanwhile is another message.
    if (field.value.trim() === body) field.value = "";
    key = crypto.randomUUID();
    sessionStorage.setItem(unsent, field.value);
    scroll.scrollTop = scroll.scrollHeight;
  }

  async function takeBack(id: string): Promise<void> {
    const answer = await call("DELETE", `${path}/${id}`);
    if (answer.kind !== "done") return tell(answer.kind === "refused" ? answer.problem.detail : failureOf(answer));
    known.delete(`message-${id}`);
    past.querySelector(`#message-${id}`)?.remove();
    field.focus();
  }

  async function showOlder(): Promise<void> {
    const before = past.firstElementChild?.id.replace("message-", "") ?? oldest;
    if (!before) return;
    // A disabled button would lose the focus.
    if (older.ariaDisabled) return;
    older.ariaDisabled = "true";
    const answer = await call<{ messages: Message[]; next: string | null }>("GET", `${path}?limit=50&before=${before}`);
    older.ariaDisabled = null;
    if (answer.kind !== "done") return tell(failureOf(answer));
    const height = scroll.scrollHeight;
    past.prepend(...answer.body.messages.toReversed().map(messageOf));
    scroll.scrollTop += scroll.scrollHeight - height;
    if (answer.body.next === null) oldest = "";
    const hadFocus = document.activeElement === older;
    older.hidden = answer.body.next === null;
    if (hadFocus && older.hidden) scroll.focus({ preventScroll: true });
    tickTimes();
  }
}

/** As views/partials/desk/chat.hbs has it. */
function messageOf({ id, author, body, at }: Message): HTMLElement {
  const message = parse('<li class="chat-message"><p class="chat-head"></p><p class="chat-body"></p></li>');
  message.id = `message-${id}`;
  message.dataset.author = author?.slug ?? "";
  const time = el("time", { datetime: at, "data-relative": true }, new Date(at).toLocaleString("en-GB"));
  part(message, ".chat-head").append(el("strong", {}, author?.name ?? "A former colleague"), " ", time);
  part(message, ".chat-body").innerText = body;
  return message;
}

const isBefore = (one: string, other: string): boolean =>
  BigInt(one.replace("message-", "")) < BigInt(other.replace("message-", ""));

/** The last message that was read on this device. */
function keptId(name: string): { get(): string; set(id: string): void } {
  let id = "0";
  try {
    id = localStorage.getItem(name) ?? "0";
  } catch {
    // Then all that is there counts as read.
  }
  return {
    get: () => id,
    set(next) {
      if (BigInt(next) <= BigInt(id)) return;
      id = next;
      try {
        localStorage.setItem(name, id);
      } catch {
        // As above.
      }
    },
  };
}
