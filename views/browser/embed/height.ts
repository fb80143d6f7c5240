/**
 * Tells the page around this frame how high its content is, once that page has asked, and again whenever it changes. The
 * body's height does not depend on the frame's (public/css/embed.css), so what is told cannot go round in circles.
 */
export function tellHeight(): void {
  if (parent === window) return;
  let asker: string | null = null;
  let told = 0;

  addEventListener("message", ({ source, origin, data }: MessageEvent<unknown>) => {
    if (source !== parent || (data as { dateline?: unknown } | null)?.dateline !== "height?") return;
    // A page without an origin, such as a sandboxed one, cannot be named.
    asker = origin === "null" ? "*" : origin;
    told = 0;
    tell();
  });
  new ResizeObserver(tell).observe(document.body);

  function tell(): void {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (asker === null || height === told) return;
    told = height;
    parent.postMessage({ dateline: "height", height, title: document.title }, asker);
  }
}
