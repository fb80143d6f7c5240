/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Page } from "playwright-core";

/** Before the page is loaded. Without scripts nothing is watched, and nothing of ours could move anything. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface Shift {
      value: number;
      sources: { node: Element | null; previousRect: DOMRect; currentRect: DOMRect }[];
    }
    const seen: string[] = [];
    Object.assign(window, { shifts: seen });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as unknown as Shift[])
        for (const { node, previousRect: from, currentRect: to } of sources)
          seen.push(
            `moved by ${value.toFixed(4)}, from ${from.x},${from.y} to ${to.x},${to.y}: ${node?.outerHTML?.slice(0, 160) ?? node?.nodeValue}`,
          );
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** What has moved since, once fonts and pictures are there. */
export async function shifts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    await document.fonts.ready;
    // What is drawn now is told of after the next frame.
    for (const _ of [1, 2]) await new Promise((resolve) => requestAnimationFrame(resolve));
    return (window as unknown as { shifts: string[] }).shifts;
  });
}

/** What a picture of the page cannot show somebody, and a rule of axe does not know: one line for each objection. */
export async function objections(page: Page): Promise<string[]> {
  await page.evaluate(layEverythingOut);
  const found = [
    await page.evaluate(tooWide),
    await page.evaluate(cutOff),
    await page.evaluate(overlapping),
    await page.evaluate(tooSmall),
  ];
  return found.flat();
}

/** Stops of Tab on which nobody sees the focus, or that something lies over when they have it. */
export async function lostFocus(page: Page): Promise<string[]> {
  // Only whoever uses the keyboard is shown the focus.
  await page.keyboard.press("Tab");
  return page.evaluate(unseenStops);
}

/** What the browser leaves out of sight has no place yet. */
function layEverythingOut(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets.push(sheet);
}

/** What makes the page scroll sideways; a list that scrolls within itself may be wider than the window. */
function tooWide(): string[] {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const sticksOut = (element: Element): boolean => {
    const { left, right } = element.getBoundingClientRect();
    return right > clientWidth + 0.5 || left < -0.5;
  };
  const wide = [...document.querySelectorAll("body *")].filter(sticksOut);
  return ["the page scrolls sideways", ...wide.map((element) => `sticks out: ${element.outerHTML.slice(0, 200)}`)];
}

/** Words of which a part is outside of the window, or of something that shows no more than fits into it. */
function cutOff(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  const range = document.createRange();
  while (walker.nextNode()) {
    const { currentNode: text } = walker;
    const seen = text.parentElement!.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text.nodeValue!.trim() || !seen || isOnlyHeard(text.parentElement!)) continue;
    range.selectNodeContents(text);
    if ([...range.getClientRects()].some((line) => isCut(line, text.parentElement!)))
      found.push(`cut off: ${text.nodeValue!.trim()} in ${text.parentElement!.outerHTML.slice(0, 120)}`);
  }
  return found;

  /** For those who hear the page, or come to it by keyboard. */
  function isOnlyHeard(element: Element | null): boolean {
    for (let around = element; around; around = around.parentElement)
      if (around.matches(".skip") || getComputedStyle(around).clipPath === "inset(50%)") return true;
    return false;
  }

  function isCut(line: DOMRect, element: Element): boolean {
    for (let around: Element | null = element; around && around !== document.body; around = around.parentElement) {
      const { overflowX, overflowY, webkitLineClamp } = getComputedStyle(around);
      if (overflowX === "visible" && overflowY === "visible") continue;
      // A list that one scrolls, or lines that are meant to be left out.
      if (overflowX === "auto" || overflowX === "scroll" || webkitLineClamp !== "none") return false;
      const { left, right, top, bottom } = around.getBoundingClientRect();
      const isClip = around.matches(".is-long .pinned-post");
      if (line.left < left - 1 || line.right > right + 1) return true;
      if (!isClip && (line.top + line.height / 4 < top || line.bottom - line.height / 4 > bottom)) return true;
      return false;
    }
    return line.left < -0.5 || line.right > document.documentElement.clientWidth + 0.5;
  }
}

