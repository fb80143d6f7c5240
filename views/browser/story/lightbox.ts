type Say = (phrase: string, values?: Record<string, string | number>) => string;

/** Pixels that a finger moves to turn to another picture. */
const SWIPE = 40;

/** Shows a picture as large as the window, and the others of its post beside it. The focus comes back to it afterwards. */
export function openLightbox(way: HTMLAnchorElement, say: Say): void {
  const ways = [...way.closest(".pictures")!.querySelectorAll<HTMLAnchorElement>(".picture-way")];
  let shown = ways.indexOf(way);
  /** The finger that turned is no click. */
  let hasTurned = false;
  const dialog = document.createElement("dialog");
  const image = document.createElement("img");
  const words = document.createElement("p");
  const count = document.createElement("span");
  dialog.className = "lightbox";
  image.draggable = false;
  count.setAttribute("role", "status");

  const foot = document.createElement("div");
  foot.className = "lightbox-words";
  const several = ways.length > 1;
  foot.append(
    words,
    ...(several ? [count, turner("‹", "live.picture-previous", -1), turner("›", "live.picture-next", 1)] : []),
    press("✕", "live.dismiss", () => dialog.close()),
  );
  dialog.append(image, foot);
  dialog.addEventListener("close", () => {
    dialog.remove();
    ways[shown]!.focus({ preventScroll: true });
  });
  dialog.addEventListener("click", ({ target }) => target === image && !hasTurned && dialog.close());
  if (several) {
    dialog.addEventListener("keydown", turnByKey);
    turnByFinger();
  }
  show(shown);
  document.body.append(dialog);
  dialog.showModal();

  function show(n: number): void {
    shown = (n + ways.length) % ways.length;
    const small = ways[shown]!.querySelector("img")!;
    image.src = ways[shown]!.href;
    image.alt = small.alt;
    image.width = small.width;
    image.height = small.height;
    words.textContent = ways[shown]!.closest("figure")!.querySelector("figcaption")?.textContent ?? "";
    count.textContent = say("live.picture", { number: shown + 1, total: ways.length });
  }

  function press(sign: string, phrase: string, act: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", say(phrase));
    button.addEventListener("click", act);
    return button;
  }

  function turner(sign: string, phrase: string, by: number): HTMLButtonElement {
    return press(sign, phrase, () => show(shown + by));
  }

  function turnByKey({ key }: KeyboardEvent): void {
    const forwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (key === "ArrowLeft" || key === "ArrowRight") show(shown + (key === forwards ? 1 : -1));
  }

  function turnByFinger(): void {
    let from = 0;
    image.addEventListener("pointerdown", ({ clientX }) => (from = clientX));
    image.addEventListener("pointerup", (event) => {
      const moved = event.clientX - from;
      if (Math.abs(moved) < SWIPE) return;
      hasTurned = true;
      setTimeout(() => (hasTurned = false));
      show(shown + (moved < 0 === (document.documentElement.dir !== "rtl") ? 1 : -1));
    });
  }
}
