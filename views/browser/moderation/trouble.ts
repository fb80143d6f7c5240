import type { FollowAnswer } from "../../../server/realtime/protocol.ts";
import { call } from "../desk/api.ts";
import { button, el } from "../desk/elements.ts";
import type { LiveSocket } from "../following.ts";

/** Milliseconds between two questions who one is. */
const ASK_EVERY = 5_000;

/** Says above the cards that the session has ended or the role was taken, while all that is on the screen stays. */
export function watchTrouble() {
  const place = document.getElementById("moderation-trouble")!;
  const sockets: LiveSocket[] = [];
  let asked = 0;

  return {
    add: (socket: LiveSocket): void => void sockets.push(socket),
    answered(answer: FollowAnswer): void {
      if (answer.ok) place.replaceChildren();
      else if (answer.problem.code === "forbidden" || answer.problem.code === "not-found") void findOut();
    },
  };

  /** No session, or one that may no longer be here? */
  async function findOut(): Promise<void> {
    if (Date.now() - asked < ASK_EVERY) return;
    asked = Date.now();
    const me = await call<{ id: string }>("GET", "/api/me");
    if (me.kind === "unreached") return;
    const address = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    const words =
      me.kind === "signed-out"
        ? [
            "You are signed out. Nothing that you decide is sent, and nothing new arrives. ",
            el("a", { href: address, target: "_blank" }, "Sign in in another tab"),
            ", then ",
          ]
        : ["You do not moderate here any more. Ask an editor, then "];
    place.replaceChildren(el("p", {}, ...words, button("try again", { class: "link" }, reconnect), "."));
  }

  /** A socket brings the new session along only when it connects. */
  function reconnect(): void {
    asked = 0;
    for (const socket of sockets) socket.disconnect().connect();
  }
}