/** Words that lie over other words. What stays at its place while the page scrolls may lie over what passes below. */
function overlapping(): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const lines: { text: Node; left: number; right: number; top: number; bottom: number }[] = [];
  while (walker.nextNode()) {
    const { currentNode: text } = walker;
    const element = text.parentElement!;
    const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text.nodeValue!.trim() || !seen || isElsewhere(element)) continue;
    range.selectNodeContents(text);
    for (const { left, right, top, bottom, height } of range.getClientRects())
      // Letters are lower than the line they stand in.
      lines.push({ text, left: left + 1, right: right - 1, top: top + height / 5, bottom: bottom - height / 5 });
  }
  lines.sort((a, b) => a.top - b.top);
  return lines.flatMap((line, n) => {
    const found: string[] = [];
    for (const other of lines.slice(n + 1)) {
      if (other.top >= line.bottom) break;
      if (other.text !== line.text && other.left < line.right && other.right > line.left)
        found.push(`“${line.text.nodeValue!.trim()}” and “${other.text.nodeValue!.trim()}” lie over each other`);
    }
    return found;
  });

  function isElsewhere(element: Element): boolean {
    for (let around: Element | null = element; around; around = around.parentElement) {
      const { position, clipPath } = getComputedStyle(around);
      if (["fixed", "sticky"].includes(position) || clipPath === "inset(50%)") return true;
      if (around.matches(".skip, .is-long .pinned-post")) return true;
    }
    return false;
  }
}

/** Buttons and the like that a finger would miss: under 24 by 24 px (WCAG 2.2, 2.5.8). Links within words may be. */
function tooSmall(): string[] {
  const targets = document.querySelectorAll<HTMLElement>(
    "a[href], button, summary, input, select, textarea, .pinned-more",
  );
  return [...targets].filter(isSmall).map((target) => {
    const { width, height } = extent(target);
    return `${width.toFixed(1)} by ${height.toFixed(1)} px: ${target.outerHTML.slice(0, 160)}`;
  });

  /** A field is hit by its label as well. */
  function extent(target: HTMLElement): DOMRect {
    return (target.closest("label") ?? target).getBoundingClientRect();
  }

  function isSmall(target: HTMLElement): boolean {
    if (!target.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || isAmongWords(target))
      return false;
    if (target.matches("[type=hidden], .skip") || getComputedStyle(target).clipPath === "inset(50%)") return false;
    const { width, height } = extent(target);
    return width < 24 || height < 24;
  }

  function isAmongWords(target: HTMLElement): boolean {
    if (getComputedStyle(target).display !== "inline") return false;
    const words = (element: Element): number => element.textContent.trim().length;
    const paragraph = target.closest("p, li, figcaption, footer");
    return paragraph !== null && words(paragraph) > words(target);
  }
}

function unseenStops(): string[] {
  const found: string[] = [];
  const stops = [...document.querySelectorAll<HTMLElement>("a[href], button, summary, input, select, textarea")];
  for (const stop of stops) {
    if (stop.tabIndex < 0 || !stop.checkVisibility({ visibilityProperty: true })) continue;
    (document.activeElement as HTMLElement).blur();
    const before = look(stop);
    stop.focus();
    if (document.activeElement !== stop) continue;
    const name = (stop.cloneNode() as Element).outerHTML.slice(0, 160);
    if (look(stop) === before) found.push(`the focus is not seen on ${name}`);
    else if (!isOnTop(stop)) found.push(`something lies over ${name} when it has the focus`);
  }
  (document.activeElement as HTMLElement).blur();
  for (const scroller of [document.documentElement, ...document.querySelectorAll("ol")]) scroller.scrollTo(0, 0);
  return found;

  /** How it is drawn, and the label that stands for it. */
  function look(stop: HTMLElement): string {
    const labels = (stop as HTMLInputElement).labels ?? [];
    return [stop, ...labels]
      .map((element) => {
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
        return outlineStyle === "none" ? "" : `${outlineStyle} ${outlineWidth} ${outlineColor}`;
      })
      .join();
  }

  /** Some of it at least (2.4.11): a list that one scrolls may show half. */
  function isOnTop(stop: HTMLElement): boolean {
    if ((stop as HTMLInputElement).labels?.length) return true;
    return [...stop.getClientRects()].some(({ left, right, top, bottom }) =>
      [left + 2, (left + right) / 2, right - 2].some((x) => {
        const seen = document.elementFromPoint(x, (top + bottom) / 2);
        return seen && (stop.contains(seen) || seen.contains(stop));
      }),
    );
  }
}
