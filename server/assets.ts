import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const scripts = join(root, "views", "browser");
const output = join(root, "public", "js");
/** One bundle for each; what they import is bundled in. */
const ENTRIES = ["blog.ts", "desk.ts"];

/** The headlines' typeface, from its npm package; one weight, so that the first view stays small. */
const FONT = "newsreader-latin-600-normal.woff2";
const fontSource = join(root, "node_modules", "@fontsource", "newsreader", "files", FONT);
const fonts = join(root, "public", "fonts");

/** Bundles the browser's TypeScript into public/js, when it is missing or older than what it is made from. */
export async function buildScripts(): Promise<void> {
  if (!(await isStale())) return;
  await mkdir(output, { recursive: true });
  await mkdir(fonts, { recursive: true });
  const result = await build({
    entryPoints: ENTRIES.map((entry) => join(scripts, entry)),
    outdir: output,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
    // socket.io-client's debug logging would be a tenth of the bundle.
    alias: { debug: join(scripts, "no-debug.ts") },
    logLevel: "silent",
  });
  // Several servers may start at once; each writes whole files.
  const font = { path: join(fonts, FONT), contents: await readFile(fontSource) };
  for (const { path, contents } of [...result.outputFiles, font]) {
    await writeFile(`${path}.${process.pid}`, contents);
    await rename(`${path}.${process.pid}`, path);
  }
}

async function isStale(): Promise<boolean> {
  const sources = [
    ...(await readdir(scripts, { recursive: true })).map((file) => join(scripts, file)),
    join(root, "server", "realtime", "protocol.ts"),
    join(root, "package-lock.json"),
    import.meta.filename,
  ];
  const newest = Math.max(...(await Promise.all(sources.map(modified))));
  const outputs = [...ENTRIES.map((entry) => join(output, entry.replace(/\.ts$/, ".js"))), join(fonts, FONT)];
  const made = await Promise.all(outputs.map((path) => modified(path).catch(() => 0)));
  return made.some((time) => time < newest);
}

const modified = async (path: string): Promise<number> => (await stat(path)).mtimeMs;

/** The URL of a file below public/: its content is in it, so that browsers and CDNs may keep it for ever. */
export function assetUrls(): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    const url = known.get(path) ?? `/${path}?v=${fingerprint(path)}`;
    known.set(path, url);
    return url;
  };
}

const fingerprint = (path: string): string =>
  createHash("sha256")
    .update(readFileSync(join(root, "public", path)))
    .digest("base64url")
    .slice(0, 12);
