import { forgetTimes } from "./relative-times.ts";

/**
 * Makes one element equal to another while keeping every node that is the same, so that pictures do not load again,
 * and focus, selection and reading position stay.
 * @returns whether anything differed
 */
export function become(from: Element, to: Element): boolean {
  forgetTimes(from);
  // What the reader opened stays open.
  for (const { id } of from.querySelectorAll("details[id][open]")) to.querySelector(`#${id}`)?.setAttribute("open", "");
  if (from.isEqualNode(to)) return false;
  morph(from, to);
  return true;
}

function morph(from: Element, to: Element): void {
  for (const name of from.getAttributeNames()) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);

  const old = [...from.childNodes];
  const next = [...to.childNodes];
  if (old.length === next.length && old.every((node, n) => isAlike(node, next[n]!)))
    return old.forEach((node, n) => node.isEqualNode(next[n]!) || morph(node as Element, next[n] as Element));
  // What is the same stays where it is: a frame that is moved would begin anew.
  let at = 0;
  for (const node of next) {
    const same = old.findIndex(
      (other, n) => (n === at || (n > at && other instanceof Element)) && other.isEqualNode(node),
    );
    if (same < 0) from.insertBefore(node, old[at] ?? null);
    else for (; at <= same; at++) if (at < same) old[at]!.remove();
  }
  old.slice(at).forEach((node) => node.remove());
}

const isAlike = (one: Node, other: Node): boolean =>
  one.isEqualNode(other) || (one instanceof Element && one.nodeName === other.nodeName);
