import { aboutLink, call, reasonOf } from "./api.ts";
import type { Composer } from "./composer.ts";
import { isOnServer, NEW_PIECE, type Fields, type Refusal } from "./composition.ts";
import { button, el, part } from "./elements.ts";
import { LinkItem, type Link } from "./link-item.ts";
import { placeAll, step } from "./pieces.ts";
import { withoutTracking } from "./paste.ts";
import { linkAddress } from "./schema.ts";

const MOST_LINKS = 10;

/** Links that the post shows as cards: a plain card at once, and the server's when it has found out more. */
export function startLinks(composer: Composer, root: HTMLElement): void {
  const slot = composer.embeds;
  const list = part(slot.element, "ol");
  const said = part(slot.element, "[data-links=said]");
  const open = part(root, "[data-links=open]");
  let items: LinkItem[] = [];

  slot.shown = show;
  show(slot.get());
  composer.hooks.takeAddress = take;
  composer.checks.push(refused);
  addressField(part(root, "[data-links=field]"), open, take);
  addEventListener("online", () => items.forEach((item) => void ask(item)));

  /** Another composition is opened. */
  function show(pieces: unknown[]): void {
    items = (pieces as Link[]).map(itemOf);
    list.replaceChildren(...items.map(({ element }) => element));
    said.textContent = "";
    place();
    for (const item of items) void ask(item);
  }

  function itemOf(link: Link): LinkItem {
    return new LinkItem(link, { move, remove, again: (item) => void ask(item) });
  }

  /** @returns whether there is room for it */
  function take(address: string): boolean {
    said.textContent = "";
    if (items.some(({ link }) => link.url === address)) {
      say("That link is already here.");
      return true;
    }
    if (items.length >= MOST_LINKS) return false;
    const item = itemOf({ id: NEW_PIECE + crypto.randomUUID(), url: address });
    items.push(item);
    list.append(item.element);
    place();
    changed();
    composer.announce("Link card added.");
    void ask(item);
    return true;
  }

  /** What the server finds out replaces the plain card; whatever it does not is no reason to wait. */
  async function ask(item: LinkItem): Promise<void> {
    if (isOnServer(item.link) || item.state === "asking") return;
    item.show("asking");
    const answer = await call<Link>("POST", "/api/embeds", { body: { url: item.link.url } });
    if (!items.includes(item)) return;
    if (answer.kind === "done") return found(item, answer.body);
    if (answer.kind === "signed-out") {
      item.show("plain");
      if (await composer.signInAgain()) return ask(item);
    } else if (answer.kind === "refused") {
      const reason = reasonOf(aboutLink(answer.problem, items.indexOf(item)));
      item.show("refused", reason);
      composer.announce(reason);
    } else item.show("plain");
  }

  function found(item: LinkItem, link: Link): void {
    if (items.some((other) => other !== item && other.link.id === link.id)) {
      items.splice(items.indexOf(item), 1);
      item.element.remove();
      say("That link is already here.");
    } else item.found(link);
    place();
    changed();
  }

  function changed(): void {
    slot.set(items.map(({ link }) => link));
  }

  function place(): void {
    placeAll(slot, items);
  }

  function move(item: LinkItem, by: 1 | -1): void {
    if (!step(items, item, by)) return;
    place();
    changed();
    composer.announce(`Now link card ${items.indexOf(item) + 1}.`);
  }

  function remove(item: LinkItem): void {
    const at = items.indexOf(item);
    items.splice(at, 1);
    item.element.remove();
    place();
    changed();
    say(`Removed: ${item.title}.`);
    const undo = button("Undo", { class: "composer-quiet" }, () => {
      items.splice(at, 0, item);
      list.insertBefore(item.element, list.children[at] ?? null);
      said.textContent = "";
      place();
      changed();
      void ask(item);
      open.focus();
    });
    said.append(undo);
    undo.focus();
  }

  function say(words: string): void {
    said.replaceChildren(el("span", {}, words));
  }

  function refused(_fields: Fields): Refusal | null {
    const n = items.findIndex(({ state }) => state === "refused");
    if (n < 0) return null;
    const text = `Link card ${n + 1} cannot be shown. ${items[n]!.reason} Remove it.`;
    return { text, errors: [{ pointer: `/embeds/${n}`, code: "refused" }] };
  }
}

/** The small field for an address; Enter takes it. */
function addressField(field: HTMLElement, open: HTMLElement, take: (address: string) => boolean): void {
  const input = part<HTMLInputElement>(field, "input");
  const error = part(field, ".field-error");

  open.addEventListener("click", () => {
    field.hidden = false;
    input.focus();
  });
  part(field, "[data-links=add]").addEventListener("click", add);
  part(field, "[data-links=cancel]").addEventListener("click", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === input) add();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function close(): void {
    field.hidden = true;
    input.value = error.textContent = "";
    input.removeAttribute("aria-invalid");
    open.focus();
  }

  function add(): void {
    const address = linkAddress(input.value);
    if (address && /^https?:/i.test(address) && take(withoutTracking(address))) return close();
    error.textContent = address ? "There is no room for another link." : "That is not the address of a page.";
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}
