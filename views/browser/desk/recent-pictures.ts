import { call } from "./api.ts";
import { button, el, part } from "./elements.ts";
import { addressOf, type Picture } from "./picture.ts";

const AT_ONCE = 24;

interface Recent {
  media: Picture[];
  next: string | null;
}

/** One's own pictures, to use once more. */
export function recentPictures(
  open: HTMLElement,
  dialog: HTMLDialogElement,
  { shown, choose }: { shown(): Set<string>; choose(picture: Picture): void },
): void {
  const list = part(dialog, "ul");
  const said = part(dialog, "[role=status]");
  const more = part<HTMLButtonElement>(dialog, "[data-recent=more]");
  let next: string | null = null;

  open.addEventListener("click", () => {
    list.replaceChildren();
    next = null;
    dialog.showModal();
    void read();
  });
  part(dialog, "[data-recent=close]").addEventListener("click", () => dialog.close());
  more.addEventListener("click", () => void read());

  async function read(): Promise<void> {
    if (more.ariaDisabled) return;
    // A disabled button would lose the focus.
    more.ariaDisabled = "true";
    said.textContent = "Looking …";
    const before = next ? `&before=${next}` : "";
    const answer = await call<Recent>("GET", `/api/media?mine&limit=${AT_ONCE}${before}`);
    more.ariaDisabled = null;
    if (answer.kind !== "done") {
      said.textContent =
        answer.kind === "signed-out" ? "Your session has ended. Sign in again first." : "No connection. Try again.";
      more.hidden = false;
      return;
    }
    const used = shown();
    const rows = answer.body.media.map((picture) => row(picture, used.has(picture.id)));
    list.append(...rows);
    next = answer.body.next;
    more.hidden = next === null;
    said.textContent = list.childElementCount ? "" : "You have not uploaded any pictures yet.";
    const first = rows.map((row) => row.querySelector("button")!).find(({ disabled }) => !disabled);
    (first ?? part(dialog, "[data-recent=close]")).focus();
  }

  function row(picture: Picture, isUsed: boolean): HTMLElement {
    const name = picture.alt || picture.caption || "A picture without a description";
    const image = el("img", { src: addressOf(picture, 300), alt: "", loading: "lazy" });
    const { x, y } = picture.focalPoint ?? { x: 0.5, y: 0.5 };
    image.style.objectPosition = `${x * 100}% ${y * 100}%`;
    const label = isUsed ? `${name}, already in this post` : name;
    const press = button("", { class: "recent-picture", "aria-label": label, title: name, disabled: isUsed }, () => {
      choose(picture);
      dialog.close();
    });
    press.append(image);
    return el("li", {}, press);
  }
}
