import { part } from "../desk/elements.ts";
import { cardActions } from "./card-actions.ts";
import { cardList } from "./card-list.ts";
import { cardKeys } from "./card-keys.ts";
import { keepCounts } from "./counts.ts";
import { decisions } from "./decisions.ts";
import { followQueues } from "./queue-streams.ts";
import { selection } from "./selection.ts";
import { swipes } from "./swipe.ts";

/** Brings a page of cards to life: they follow the stream, and their buttons speak to the API. */
export function openCards(main: HTMLElement): void {
  const list = cardList(main);
  const counts = keepCounts(main);
  const decide = decisions(main, list);
  const several = selection(main, list, decide);
  const act = cardActions(main, list, decide);
  followQueues(main, list, (changes) => {
    several.settle();
    counts.soon();
    const { person } = main.dataset;
    if (person && changes.some(({ html }) => html?.includes(`data-author="${person}"`)))
      main.dispatchEvent(new CustomEvent("dateline:person"));
  });
  main.addEventListener("dateline:decided", () => counts.soon());
  cardKeys(main, list, { act, several, undo: () => void decide.undo() });
  swipes(main, (article, action) => void act(article, action));
  main.addEventListener("click", ({ target }) => {
    const pressed = (target as HTMLElement).closest<HTMLElement>(".card [data-action]");
    if (pressed) void act(pressed.closest<HTMLElement>(".card")!, pressed.dataset.action!);
  });
  // On a phone the queues are wider than the screen.
  main.querySelector(".queues [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  const buttons = main.querySelector<HTMLElement>(".queue-buttons");
  if (buttons) openTools(main, buttons, list);
}

function openTools(main: HTMLElement, buttons: HTMLElement, list: ReturnType<typeof cardList>): void {
  buttons.hidden = false;
  const pause = part<HTMLButtonElement>(buttons, "#pause");
  pause.addEventListener("click", () => {
    const isPaused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", String(isPaused));
    pause.textContent = isPaused ? "Paused – go on" : "Pause";
    list.pause(isPaused);
  });
  part(buttons, "#tidy").addEventListener("click", () => list.tidy());
  // A choice is enough; the button is for those without a script.
  const order = part<HTMLSelectElement>(main, "#queue-order");
  order.addEventListener("change", () => order.form!.submit());
}
