import type { FollowAnswer } from "../../../server/realtime/protocol.ts";
import type { LiveSocket } from "../following.ts";
import { call } from "./api.ts";
import { button, el } from "./elements.ts";
import { holdPlace } from "./place.ts";

type Trouble = "closed" | "signed-out" | "no-role";

/** Milliseconds between two questions who one is. */
const ASK_EVERY = 5_000;

/**
 * Says above everything what has happened to the blog or to whoever is here, while all that is on the screen stays: the
 * blog was closed, the session has ended, the role was taken.
 * @param signIn asks in place; whether the same person is signed in again
 */
export function watchTrouble(desk: HTMLElement, socket: LiveSocket, signIn: () => Promise<boolean>): void {
  const place = document.getElementById("desk-trouble")!;
  let shown: Trouble | null = null;
  let asked = 0;

  desk.addEventListener("dateline:answered", (event) => {
    const answer = (event as CustomEvent<FollowAnswer>).detail;
    if (answer.ok) show(isClosed() ? "closed" : null);
    else if (answer.problem.code === "forbidden" || answer.problem.code === "not-found") void findOut();
  });
  desk.addEventListener("dateline:shut-out", () => void findOut());
  desk.addEventListener("dateline:applied", () => {
    if (shown === null || shown === "closed") show(isClosed() ? "closed" : null);
  });
  show(isClosed() ? "closed" : null);

  function isClosed(): boolean {
    return document.getElementById("desk-header")!.dataset.state === "closed";
  }

  /** No session, or one that may no longer be here? */
  async function findOut(): Promise<void> {
    if (Date.now() - asked < ASK_EVERY) return;
    asked = Date.now();
    const me = await call<{ id: string }>("GET", "/api/me");
    if (me.kind === "signed-out") show("signed-out");
    else if (me.kind === "done") show("no-role");
  }

  function show(trouble: Trouble | null): void {
    if (trouble === shown) return;
    shown = trouble;
    desk.dataset.trouble = trouble ?? "";
    const back = holdPlace();
    place.replaceChildren(...(trouble === null ? [] : WORDS[trouble].map((words) => el("p", {}, words))));
    if (trouble === "signed-out")
      place.append(button("Sign in again", { class: "button button-main" }, () => void again()));
    if (trouble === "no-role") place.append(button("Try again", { class: "button" }, reconnect));
    back();
  }

  async function again(): Promise<void> {
    if (await signIn()) reconnect();
  }

  /** The socket brings the new session along only when it connects. */
  function reconnect(): void {
    asked = 0;
    socket.disconnect().connect();
  }
}

const WORDS: Record<Trouble, string[]> = {
  closed: [
    "This blog is closed. What you write can be kept as a draft; nothing new is published until it is reopened.",
  ],
  "signed-out": [
    "You are signed out. Everything here stays as it is, and what you write is kept on this device; nothing is sent and nothing new arrives until you sign in again.",
  ],
  "no-role": [
    "You no longer have a part in this blog. Everything here stays as it is, and what you wrote is kept on this device; nothing more can be sent. Ask an editor.",
  ],
};
