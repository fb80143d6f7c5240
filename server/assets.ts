import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";

const directory = join(import.meta.dirname, "..", "public");

/** The files below public/ as pages name them, and what of them stands in pages. */
export interface Assets {
  /** The URL of a file: its content is in it, so that browsers and CDNs may keep it for ever. */
  url(path: string): string;
  /** What a built script imports at once, so that browsers fetch it beside the script and not after it. */
  importsOf(path: string): string[];
  /** What readers' pages look like; it stands in a blog's page, whose first view then waits for one answer and not for two. */
  readonly stylesheet: string;
  /** Stands there too, and loads the page's script after its words. */
  readonly loader: string;
}

export const STYLESHEET = "css/dateline.css";

/** Once the first words are on the screen; in a tab that is not drawn, after a second. The browser loads each file once. */
const LOADER = `{
const { load } = document.currentScript.dataset;
const begin = () => load.split(" ").forEach((path) => import(path));
setTimeout(begin, 1000);
new PerformanceObserver(begin).observe({ type: "paint", buffered: true });
}`;

/** Files below public/ do not change while the server runs. */
export async function openAssets(): Promise<Assets> {
  const urls = new Map<string, string>();
  return {
    url(path) {
      const url = urls.get(path) ?? `/${path}?v=${fingerprint(path)}`;
      urls.set(path, url);
      return url;
    },
    importsOf,
    stylesheet: await minified(await readFile(join(directory, STYLESHEET), "utf8")),
    loader: LOADER,
  };
}

/** A stylesheet without its comments and spaces. */
export const minified = async (css: string): Promise<string> =>
  (await transform(css, { loader: "css", minify: true })).code;

/** A text that stands in a page, as a Content-Security-Policy allows it. */
export const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

function importsOf(path: string): string[] {
  const source = readFileSync(join(directory, path), "utf8");
  return [...source.matchAll(/(?:from|import)"\.\/([^"]+)"/g)].map(([, file]) => `/js/${file}`);
}

const fingerprint = (path: string): string =>
  createHash("sha256")
    .update(readFileSync(join(directory, path)))
    .digest("base64url")
    .slice(0, 12);
