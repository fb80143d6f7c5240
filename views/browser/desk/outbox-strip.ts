import { summaryOf, type Composition } from "./composition.ts";
import { button, el, part } from "./elements.ts";
import type { Outbox, OutboxState } from "./outbox.ts";
import { holdPlace, replaceRows } from "./place.ts";

export interface OutboxStripEvents {
  readonly outbox: Outbox;
  opened(composition: Composition): void;
  signIn(): Promise<boolean>;
}

/** What waits to go out, why, and what can be done about it. */
export function showOutbox(root: HTMLElement, state: OutboxState, events: OutboxStripEvents): void {
  const { waiting, unreached, signedOut, slow } = state;
  const strip = part(root, "[data-composer=outbox]");
  const back = holdPlace();
  // What is on its way and has no trouble is gone before anybody could read about it.
  strip.hidden = !waiting.length || !(unreached || signedOut || slow || waiting[0]!.tries > 1 || !navigator.onLine);
  const posts = waiting.length === 1 ? "1 post" : `${waiting.length} posts`;
  const isUnderWay = slow && !unreached && navigator.onLine;
  const words = signedOut
    ? `Waiting for you to sign in: ${posts}`
    : isUnderWay
      ? `Sending, slowly: ${posts}`
      : `Waiting for a connection: ${posts}`;
  const status = part(strip, "p");
  if (status.textContent !== words) status.textContent = words;
  const rows = waiting.map((sending) => {
    const row = el("li", {}, el("span", {}, summaryOf(sending.composition.fields)));
    if (sending.tries === 0)
      row.append(
        button("Take back", { class: "composer-quiet" }, () => {
          void events.outbox.takeBack(sending).then((isBack) => isBack && events.opened(sending.composition));
        }),
      );
    return row;
  });
  const again = signedOut
    ? button("Sign in", { class: "composer-quiet" }, () => {
        void events.signIn().then((isIn) => (isIn ? events.outbox.signedIn() : undefined));
      })
    : button("Try now", { class: "composer-quiet" }, () => void events.outbox.hurry());
  replaceRows(part(strip, "ul"), [...rows, el("li", {}, again)]);
  back();
}
