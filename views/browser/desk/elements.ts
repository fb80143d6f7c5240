type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** Makes an element. A function is a listener: `{ click: () => … }`. */
export function el<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button that submits nothing. */
export const button = (label: string, attributes: Attributes, press: () => void): HTMLButtonElement =>
  el("button", { type: "button", ...attributes, click: press }, label);

/** The element of a part that the server has put on the page. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as querySelector has it
export function part<T extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  return found;
}

/**
 * Whether a dialog has the keys. They are the composer's or stand at the end of the page; the thousands of elements of
 * the posts are not looked through at every key.
 */
export function isDialogOpen(): boolean {
  const ofComposer = document.getElementById("composer")?.querySelector("dialog[open]");
  return Boolean(ofComposer) || [...document.body.children].some((child) => child.matches("dialog[open]"));
}

/** Whether keys pressed there are text. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button|submit)$/.test(target.type);
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Takes something off the page after so many milliseconds, but not from under somebody who is at it. */
export function removeAfter(element: HTMLElement, wait: number): void {
  setTimeout(() => {
    if (element.matches(":focus-within")) removeAfter(element, wait);
    else element.remove();
  }, wait);
}
