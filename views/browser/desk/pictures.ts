import type { Composer } from "./composer.ts";
import { isOnServer, type Fields, type Refusal } from "./composition.ts";
import { button, el, part } from "./elements.ts";
import { receiveFiles } from "./file-drop.ts";
import { PictureItem } from "./picture-item.ts";
import { MOST_PICTURES, type Picture } from "./picture.ts";
import { placeAll, step, type Pending } from "./pieces.ts";
import { later } from "./later.ts";
import { Uploads } from "./uploads.ts";

/** Pictures in the composer: pasted, dropped, chosen, photographed or used before; each is uploaded at once. */
export function startPictures(composer: Composer, root: HTMLElement): void {
  const slot = composer.media;
  const list = part(slot.element, "ol");
  const said = part(slot.element, "[data-pictures=said]");
  const uploads = new Uploads(composer.store, () => composer.signInAgain());
  const chooser = part<HTMLInputElement>(root, "[data-pictures=files]");
  const camera = part<HTMLInputElement>(root, "[data-pictures=camera]");
  const chooseButton = part(root, "[data-pictures=choose]");
  let items: PictureItem[] = [];
  /** Those who wait until nothing is pending. */
  let waiting: (() => void)[] = [];

  const events = {
    changed,
    move,
    remove,
    announce: (words: string) => composer.announce(words),
  };

  slot.shown = show;
  show(slot.get());
  composer.hooks.takeFiles = take;
  composer.hooks.chooseFiles = () => chooser.click();
  composer.hooks.pending = pending;
  composer.checks.push(missing);
  chooseButton.addEventListener("click", () => chooser.click());
  part(root, "[data-pictures=photograph]").addEventListener("click", () => camera.click());
  for (const input of [chooser, camera])
    input.addEventListener("change", () => {
      take([...(input.files ?? [])]);
      input.value = "";
    });
  receiveFiles(root, take);
  void later(
    () => import("./recent-pictures.ts"),
    ({ recentPictures }) =>
      recentPictures(part(root, "[data-pictures=recent]"), part(root, "[data-pictures=recent-dialog]"), {
        shown: () => new Set(items.map(({ picture }) => picture.id)),
        choose: (picture) => void add([picture]),
      }),
  );

  /** Another composition is opened. */
  function show(pieces: unknown[]): void {
    for (const item of items) item.leave();
    items = (pieces as Picture[]).map((picture) => new PictureItem(picture, uploads, events));
    list.replaceChildren(...items.map(({ element }) => element));
    said.textContent = "";
    place();
    settle();
  }

  function take(files: File[]): boolean {
    const pictures = files.filter(({ type, name }) => type.startsWith("image/") || /\.(hei[cf]|avif)$/i.test(name));
    const others = files.filter((file) => !pictures.includes(file));
    const { id } = composer.current();
    const added = add(
      pictures.map((file) => ({
        id: uploads.add(file, id),
        name: file.name || "Pasted picture",
        alt: "",
        caption: "",
        credit: "",
        focalPoint: null,
      })),
    );
    if (others.length) say(`${others.map(({ name }) => name).join(", ")}: not a picture.`);
    return added || others.length > 0;
  }

  function add(pictures: Picture[]): boolean {
    const room = MOST_PICTURES - items.length;
    for (const { id } of pictures.slice(room)) uploads.cancel(id);
    const added = pictures.slice(0, room).map((picture) => new PictureItem(picture, uploads, events));
    said.textContent = "";
    if (pictures.length > room) say(`A post has room for ${MOST_PICTURES} pictures; the rest were left out.`);
    if (!added.length) return pictures.length > 0;
    items.push(...added);
    list.append(...added.map(({ element }) => element));
    place();
    changed();
    composer.announce(added.length === 1 ? "Picture added." : `${added.length} pictures added.`);
    added[0]!.element.scrollIntoView({ block: "nearest" });
    return true;
  }

  function changed(): void {
    slot.set(items.map(({ picture }) => picture));
    settle();
  }

  function place(): void {
    placeAll(slot, items);
  }

  function move(item: PictureItem, by: 1 | -1): void {
    if (!step(items, item, by)) return;
    place();
    changed();
    composer.announce(`Now ${item.title}.`);
  }

  function remove(item: PictureItem): void {
    const at = items.indexOf(item);
    const { title } = item;
    items.splice(at, 1);
    item.element.remove();
    if (!isOnServer(item.picture)) uploads.cancel(item.picture.id);
    place();
    changed();
    if (!isOnServer(item.picture)) {
      say(`${title}: cancelled.`);
      return chooseButton.focus();
    }
    say(`Removed: ${title}.`);
    const undo = button("Undo", { class: "composer-quiet" }, () => {
      items.splice(at, 0, item);
      list.insertBefore(item.element, list.children[at] ?? null);
      said.textContent = "";
      place();
      changed();
      item.focus();
    });
    said.append(undo);
    undo.focus();
  }

  function say(words: string): void {
    said.replaceChildren(el("span", {}, words));
  }

  function pending(): Pending | null {
    const count = items.filter(({ isPending }) => isPending).length;
    if (!count) return null;
    const done = new Promise<void>((resolve) => waiting.push(resolve));
    return {
      words: count === 1 ? "A picture is still being uploaded." : `${count} pictures are still being uploaded.`,
      done,
    };
  }

  function settle(): void {
    if (items.some(({ isPending }) => isPending)) return;
    for (const resolve of waiting.splice(0)) resolve();
  }

  /** Whatever becomes of the post: a picture that did not arrive. For readers also: one without a description. */
  function missing({ media }: Fields, isForReaders: boolean): Refusal | null {
    const failed = items.findIndex(({ state, picture }) => state?.kind === "refused" && !isOnServer(picture));
    if (failed >= 0) {
      items[failed]!.focus();
      return { text: `${items[failed]!.title}, could not be uploaded. Remove it, or try it again.`, errors: [] };
    }
    const mute = isForReaders ? media.findIndex(({ alt }) => !alt) : -1;
    if (mute < 0) return null;
    const text = `${items[mute]!.title}, needs a description for those who cannot see it.`;
    return { text, errors: [{ pointer: `/media/${mute}/alt`, code: "required" }] };
  }
}
