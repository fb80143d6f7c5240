import { forgetTimes } from "./relative-times.ts";

/**
 * Makes one element equal to another while keeping every node that is the same, so that pictures do not load again,
 * and focus, selection and reading position stay.
 * @returns whether anything differed
 */
export function become(from: Element, to: Element): boolean {
  forgetTimes(from);
  if (from.isEqualNode(to)) return false;
  morph(from, to);
  return true;
}

function morph(from: Element, to: Element): void {
  for (const name of from.getAttributeNames()) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);

  const old = [...from.childNodes];
  const next = [...to.childNodes];
  while (old[0] && next[0]?.isEqualNode(old[0])) [old, next].forEach((nodes) => nodes.shift());
  let kept: ChildNode | null = null;
  while (old.length && next.at(-1)?.isEqualNode(old.at(-1)!)) {
    kept = old.pop()!;
    next.pop();
  }

  if (old.length === next.length && old.every((node, n) => isAlike(node, next[n]!)))
    return old.forEach((node, n) => morph(node as Element, next[n] as Element));
  old.forEach((node) => node.remove());
  next.forEach((node) => from.insertBefore(node, kept));
}

const isAlike = (one: Node, other: Node): boolean => one instanceof Element && one.nodeName === other.nodeName;
