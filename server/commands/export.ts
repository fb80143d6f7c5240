import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { openAssets } from "../assets.ts";
import { buildScripts } from "../build.ts";
import { currentHistory, epochOf } from "../blogs/streams.ts";
import { command, readNameAndArguments, withDatabase } from "../command.ts";
import { readConfig } from "../config.ts";
import { openPictureStore } from "../media/store.ts";
import { archiveData, archivePage } from "../pages/archive.ts";
import { loadViews } from "../rendering/views.ts";
import { UsageError } from "../start-errors.ts";

const USAGE = "npm run export -- <slug> [--out <directory>]";
const root = join(import.meta.dirname, "..", "..");

/** Writes a blog into two files: <slug>.html, which opens from disk with all its pictures, and <slug>.json. */
await command(async () => {
  const { name: slug, out = "." } = readNameAndArguments(USAGE, { out: { type: "string" } });
  const config = readConfig(process.env);
  const directory = resolve(out);
  await buildScripts();
  const assets = await openAssets();
  await withDatabase(async (db) => {
    const blog = await db.selectFrom("blogs").selectAll().where("slug", "=", slug).executeTakeFirst();
    if (!blog) throw new UsageError(`There is no blog called ${slug}.`);
    const history = await currentHistory(db);
    const archivist = {
      db,
      views: loadViews(join(root, "views"), assets, config.siteName),
      epoch: (blogId: string) => epochOf(history, blogId),
      pictures: await openPictureStore(config, console.error),
      publicUrl: config.publicUrl ?? `http://localhost:${config.port}`,
    };
    await mkdir(directory, { recursive: true });
    await write(join(directory, `${slug}.html`), archivePage(archivist, blog, await withItsFont(assets.stylesheet)));
    await write(join(directory, `${slug}.json`), archiveData(archivist, blog));
  });
});

async function withItsFont(css: string): Promise<string> {
  const fonts = [...new Set(css.match(/\/fonts\/[\w-]+\.woff2/g))];
  const files = await Promise.all(fonts.map((path) => readFile(join(root, "public", path), "base64")));
  return fonts.reduce((all, path, n) => all.replaceAll(path, `data:font/woff2;base64,${files[n]}`), css);
}

/** All of it or nothing. */
async function write(path: string, parts: AsyncIterable<string>): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(parts, createWriteStream(part));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  console.log(path);
}
