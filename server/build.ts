import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type OutputFile, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const scripts = join(root, "views", "browser");
const output = join(root, "public", "js");
/** One bundle for each; what they import is bundled in. */
const ENTRIES = ["blog.ts", "archive.ts", "discussion.ts", "desk.ts", "moderation.ts", "embed.ts"];
/** Each one file, for what is not a module: a script that other sites load, for whatever browsers they have; a worker. */
const CLASSIC = ["embed-loader.ts", "worker/service-worker.ts"];

/**
 * The headlines' typeface, from its npm package. So that the first view stays small: one weight, the letters of Western
 * Europe and what stands between them, and of its features kerning and ligatures.
 */
const FONT = "newsreader-latin-600-normal.woff2";
const fontSource = join(root, "node_modules", "@fontsource", "newsreader", "files", FONT);
const fonts = join(root, "public", "fonts");
const CHARACTERS = `${charactersFrom(0x20, 0x7e)}${charactersFrom(0xc0, 0xff)}ŒœŸ\u00a0\u00ad¡¿«»‹›‘’‚“”„–—…·•§°ªº£€©`;

/** For those who put Dateline among their programs: a drawing of ours, and how many pixels wide. */
const ICONS = [
  ["dateline", 192],
  ["dateline", 512],
  ["dateline-maskable", 512],
] as const;
const icons = join(root, "public", "icons");

/** Bundles the browser's TypeScript into public/js, when it is missing or older than what it is made from. */
export async function buildScripts(): Promise<void> {
  if (!(await isStale())) return;
  await mkdir(output, { recursive: true });
  await mkdir(fonts, { recursive: true });
  const files = (await Promise.all([...ENTRIES, ...CLASSIC].map(bundle))).flat();
  // Several servers may start at once; each writes whole files.
  const font = { path: join(fonts, FONT), contents: await smallerFont() };
  for (const { path, contents } of [...files, font, ...(await drawIcons())]) {
    await writeFile(`${path}.${process.pid}`, contents);
    await rename(`${path}.${process.pid}`, path);
  }
  const made = new Set(files.map(({ path }) => basename(path)));
  for (const old of await readdir(output))
    if (old.endsWith(".js") && !made.has(old)) await rm(join(output, old), { force: true });
}

async function smallerFont(): Promise<Buffer> {
  const { default: subsetFont } = await import("subset-font");
  return subsetFont(await readFile(fontSource), CHARACTERS, { targetFormat: "woff2", keepFeatures: ["kern", "liga"] });
}

function charactersFrom(first: number, last: number): string {
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, n) => first + n));
}

async function drawIcons(): Promise<{ path: string; contents: Buffer }[]> {
  // Only here: a server whose files are built has no use for it.
  const { default: sharp } = await import("sharp");
  return Promise.all(
    ICONS.map(async ([name, size]) => ({
      path: join(icons, `${name}-${size}.png`),
      contents: await sharp(join(icons, `${name}.svg`), { density: 72 * Math.ceil(size / 32) })
        .resize(size, size)
        .png()
        .toBuffer(),
    })),
  );
}

/** Our pages speak over websockets and poll by themselves: the library's other transports would be a tenth of the bundle. */
const websocketsAlone: Plugin = {
  name: "websockets-alone",
  setup(build) {
    build.onLoad({ filter: /engine\.io-client\/build\/esm\/transports\/index\.js$/ }, () => ({
      contents: 'import { WS as websocket } from "./websocket.js"; export const transports = { websocket };',
    }));
    // The library hands them on to whoever asks for them by name, and nobody does.
    build.onResolve({ filter: /^\.\/transports\/(polling|webtransport)/ }, async ({ path, ...from }) =>
      from.pluginData ? null : { ...(await build.resolve(path, { ...from, pluginData: true })), sideEffects: false },
    );
  },
};

/** Each by itself, so that no page has to fetch what it shares with another; what few need is a file of its own. */
async function bundle(entry: string): Promise<OutputFile[]> {
  const isClassic = CLASSIC.includes(entry);
  const { outputFiles } = await build({
    entryPoints: [join(scripts, entry)],
    outdir: output,
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: !isClassic,
    minify: true,
    format: isClassic ? "iife" : "esm",
    target: isClassic ? "es2019" : "es2022",
    legalComments: "none",
    write: false,
    // socket.io-client's debug logging would be a tenth of the bundle.
    alias: { debug: join(scripts, "no-debug.ts") },
    plugins: [websocketsAlone],
    logLevel: "silent",
  });
  return outputFiles;
}

async function isStale(): Promise<boolean> {
  const sources = [
    ...(await readdir(scripts, { recursive: true })).map((file) => join(scripts, file)),
    join(root, "server", "realtime", "protocol.ts"),
    ...ICONS.map(([name]) => join(icons, `${name}.svg`)),
    join(root, "package-lock.json"),
    import.meta.filename,
  ];
  const newest = Math.max(...(await Promise.all(sources.map(modified))));
  const outputs = [
    ...[...ENTRIES, ...CLASSIC].map((entry) => join(output, basename(entry, ".ts") + ".js")),
    join(fonts, FONT),
    ...ICONS.map(([name, size]) => join(icons, `${name}-${size}.png`)),
  ];
  const made = await Promise.all(outputs.map((path) => modified(path).catch(() => 0)));
  return made.some((time) => time < newest);
}

const modified = async (path: string): Promise<number> => (await stat(path)).mtimeMs;
