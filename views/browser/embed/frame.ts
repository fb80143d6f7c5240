/** Pixels; whatever a frame says, it gets no more and no less. */
const HEIGHT = { least: 80, most: 20_000, first: 600 };
/**
 * With both of the first two the frame keeps its own origin, which it needs to follow its story; that origin is not the
 * page's, so it cannot take its sandbox off. It opens links, and can neither navigate the page, send forms, nor ask anything.
 */
const SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox";

const OPTIONS: [name: string, good: RegExp][] = [
  ["theme", /^(light|dark|auto)$/],
  ["accent", /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i],
  ["posts", /^([1-9]|[1-4]\d|50)$/],
];

/** Puts a blog's frame right after the script that asks for it. @param origin where the script came from */
export function mountFrame(script: HTMLScriptElement, origin: string): void {
  const { blog = "" } = script.dataset;
  if (!isSlug(blog)) return warn("blog", blog);
  const query = new URLSearchParams();
  for (const [name, good] of OPTIONS) {
    const value = script.dataset[name];
    if (value === undefined) continue;
    if (good.test(value)) query.set(name, value.replace("#", ""));
    else warn(name, value);
  }
  const frame = document.createElement("iframe");
  frame.title = script.dataset.title || "Live blog";
  frame.loading = "lazy";
  frame.setAttribute("sandbox", SANDBOX);
  frame.allow = "fullscreen";
  frame.style.cssText = `display:block;width:100%;height:${HEIGHT.first}px;border:0;color-scheme:normal`;
  frame.addEventListener("load", () => frame.contentWindow?.postMessage({ dateline: "height?" }, origin));
  addEventListener("message", ({ source, origin: from, data }: MessageEvent<unknown>) => {
    if (source !== frame.contentWindow || from !== origin) return;
    const { dateline, height, title } = (data ?? {}) as { dateline?: unknown; height?: unknown; title?: unknown };
    if (dateline !== "height" || typeof height !== "number" || !Number.isFinite(height)) return;
    frame.style.height = `${Math.min(HEIGHT.most, Math.max(HEIGHT.least, Math.ceil(height)))}px`;
    if (typeof title === "string" && !script.dataset.title) frame.title = title.slice(0, 200);
  });
  frame.src = `${origin}/blogs/${blog}/embed${query.size ? `?${query}` : ""}`;
  script.after(frame);
}

export const isSlug = (text: string): boolean => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && text.length <= 80;

export const warn = (name: string, value: string): void =>
  // oxlint-disable-next-line no-console -- whoever puts it into a page has no other way to learn of it
  console.warn(`Dateline: “${value.slice(0, 80)}” is no ${name}.`);
