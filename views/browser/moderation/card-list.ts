import type { Change } from "../../../server/realtime/protocol.ts";
import { parse } from "../changes.ts";
import { part } from "../desk/elements.ts";
import { tell } from "../desk/tell.ts";
import { become } from "../morph.ts";
import { comparePlaces } from "../places.ts";
import { sayTimes } from "../relative-times.ts";
import { allowActions, say, settledWords } from "./card-state.ts";
import { keepingPlace } from "./keeping-place.ts";

export interface CardList {
  /** What the server says has changed. */
  apply(changes: Change[]): void;
  /** Puts a card as it is now where it belongs, also one that is not of this list; it stays until one tidies up. */
  show(change: Change, words: string): HTMLElement | null;
  /** Takes a card away; whoever had their focus in it goes on from the next. */
  take(article: HTMLElement): void;
  /** Whether a comment of this state would be in the list. */
  keeps(status: string): boolean;
  /** Lets new ones wait, or in. */
  pause(on: boolean): void;
  /** Lets in what waits, and leads to the first of them. */
  letIn(): void;
  /** Away with what does not belong here any more. */
  tidy(): void;
  all(): HTMLElement[];
  current(): HTMLElement | null;
  /** From the card that has the focus to the one after it, or before it. */
  step(by: 1 | -1): void;
}

