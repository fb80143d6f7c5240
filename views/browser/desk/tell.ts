import { reasonOf, type Answer } from "./api.ts";
import { button, el, removeAfter } from "./elements.ts";
import { holdPlace } from "./place.ts";

/** Milliseconds for which a message stays. */
const SHOWN_FOR = 10_000;

interface Way {
  label: string;
  /** That does it from anywhere on the desk. */
  key?: "u";
  act: () => void;
}

/** Says what came of what somebody did, on the screen and aloud; with a way back, or on, where there is one. */
export function tell(words: string, way?: Way): void {
  const region = document.getElementById("desk-messages")!;
  const message = el("p", { class: "desk-message" }, words);
  if (way)
    message.append(
      " ",
      button(way.label, { class: "link", "aria-keyshortcuts": way.key }, () => {
        const back = holdPlace(document.getElementById("posts-title") ?? region);
        message.remove();
        way.act();
        back();
      }),
    );
  region.replaceChildren(message);
  removeAfter(message, SHOWN_FOR);
}

/** Takes the way back that the latest message offers. @returns whether there was one */
export function undoTold(): boolean {
  const way = document.querySelector<HTMLElement>("#desk-messages [aria-keyshortcuts=u]");
  way?.click();
  return way !== null;
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
