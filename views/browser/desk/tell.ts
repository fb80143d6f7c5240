import { reasonOf, type Answer } from "./api.ts";
import { button, el } from "./elements.ts";

/** Milliseconds for which a message stays. */
const SHOWN_FOR = 10_000;

/** Says what came of what somebody did, on the screen and aloud; with a way back where there is one. */
export function tell(words: string, undo?: { label: string; act: () => void }): void {
  const region = document.getElementById("desk-messages")!;
  const message = el("p", { class: "desk-message" }, words);
  const timer = setTimeout(() => message.remove(), SHOWN_FOR);
  if (undo)
    message.append(
      " ",
      button(undo.label, { class: "link" }, () => {
        clearTimeout(timer);
        message.remove();
        undo.act();
      }),
    );
  region.replaceChildren(message);
}

/** Why something could not be done, in words for whoever did it. */
export function failureOf(answer: Exclude<Answer<unknown>, { kind: "done" }>): string {
  switch (answer.kind) {
    case "signed-out":
      return "You are signed out. Sign in again in another tab, and then once more here.";
    case "unreached":
      return "The newsroom’s server did not answer. Nothing is known to have happened; try again.";
    case "refused":
      return answer.problem.status === 412
        ? "Somebody changed it meanwhile. Look at it as it is now, and do it again if it still should be done."
        : reasonOf(answer.problem);
  }
}
