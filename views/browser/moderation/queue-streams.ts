import type { Change, FollowAnswer } from "../../../server/realtime/protocol.ts";
import { connectionNotice } from "../connection-notice.ts";
import { follow } from "../following.ts";
import type { CardList } from "./card-list.ts";
import { watchTrouble } from "./trouble.ts";

/** Keeps the cards as a fresh load would show them; one stream for all blogs, or one for each of a few. */
export function followQueues(main: HTMLElement, list: CardList, applied: (changes: Change[]) => void): void {
  const notice = connectionNotice(document.getElementById("connection")!);
  const elements = [...main.querySelectorAll<HTMLElement>(".queue-stream")];
  const connected = new Set<HTMLElement>(elements);
  const trouble = watchTrouble();
  for (const element of elements) {
    const { stream, updates } = element.dataset;
    const socket = follow(
      element,
      { stream: stream!, updates: updates! },
      {
        apply,
        refresh: () => refresh(element),
        connected(is) {
          if (is) connected.add(element);
          else connected.delete(element);
          notice(connected.size === elements.length);
        },
        answered: (answer: FollowAnswer) => trouble.answered(answer),
      },
    );
    trouble.add(socket);
  }

  function apply(changes: Change[]): void {
    list.apply(changes);
    if (changes.length) applied(changes);
  }

  /** Takes over the page as the server shows it now; what is not on it any more is asked for by itself. */
  async function refresh(element: HTMLElement): Promise<void> {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) throw new Error(`The page answered ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const cards = [...fresh.querySelectorAll<HTMLElement>("#cards .card")];
    const shown = new Set(cards.map(({ id }) => id));
    const gone = list.all().filter(({ id }) => !shown.has(id));
    const asked = await Promise.all(gone.map(({ id }) => fetchCard(id.replace("card-", ""))));
    apply([...cards.map(changeTo), ...asked.filter((change) => change !== null)]);
    const now = fresh.querySelector<HTMLElement>(`.queue-stream[data-stream="${element.dataset.stream}"]`)!;
    element.dataset.epoch = now.dataset.epoch!;
    element.dataset.version = now.dataset.version!;
  }
}

/** A card as it is now; null where the server does not answer. */
export async function fetchCard(id: string): Promise<Change | null> {
  const response = await fetch(`/moderation/cards/${id}`, { headers: { Accept: "application/json" } }).catch(
    () => null,
  );
  return response?.ok ? ((await response.json()) as Change) : null;
}

const changeTo = (element: HTMLElement): Change => ({
  target: element.id,
  html: element.outerHTML,
  place: element.dataset.place!,
});
