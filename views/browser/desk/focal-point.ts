import { button, el } from "./elements.ts";
import type { Point } from "./picture.ts";

/** A share of the picture that an arrow key moves the cross by; with Shift, and without. */
const STEPS = { fine: 0.01, coarse: 0.05 };
/** Pixels of the side of what is drawn of a file. */
const DRAWN = 640;

export interface FocalPoint {
  readonly element: HTMLElement;
  /** Draws a file that has no address yet; the page's policy shows no others. */
  draw(file: Blob): Promise<void>;
  show(address: string): void;
  set(point: Point | null): void;
  /** What it is called: "the picture harbour.jpg". */
  name(words: string): void;
}

/** The picture, with a cross on what must stay in sight where it is cropped: a tap sets it, arrow keys move it. */
export function focalPoint(changed: (point: Point | null) => void, announce: (words: string) => void): FocalPoint {
  const cross = el("span", { class: "picture-cross", "aria-hidden": "true", hidden: true });
  const frame = el("span", { class: "picture-frame" }, cross);
  const press = el("button", { type: "button", class: "picture-focus", click, keydown }, frame);
  const hint = el("p", { class: "picture-hint", "aria-hidden": "true" }, "Tap what must stay in sight");
  const reset = button("Clear the point", { class: "composer-quiet", hidden: true }, clear);
  const element = el("div", { class: "picture-side" }, press, hint, reset);
  let point: Point | null = null;
  let named = "";

  function put(image: HTMLElement): void {
    frame.querySelector("canvas, img")?.remove();
    frame.prepend(image);
  }

  function place(next: Point | null): void {
    point = next;
    cross.hidden = reset.hidden = next === null;
    hint.hidden = next !== null;
    if (next) {
      cross.style.left = `${next.x * 100}%`;
      cross.style.top = `${next.y * 100}%`;
    }
    press.setAttribute("aria-label", `Focal point of ${named}: ${wordsOf(next)}. Arrow keys move it.`);
  }

  function move(next: Point | null): void {
    place(next);
    announce(`Focal point ${wordsOf(next)}`);
    changed(next);
  }

  function click(event: Event): void {
    const { clientX, clientY, detail } = event as MouseEvent;
    // Pressed from the keyboard.
    if (detail === 0) return point ? undefined : move({ x: 0.5, y: 0.5 });
    const box = frame.getBoundingClientRect();
    move(within({ x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height }));
  }

  function keydown(event: Event): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event as KeyboardEvent;
    if (ctrlKey || metaKey || altKey) return;
    const step = shiftKey ? STEPS.fine : STEPS.coarse;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
    const { x, y } = point ?? { x: 0.5, y: 0.5 };
    if (by) move(within({ x: x + by[0]!, y: y + by[1]! }));
    else if (key === "Delete" || key === "Backspace") clear();
    else return;
    event.preventDefault();
  }

  function clear(): void {
    if (!point) return;
    press.focus();
    move(null);
  }

  return {
    element,
    async draw(file) {
      try {
        const bitmap = await createImageBitmap(file);
        const scale = Math.min(1, DRAWN / Math.max(bitmap.width, bitmap.height));
        const canvas = el("canvas", {
          width: Math.max(1, Math.round(bitmap.width * scale)),
          height: Math.max(1, Math.round(bitmap.height * scale)),
        });
        canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
        bitmap.close();
        if (!frame.querySelector("img")) put(canvas);
      } catch {
        // What the browser cannot read, the server may; until then there is an empty frame.
      }
    },
    show(address) {
      const image = el("img", { alt: "", src: address });
      // What was drawn stays until the other is there.
      void image.decode().then(
        () => put(image),
        () => frame.querySelector("canvas") ?? put(image),
      );
    },
    set: place,
    name(words) {
      named = words;
      place(point);
    },
  };
}

const within = ({ x, y }: Point): Point => ({ x: toShare(x), y: toShare(y) });
const toShare = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;

const wordsOf = (point: Point | null): string =>
  point
    ? `${Math.round(point.x * 100)} % from the left, ${Math.round(point.y * 100)} % from the top`
    : "none, the middle is kept";