/** The cards of a queue, or of a person: each that belongs is there, and none moves the one that is looked at. */
export function cardList(main: HTMLElement): CardList {
  const list = part(main, "#cards");
  const nothing = part(main, "#no-cards");
  const fresh = part<HTMLButtonElement>(main, "#new-cards");
  const more = part<HTMLButtonElement>(main, "#more-cards");
  const tidyButton = main.querySelector<HTMLElement>("#tidy");
  const { queue, person, order } = main.dataset;
  const blogs = new Set((main.dataset.blogs ?? "").split(" ").filter(Boolean));
  /** New cards that wait until they are asked for. */
  const waiting = new Map<string, Change & { place: string }>();
  /** What changed of cards that are not on the page while more of them are on their way; null when none are. */
  let missed: Map<string, Change> | null = null;
  let isPaused = false;

  fresh.addEventListener("click", letIn);
  more.addEventListener("click", () => void showMore());
  for (const article of all()) allowActions(article, main.dataset);

  return { apply, show, take, keeps, pause, letIn, tidy, all, current, step };

  function all(): HTMLElement[] {
    return [...list.querySelectorAll<HTMLElement>(".card")];
  }

  function current(): HTMLElement | null {
    return document.activeElement?.closest<HTMLElement>("#cards .card") ?? null;
  }

  function belongs({ dataset }: HTMLElement): boolean {
    if (person) return dataset.author === person;
    if (blogs.size && !blogs.has(dataset.blog!)) return false;
    return dataset.queues!.split(" ").includes(queue!);
  }

  function keeps(status: string): boolean {
    return Boolean(person) || queue === status;
  }

  function apply(changes: Change[]): void {
    keepingPlace(list, current(), () => {
      for (const change of changes) if (change.place !== undefined) applyOne({ ...change, place: change.place });
    });
    settle();
  }

  function applyOne(change: Change & { place: string }): void {
    const article = document.getElementById(change.target);
    const next = change.html === null ? null : parse(change.html);
    if (article) return next ? changed(article, next) : settled(article, "Deleted by its author.");
    missed?.set(change.target, change);
    if (!next || !belongs(next)) return void waiting.delete(change.target);
    if (isBeyondEnd(change.place)) return;
    if (isPaused || waiting.has(change.target) || wouldDisturb(change.place)) waiting.set(change.target, change);
    else insert(next, change.place);
  }

  function changed(article: HTMLElement, next: HTMLElement): void {
    const hadFocus = article.contains(document.activeElement);
    const { stays } = article.dataset;
    const isOwn = next.dataset.decider === main.dataset.myId && !stays;
    const line = part(article, ".card-line").textContent;
    become(article, next);
    // What one went back to stays, however often the stream says it again.
    if (stays) article.dataset.stays = stays;
    allowActions(article, main.dataset);
    article.classList.remove("is-settled");
    sayTimes([article]);
    // What was focused in it may be gone.
    if (hadFocus && !article.contains(document.activeElement)) article.focus({ preventScroll: true });
    if (belongs(article)) return;
    if (isOwn) return take(article);
    if (!stays) return settled(article, settledWords(article.dataset));
    // Told when one went back to it: not over what was told since.
    grey(article, line);
  }

  function settled(article: HTMLElement, words: string): void {
    grey(article, words);
    if (article.contains(document.activeElement)) tell(words);
  }

  /** It stays where it is, so that nothing jumps under a finger. */
  function grey(article: HTMLElement, words: string): void {
    article.classList.add("is-settled");
    say(article, words);
  }

  function show({ target, html, place }: Change, words: string): HTMLElement | null {
    if (html === null || place === undefined) return null;
    const next = parse(html);
    waiting.delete(target);
    keepingPlace(list, current(), () => {
      const known = document.getElementById(target);
      if (known) become(known, next);
      else insert(next, place);
    });
    const article = document.getElementById(target)!;
    allowActions(article, main.dataset);
    article.removeAttribute("aria-busy");
    article.dataset.stays = "yes";
    article.classList.toggle("is-settled", !belongs(article));
    say(article, words);
    settle();
    return article;
  }

  function take(article: HTMLElement): void {
    const item = article.parentElement!;
    const hadFocus = article.contains(document.activeElement);
    const neighbour = beside(article, 1) ?? beside(article, -1);
    item.remove();
    settle();
    if (hadFocus) (neighbour ?? nothing).focus({ preventScroll: Boolean(neighbour) });
  }

  function insert(article: HTMLElement, place: string): void {
    const item = document.createElement("li");
    item.append(article);
    const after = [...list.children].find((other) => isBefore(place, placeOf(other)));
    list.insertBefore(item, after ?? null);
    allowActions(article, main.dataset);
    sayTimes([article]);
  }

  function isBefore(one: string, other: string): boolean {
    const difference = comparePlaces(one, other);
    return order === "newest" ? difference > 0 : difference < 0;
  }

  /** What comes after the last card that is shown comes with "More". */
  function isBeyondEnd(place: string): boolean {
    const last = list.lastElementChild;
    return Boolean(main.dataset.end) && last !== null && isBefore(placeOf(last), place);
  }

  /** Above what somebody reads or is about to press nothing is put in unasked. */
  function wouldDisturb(place: string): boolean {
    const focused = current();
    const read = focused ?? (scrollY > 40 ? all().find((card) => card.getBoundingClientRect().bottom > 0) : undefined);
    return Boolean(read) && isBefore(place, read!.dataset.place!);
  }

  function pause(on: boolean): void {
    isPaused = on;
    list.classList.toggle("is-paused", on);
    if (!on) letIn();
  }

  function letIn(): void {
    const changes = [...waiting.values()].sort((one, other) => (isBefore(one.place, other.place) ? -1 : 1));
    if (!changes.length) return;
    waiting.clear();
    for (const { target, html, place } of changes) if (!document.getElementById(target)) insert(parse(html!), place);
    settle();
    const first = document.getElementById(changes[0]!.target);
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "nearest" });
  }

  function tidy(): void {
    const focused = current();
    for (const article of all())
      if (article.matches(".is-settled") && article !== focused) article.parentElement!.remove();
    if (focused?.matches(".is-settled")) take(focused);
    settle();
  }

  function settle(): void {
    nothing.hidden = list.childElementCount > 0;
    fresh.hidden = waiting.size === 0;
    fresh.textContent = `${waiting.size} new`;
    if (tidyButton) tidyButton.hidden = list.querySelector(".is-settled") === null;
  }

  function step(by: 1 | -1): void {
    const focused = current();
    const next = focused
      ? beside(focused, by)
      : (all().find((card) => card.getBoundingClientRect().bottom > 0) ?? null);
    if (by > 0 && focused && !next && main.dataset.end) return void showMore().then(() => step(by));
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  async function showMore(): Promise<void> {
    if (more.disabled) return;
    more.disabled = true;
    missed = new Map();
    try {
      const query = new URLSearchParams({ queue: queue!, order: order!, after: main.dataset.end! });
      for (const slug of blogs) query.append("blog", slug);
      const response = await fetch(`/moderation/cards?${query}`);
      if (!response.ok) throw new Error(`Cards answered ${response.status}`);
      const { cards, end } = (await response.json()) as { cards: (Change & { place: string })[]; end: string };
      for (const { target, html, place } of cards) {
        waiting.delete(target);
        if (html !== null && !document.getElementById(target)) insert(parse(html), place);
      }
      main.dataset.end = end;
      more.hidden = end === "";
      const changes = [...missed.values()];
      missed = null;
      apply(changes);
    } catch {
      tell("The server did not answer. Try again.");
    } finally {
      missed = null;
      more.disabled = false;
      settle();
    }
  }
}

const placeOf = (item: Element): string => (item.firstElementChild as HTMLElement).dataset.place!;

function beside(article: HTMLElement, by: 1 | -1): HTMLElement | null {
  const item = article.parentElement!;
  const next = by > 0 ? item.nextElementSibling : item.previousElementSibling;
  return next?.querySelector<HTMLElement>(".card") ?? null;
}
